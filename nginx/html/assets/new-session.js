// /session/new: from the microphone to a take. What becomes of that comes with after-start.js.

import { aboutEntered, isTopicAsked, prepareAbout } from "./about.js";
import { byID } from "./dom.js";
import { formatDuration } from "./format.js";
import { Microphone } from "./microphone.js";
import {
  beginning, enter, leaveTake, obstacle, panel, showError, showFailure, showTimer, tell,
  warnIfNotKept,
} from "./panel.js";
import { ignoreStrayPresses, watchPresses } from "./presses.js";
import { Recorder } from "./recorder.js";
import { claim } from "./take-store.js";
import { MAX_BYTES, MIN_SECS, newTake, Takes } from "./takes.js";
import { Failure, text, textsLoaded } from "./text.js";

// One can record before the rest is there.
const later = import("./after-start.js").catch(() => {
  throw new Failure(text("site.incomplete"));
});
later.catch(() => {}); // is told by whoever waits for it

// Room for what comes between noticing that the limit is near and the last piece.
const SPARE_BYTES = 256 * 1024;

let microphone = null;
// What comes with the rest; null until then
let rest = null;
let check = null;
let voice = null;

byID("start").onclick = async () => {
  if (!["idle", "checking"].includes(panel.state)) return; // pressed twice
  showError(null);
  const checked = check?.handOver();
  enter("opening");
  try {
    panel.recorder = Recorder.of(checked ?? await microphone.open());
    record(newTake(panel.recorder.type, aboutEntered()));
  } catch (error) {
    return notOpened(error);
  }
  enter("recording");
  voice?.record(panel.recorder);
  watchRecording();
};

function notOpened(error) {
  voice?.stop();
  enter("idle");
  later.then(({ microphoneTrouble }) => showError(microphoneTrouble(error))).catch(showFailure);
}

/** All that comes from the recorder belongs to this take, whichever the page shows by then. */
function record(recorded) {
  panel.recorder.start({
    onChunk: (chunk) => keepChunk(recorded, chunk),
    onEnd: (isWanted) => recordingEnded(recorded, isWanted),
  });
  claim(recorded);
  panel.take = recorded;
}

function keepChunk(recorded, chunk) {
  recorded.type = panel.recorder.type;
  recorded.durationSecs = panel.recorder.seconds;
  if (voice) recorded.peaks = voice.peaks;
  panel.takes.append(recorded, chunk).then(warnIfNotKept);
  if (recorded.byteCount > MAX_BYTES - SPARE_BYTES) {
    panel.recorder.stop();
    showError(text("state.full"));
  }
}

function watchRecording() {
  const timer = setInterval(() => {
    if (!["recording", "paused"].includes(panel.state)) return clearInterval(timer);
    byID("timer").textContent = formatDuration(panel.recorder.seconds);
    rest?.showTab();
    if (voice && panel.state === "recording") tell(voice.words);
  }, 200);
}

byID("pause").onclick = () => {
  panel.recorder.pause();
  voice?.pause();
  enter("paused");
};

byID("resume").onclick = () => {
  panel.recorder.resume();
  voice?.resume();
  enter("recording");
};

byID("stop").onclick = () => panel.recorder.stop();

async function recordingEnded(recorded, isWanted) {
  enter("reading");
  voice?.stop();
  Object.assign(recorded, aboutEntered(), { durationSecs: panel.recorder.seconds });
  if (recorded.durationSecs < MIN_SECS || recorded.byteCount === 0) {
    await panel.takes.remove(recorded);
    panel.take = null;
    showTimer(0);
    enter("idle");
    showError(text("state.tooShort"));
    return;
  }
  await panel.takes.update(recorded);
  try {
    const { offer } = await later;
    await offer(recorded, isWanted ? undefined : text("state.microphoneGone"));
  } catch (error) {
    leaveTake();
    enter(beginning());
    showFailure(error);
  }
}

byID("check").onclick = () => {
  later.then(() => check.begin().catch(notOpened)).catch(showFailure);
};

byID("file").onchange = ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file) later.then(({ takeFile }) => takeFile(file)).catch(showFailure);
};

byID("save").onclick = async () => {
  try {
    const { saveToDevice } = await later;
    saveToDevice(panel.take, await panel.takes.sound(panel.take));
  } catch (error) {
    showFailure(error);
  }
};

function aboutChanged(about) {
  if (!panel.take || panel.take.sentAt) return;
  panel.takes.update(Object.assign(panel.take, about));
}

// Coming and going

window.addEventListener("beforeunload", (event) => {
  const { state, takes, uploads } = panel;
  const isUnderWay = ["recording", "paused"].includes(state) || uploads?.areUnderWay;
  const isKept = !takes || takes.areKept || takes.othersThan(null).length === 0;
  if (state !== "uploaded" && (isUnderWay || !isKept)) event.preventDefault();
});

// Back from the session's page the browser may show this page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

async function start() {
  [panel.takes] = await Promise.all([Takes.open(), textsLoaded]);
  microphone = new Microphone({
    onChange: () => check?.microphoneChosen(),
    onOpen: () => rest?.noteAllowed(),
  });
  prepareAbout(aboutChanged);
  showTimer(0);
  for (const id of ["start", "file"]) byID(id).disabled = false;
  const [left] = isTopicAsked() ? [] : panel.takes.othersThan(null);
  if (!left) enter(beginning());
  rest = await later;
  prepareRest();
  if (left) await rest.offerLeftOver(left);
  rest.keepForOffline();
  warnIfNotKept();
  rest.loadControls();
}

function prepareRest() {
  voice = new rest.Voice();
  check = new rest.MicrophoneCheck(microphone, voice);
  rest.prepareFinishedTake();
  if (["recording", "paused"].includes(panel.state)) voice.record(panel.recorder);
  if (panel.state === "paused") voice.pause();
  if (panel.recorder) rest.noteAllowed();
  if (!obstacle) rest.tellWhatIsAsked();
  rest.listenToKeys(panel.root);
}

ignoreStrayPresses(panel.root);
watchPresses(panel.root);
ignoreStrayPresses(byID("unsent"));
byID("sign-in-link").href = `${location.origin}/session/new`;
start().catch(showFailure);
