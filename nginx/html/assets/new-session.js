// /session/new: from the microphone, or a file, to an uploaded session.
//
// The panel is always in one state, which says what is on it: loading, insecure, unsupported, idle,
// opening (the microphone), checking (what it hears), recording, paused, reading (a take, or a file),
// stopped (a take is there), uploading, uploaded.

import { aboutEntered, clearAbout, isTopicAsked, prepareAbout, showAbout } from "./about.js";
import { byID, showState, showText } from "./dom.js";
import { Failure, wordsFor } from "./failure.js";
import { formatDate, formatDuration, formatLength, formatSize } from "./format.js";
import { Microphone } from "./microphone.js";
import { focusNext, ignoreStrayPresses, settle, watchPresses } from "./presses.js";
import { Recorder, recordingObstacle, switchOff } from "./recorder.js";
import { claim, newTakeID } from "./take-store.js";
import { isForgotten, MAX_BYTES, MIN_SECS, Takes } from "./takes.js";
import { hasText, text, textsLoaded } from "./text.js";

// One can record before the rest is there.
const later = import("./after-start.js").catch(() => {
  throw new Failure(text("site.incomplete"));
});
later.catch(() => {}); // is told by whoever waits for it

// Room for what comes between noticing that the limit is near and the last piece.
const SPARE_BYTES = 256 * 1024;

const FOCUS = {
  idle: "start", checking: "start", recording: "stop", paused: "resume",
  stopped: "upload", uploading: "cancel",
};

const panel = byID("panel");
const obstacle = recordingObstacle();

let takes = null;
let microphone = null;
// What comes with the rest; null until then
let rest = null;
let preview = null; // the player of what is stopped
let uploads = null;
let unsentList = null;
let check = null;
let voice = null;
let state = "loading";
let recorder = null;
let take = null; // what is recorded, shown or sent
let sound = null; // the finished take's Blob
let discarded = null; // { take, sound } for undoing

function enter(newState, message = messageOf(newState)) {
  const isFirst = state === "loading";
  if (!isFirst && newState !== state) settle(panel);
  state = newState;
  showState(panel, state);
  byID("message").textContent = message;
  byID("about").disabled = ["reading", "uploading"].includes(state) || Boolean(take?.sentAt);
  byID("hurry").hidden = true;
  byID("undo").hidden = !(state === "idle" && discarded);
  byID("keep").hidden = !(state === "stopped" && takes.areKept);
  showUnsent();
  showTab();
  if (!isFirst && FOCUS[state]) focusNext(byID(FOCUS[state]), panel);
}

function messageOf(someState) {
  return hasText(`state.${someState}`) ? text(`state.${someState}`) : "";
}

function showTab() {
  if (rest) document.title = rest.tabTitle(state, recorder?.seconds, uploads?.of(take) ?? null);
}

function showFailure(error) {
  showError(wordsFor(error), error.isSignedOut);
}

function showError(words, isSignedOut = false) {
  showText(byID("error"), words);
  byID("sign-in").hidden = !isSignedOut;
}

function warnIfNotKept() {
  if (takes.areKept) return;
  showError(text("state.notKept"));
}

function beginning() {
  return obstacle ?? "idle";
}

// Recording

byID("start").onclick = async () => {
  if (!["idle", "checking"].includes(state)) return; // pressed twice
  showError(null);
  discarded = null;
  const checked = check?.handOver();
  enter("opening");
  try {
    recorder = Recorder.of(checked ?? await microphone.open());
    record(newTake(recorder.type));
  } catch (error) {
    return notOpened(error);
  }
  enter("recording");
  voice?.record(recorder);
  watchRecording();
};

function notOpened(error) {
  voice?.stop();
  enter("idle");
  later.then(({ microphoneTrouble }) => showError(microphoneTrouble(error))).catch(showFailure);
}

/** All that comes from the recorder belongs to this take, whichever the page shows by then. */
function record(recorded) {
  recorder.start({
    onChunk: (chunk) => keepChunk(recorded, chunk),
    onEnd: (isWanted) => recordingEnded(recorded, isWanted),
  });
  claim(recorded);
  take = recorded;
}

