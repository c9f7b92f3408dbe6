// A finished take on the panel: heard, discarded, sent; or a file in its place.

import { aboutEntered, showAbout } from "./about.js";
import { pageURL } from "./api.js";
import { readAudioFile } from "./audio-file.js";
import { byID } from "./dom.js";
import { receiveFiles } from "./dropping.js";
import { formatDate, formatSize } from "./format.js";
import { beginning, enter, leaveTake, panel, showError, showFailure, showTimer } from "./panel.js";
import { Player } from "./player.js";
import { recordingOfTake } from "./recordings.js";
import { tabTitle } from "./tab-title.js";
import { claim } from "./take-store.js";
import { newTake } from "./takes.js";
import { text, wordsFor } from "./text.js";
import { UnsentList } from "./unsent-list.js";
import { showUpload } from "./upload-view.js";
import { isForgotten } from "./uploader.js";
import { Uploads } from "./uploads.js";

let preview = null; // its player
let unsentList = null;
let sound = null; // its Blob
let discarded = null; // { take, sound } for undoing

/** From now on takes can be offered, and files be taken. */
export function prepareFinishedTake() {
  byID("player-style").disabled = false;
  preview = new Player(byID("preview"));
  panel.uploads = new Uploads(panel.takes, uploadChanged);
  unsentList = new UnsentList(panel.takes, panel.uploads, showLeftOver);
  panel.onChange = panelChanged;
  panelChanged();
  receiveFiles(panel.root, canTakeFile, takeFile);
  document.addEventListener("visibilitychange", lookForOthers);
}

function panelChanged() {
  const { state, take, takes } = panel;
  if (state === "recording") discarded = null;
  if (!take) {
    preview.clear();
    sound = null;
  }
  byID("undo").hidden = !(state === "idle" && discarded);
  byID("keep").hidden = !(state === "stopped" && takes.areKept);
  showUnsent();
  showTab();
}

export function showTab() {
  const { state, take, recorder, uploads } = panel;
  document.title = tabTitle(state, recorder?.seconds, uploads.of(take));
}

function showUnsent() {
  const { state, take, takes } = panel;
  unsentList.update(take, state === beginning() || (state === "stopped" && takes.areKept));
}

/** Does what puts a take on show. It takes a while, in which nothing else can be begun. */
async function whileReading(work) {
  showError(null);
  enter("reading");
  try {
    await work();
  } catch (error) {
    enter(beginning());
    showFailure(error);
  }
}

export async function offer(take, message) {
  sound = await panel.takes.sound(take);
  panel.take = take;
  showAbout(take);
  showTimer(take.durationSecs);
  preview.show(await recordingOfTake(take, sound));
  enter("stopped", message);
}

/** One that an earlier page has left. */
export async function offerLeftOver(take) {
  const about = { date: formatDate(take.recordedAt), size: formatSize(take.byteCount) };
  await offer(take, text(isForgotten(take) ? "state.maybeSentTake" : "state.unsentTake", about));
}

function showLeftOver(take) {
  panel.uploads.forget(take);
  whileReading(() => offerLeftOver(take));
}

byID("discard").onclick = () => {
  discarded = { take: panel.take, sound };
  panel.takes.remove(panel.take);
  leaveTake();
  enter(beginning(), text("state.discarded"));
};

byID("undo").onclick = () => {
  const { take, sound: itsSound } = discarded;
  discarded = null;
  whileReading(async () => {
    await panel.takes.add(take, itsSound);
    await offer(take);
  });
};

byID("keep").onclick = () => {
  leaveTake();
  enter(beginning());
};

// A file instead

const canTakeFile = () => panel.state === beginning();

export function takeFile(file) {
  // The browser's dialog may have stayed open while something else was begun.
  if (!canTakeFile()) return showError(text("state.busy"));
  whileReading(() => offerFile(file));
}

async function offerFile(file) {
  const { sound: itsSound, type, durationSecs } = await readAudioFile(file);
  const chosen = { ...newTake(type, aboutEntered()), durationSecs };
  claim(chosen);
  await panel.takes.add(chosen, itsSound);
  discarded = null;
  const isKnown = durationSecs !== null;
  const about = { name: file.name, size: formatSize(itsSound.size) };
  await offer(chosen, text(isKnown ? "state.readyToUpload" : "state.unknownLength", about));
}

// Uploading

byID("upload").onclick = () => {
  preview.pause();
  showError(null);
  enter("uploading");
  panel.uploads.add(panel.take);
};

byID("cancel").onclick = () => panel.uploads.cancel(panel.take);
byID("hurry").onclick = () => panel.uploads.hurry(panel.take);

/** The upload goes on; the page is free for the next take. */
byID("meanwhile").onclick = () => {
  leaveTake();
  enter(beginning());
};

function uploadChanged(changed) {
  const { state, take, takes, uploads } = panel;
  const progress = uploads.of(changed);
  if (changed !== take || state !== "uploading") {
    showUnsent();
    announce(changed, progress);
  } else if (progress === null || progress.step === "failed") {
    enter("stopped", takes.areKept ? text("state.kept") : "");
    if (progress) showFailure(progress.error);
  } else if (progress.step === "done") {
    uploaded(progress.id);
  } else {
    showUpload(progress, take.byteCount);
    showTab();
  }
}

/** To those who do not see the list. */
function announce(changed, progress) {
  if (!["failed", "done"].includes(progress?.step)) return;
  const words = progress.step === "done" ? text("unsent.done") : wordsFor(progress.error);
  byID("unsent-news").textContent = `${changed.topic || text("site.untitled")}: ${words}`;
}

function uploaded(id) {
  if (panel.uploads.areUnderWay) {
    leaveTake(); // leaving the page would end the others
    enter(beginning());
  } else {
    enter("uploaded");
    location.assign(pageURL(id));
  }
}

async function lookForOthers() {
  if (document.hidden) return;
  await panel.takes.refresh();
  showUnsent();
}
