// The panel of the recorder: the state that it is in, the take on it, and what it tells.
//
// It is always in one state, which says what is on it: loading, insecure, unsupported, idle,
// opening (the microphone), checking (what it hears), recording, paused, reading (a take, or a file),
// stopped (a take is there), uploading, uploaded.

import { clearAbout } from "./about.js";
import { byID, showState, showText } from "./dom.js";
import { formatDuration, formatLength } from "./format.js";
import { focusNext, settle } from "./presses.js";
import { recordingObstacle } from "./recorder.js";
import { hasText, text, wordsFor } from "./text.js";

const FOCUS = {
  idle: "start", checking: "start", recording: "stop", paused: "resume",
  stopped: "upload", uploading: "cancel",
};

export const obstacle = recordingObstacle();

export const panel = {
  root: byID("panel"),
  state: "loading",
  takes: null,
  take: null, // what is recorded, shown or sent
  recorder: null,
  uploads: null,
  onChange: () => {}, // of the state
};

/** The state in which something can be begun. */
export const beginning = () => obstacle ?? "idle";

export function enter(newState, message = messageOf(newState)) {
  const isFirst = panel.state === "loading";
  if (!isFirst && newState !== panel.state) settle(panel.root);
  panel.state = newState;
  showState(panel.root, newState);
  byID("message").textContent = message;
  const isFixed = ["reading", "uploading"].includes(newState) || Boolean(panel.take?.sentAt);
  byID("about").disabled = isFixed;
  byID("hurry").hidden = true;
  panel.onChange();
  if (!isFirst && FOCUS[newState]) focusNext(byID(FOCUS[newState]), panel.root);
}

function messageOf(state) {
  return hasText(`state.${state}`) ? text(`state.${state}`) : "";
}

/** The message is read out, so it is set only when it changes. */
export function tell(message) {
  if (byID("message").textContent !== message) byID("message").textContent = message;
}

export function leaveTake() {
  panel.take = null;
  clearAbout();
  showTimer(0);
  showError(null);
}

export function showTimer(seconds) {
  byID("timer").textContent = seconds === 0 ? formatDuration(0) : formatLength(seconds) ?? "-:--";
}

export function showFailure(error) {
  showError(wordsFor(error), error.isSignedOut);
}

export function showError(words, isSignedOut = false) {
  showText(byID("error"), words);
  byID("sign-in").hidden = !isSignedOut;
}

export function warnIfNotKept() {
  if (!panel.takes.areKept) showError(text("state.notKept"));
}