function newTake(type) {
  const id = newTakeID();
  const size = { durationSecs: 0, byteCount: 0 };
  return { id, type, ...aboutEntered(), ...size, recordedAt: Date.now(), sentAt: null };
}

function keepChunk(recorded, chunk) {
  recorded.type = recorder.type;
  recorded.durationSecs = recorder.seconds;
  if (voice) recorded.peaks = voice.peaks;
  takes.append(recorded, chunk).then(warnIfNotKept);
  if (recorded.byteCount > MAX_BYTES - SPARE_BYTES) {
    recorder.stop();
    showError(text("state.full"));
  }
}

function watchRecording() {
  const timer = setInterval(() => {
    if (state !== "recording" && state !== "paused") return clearInterval(timer);
    byID("timer").textContent = formatDuration(recorder.seconds);
    showTab();
    if (state === "recording") tellOfVoice();
  }, 200);
}

/** It is read out, so it is set only when it changes. */
function tellOfVoice() {
  const words = voice?.words;
  if (words && byID("message").textContent !== words) byID("message").textContent = words;
}

byID("check").onclick = () => {
  if (state === "idle") listen();
};

async function listen() {
  showError(null);
  enter("opening");
  try {
    await later;
    voice.check(await check.start());
  } catch (error) {
    return notOpened(error);
  }
  enter("checking");
  const timer = setInterval(() => {
    if (state !== "checking") return clearInterval(timer);
    tellOfVoice();
  }, 200);
}

byID("end-check").onclick = () => check.end();

function checkEnded() {
  voice.stop();
  enter("idle");
}

/** What is checked is what would be recorded. */
async function microphoneChosen() {
  if (state !== "checking") return;
  try {
    const stream = await check.start();
    if (state === "checking") voice.check(stream);
    else switchOff(check.handOver()); // it was ended, or recording begun, meanwhile
  } catch (error) {
    check.end();
    showError(rest.microphoneTrouble(error));
  }
}

byID("pause").onclick = () => {
  recorder.pause();
  voice?.pause();
  enter("paused");
};

byID("resume").onclick = () => {
  recorder.resume();
  voice?.resume();
  enter("recording");
};

byID("stop").onclick = () => recorder.stop();

async function recordingEnded(recorded, isWanted) {
  enter("reading");
  voice?.stop();
  Object.assign(recorded, aboutEntered(), { durationSecs: recorder.seconds });
  if (recorded.durationSecs < MIN_SECS || recorded.byteCount === 0) {
    await takes.remove(recorded);
    take = null;
    showTimer(0);
    enter("idle");
    showError(text("state.tooShort"));
    return;
  }
  await takes.update(recorded);
  try {
    await offer(recorded, isWanted ? undefined : text("state.microphoneGone"));
  } catch (error) {
    leaveTake();
    enter(beginning());
    showFailure(error);
  }
}

// The finished take

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

async function offer(offered, message) {
  const { recordingOfTake } = await later;
  sound = await takes.sound(offered);
  take = offered;
  showAbout(take);
  showTimer(take.durationSecs);
  preview.show(await recordingOfTake(take, sound));
  enter("stopped", message);
}

function leaveTake() {
  preview?.clear();
  clearAbout();
  [take, sound] = [null, null];
  showTimer(0);
  showError(null);
}

byID("discard").onclick = () => {
  discarded = { take, sound };
  takes.remove(take);
  leaveTake();
  enter(beginning(), text("state.discarded"));
};

byID("undo").onclick = () => {
  const { take: back, sound: itsSound } = discarded;
  discarded = null;
  whileReading(async () => {
    await takes.add(back, itsSound);
    await offer(back);
  });
};

byID("keep").onclick = () => {
  leaveTake();
  enter(beginning());
};

byID("save").onclick = async () => {
  try {
    const { saveToDevice } = await later;
    saveToDevice(take, await takes.sound(take));
  } catch (error) {
    showFailure(error);
  }
};

function showUnsent() {
  const canShow = state === beginning() || (state === "stopped" && takes.areKept);
  unsentList?.update(take, canShow);
}

function showLeftOver(left) {
  uploads.forget(left);
  whileReading(() => offer(left, leftOver(left)));
}

function leftOver(left) {
  const about = { date: formatDate(left.recordedAt), size: formatSize(left.byteCount) };
  return text(isForgotten(left) ? "state.maybeSentTake" : "state.unsentTake", about);
}

function aboutChanged(about) {
  if (!take || take.sentAt) return;
  takes.update(Object.assign(take, about));
}

function showTimer(seconds) {
  byID("timer").textContent = seconds === 0 ? formatDuration(0) : formatLength(seconds) ?? "-:--";
}

// A file instead

byID("file").onchange = ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file) fileChosen(file);
};

const canTakeFile = () => state === beginning();

function fileChosen(file) {
  // The browser's dialog may have stayed open while something else was begun.
  if (!canTakeFile()) return showError(text("state.busy"));
  whileReading(() => offerFile(file));
}

async function offerFile(file) {
  const { readAudioFile } = await later;
  const { sound: itsSound, type, durationSecs } = await readAudioFile(file);
  const chosen = { ...newTake(type), durationSecs };
  claim(chosen);
  await takes.add(chosen, itsSound);
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
  uploads.add(take);
};

byID("cancel").onclick = () => uploads.cancel(take);
byID("hurry").onclick = () => uploads.hurry(take);

/** The upload goes on; the page is free for the next take. */
byID("meanwhile").onclick = () => {
  leaveTake();
  enter(beginning());
};

function uploadChanged(changed) {
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
    rest.showUpload(progress, take.byteCount);
    showTab();
  }
}

/** To those who do not see the list. */
function announce(changed, progress) {
  if (!["failed", "done"].includes(progress?.step)) return;
  const words = progress.step === "done" ? text("unsent.done") : wordsFor(progress.error);
  byID("unsent-news").textContent = `${changed.topic || text("site.untitled")}: ${words}`;
}

async function uploaded(id) {
  if (uploads.areUnderWay) {
    leaveTake(); // leaving the page would end the others
    enter(beginning());
  } else {
    enter("uploaded");
    const { pageURL } = await later;
    location.assign(pageURL(id));
  }
}

// Coming and going

window.addEventListener("beforeunload", (event) => {
  const isUnderWay = ["recording", "paused"].includes(state) || uploads?.areUnderWay;
  const isKept = !takes || takes.areKept || takes.othersThan(null).length === 0;
  if (state !== "uploaded" && (isUnderWay || !isKept)) event.preventDefault();
});

// Back from the session's page the browser may show this page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

async function start() {
  [takes] = await Promise.all([Takes.open(), textsLoaded]);
  microphone = new Microphone({
    onChange: microphoneChosen,
    onOpen: () => rest?.noteAllowed(),
  });
  prepareAbout(aboutChanged);
  showTimer(0);
  for (const id of ["start", "file"]) byID(id).disabled = false;
  const [left] = isTopicAsked() ? [] : takes.othersThan(null);
  if (!left) enter(beginning());
  rest = await later;
  byID("player-style").disabled = false;
  prepareRest();
  if (left) await offer(left, leftOver(left));
  else showUnsent();
  rest.keepForOffline();
  warnIfNotKept();
  rest.loadControls();
}

function prepareRest() {
  preview = new rest.Player(byID("preview"));
  uploads = new rest.Uploads(takes, uploadChanged);
  unsentList = new rest.UnsentList(takes, uploads, showLeftOver);
  check = new rest.MicrophoneCheck(microphone, checkEnded);
  voice = new rest.Voice();
  if (["recording", "paused"].includes(state)) voice.record(recorder);
  if (state === "paused") voice.pause();
  if (recorder) rest.noteAllowed();
  if (!obstacle) rest.tellWhatIsAsked();
  rest.listenToKeys(panel);
  rest.receiveFiles(panel, canTakeFile, fileChosen);
}

document.addEventListener("visibilitychange", async () => {
  if (document.hidden || !unsentList) return;
  await takes.refresh();
  showUnsent();
});

ignoreStrayPresses(panel);
watchPresses(panel);
ignoreStrayPresses(byID("unsent"));
byID("sign-in-link").href = `${location.origin}/session/new`;
start().catch(showFailure);
