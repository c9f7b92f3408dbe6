// /session/<id>: one session, followed until it is done.

import { deleteSession, showSession } from "./api.js";
import { byID, showState, showStatus, showText, showTitle } from "./dom.js";
import { formatDate, formatLanguage, formatLength } from "./format.js";
import { formatStatus, formatTitle, isStale } from "./format-session.js";
import { phrasesOf, showInsights } from "./insights.js";
import { forgetPeaks } from "./kept-peaks.js";
import { keepForOffline } from "./offline.js";
import { pause } from "./pace.js";
import { loadControls, Player } from "./player.js";
import { recordingOf } from "./recordings.js";
import { showTakes, silence } from "./takes-of-topic.js";
import { hasText, text, textsLoaded } from "./text.js";
import { showTranscript } from "./transcript.js";
import { untilVisible, wait } from "./wait.js";
import { offerWayBack } from "./way-back.js";

const main = byID("page");
const id = decodeURIComponent(location.pathname.split("/").at(-1));
const player = new Player(byID("audio"), (isTrouble) => {
  showText(byID("audio-message"), isTrouble ? text("session.noPlaying") : null);
});
let isDeleting = false; // by this page; stays so when it is done

async function start() {
  showState(main, "loading");
  try {
    const session = await showSession(id);
    show(session);
    showAudio(session);
    showState(main, "session");
    showTakes(session);
    await follow(session);
  } catch (error) {
    if (!isDeleting) showFailure(error);
  }
}

function show(session) {
  const { language, createdAt, transcript, insights, focusNext } = session;
  const title = formatTitle(session);
  document.title = text("session.titleOf", { topic: title });
  showTitle(byID("topic"), session, title);
  showStatus(byID("status"), session.status, formatStatus(session));
  byID("length").textContent = formatLength(session.durationSecs) ?? text("session.unknownLength");
  byID("language").textContent = formatLanguage(language);
  byID("created").textContent = formatDate(createdAt);
  byID("created").dateTime = createdAt;
  byID("progress").textContent = progressText(session);
  byID("focus").hidden = !focusNext;
  byID("focus-text").textContent = focusNext ?? "";
  const places = showTranscript(transcript, language, phrasesOf(insights));
  showInsights(insights, places, language);
}

function progressText(session) {
  const { status, errorMessage, insights } = session;
  if (status === "FAILED" && errorMessage) return errorMessage;
  if (status === "DONE" && insights.length === 0) return text("session.noInsights");
  if (isStale(session)) return text(status === "CREATED" ? "session.neverCame" : "session.long");
  return hasText(`progress.${status}`) ? text(`progress.${status}`) : "";
}

function showAudio(session) {
  const { audioUrl, audioDeletedAt } = session;
  const isThere = audioUrl !== null && audioDeletedAt === null;
  if (!isThere) {
    player.clear();
    const why = audioDeletedAt ? "session.audioDeleted" : "session.noAudio";
    showText(byID("audio-message"), text(why));
  } else if (!player.recording || byID("audio").error) { // else somebody may be listening
    showText(byID("audio-message"), null);
    player.show(recordingOf(session));
  }
}

// Following

/** Asks again and again, ever more rarely, while somebody looks and something may still change. */
async function follow(session) {
  byID("check").hidden = true;
  if (isStale(session)) return offerToCheck();
  const startedAt = performance.now();
  let lastStatus = session.status;
  while (!["DONE", "FAILED"].includes(lastStatus)) {
    const secs = pause((performance.now() - startedAt) / 1000);
    if (secs === null) {
      byID("progress").textContent = text("session.long");
      return offerToCheck();
    }
    await wait(secs);
    await untilVisible();
    if (isDeleting) continue;
    try {
      const next = await showSession(id);
      if (isDeleting) continue;
      if (next.status !== lastStatus) show(next);
      if (lastStatus === "CREATED") showAudio(next);
      lastStatus = next.status;
    } catch (error) {
      if (!error.isTemporary) throw error;
      byID("progress").textContent = error.message; // and it is asked again
    }
  }
}

function offerToCheck() {
  byID("check").hidden = false;
}

byID("check").onclick = start;

// What can go wrong

function showFailure(error) {
  if (error.status === 404) {
    document.title = text("session.missing");
    return showState(main, "missing");
  }
  byID("failure-title").textContent = text(error.isSignedOut ? "site.signedOut" : "session.failed");
  byID("failure").textContent = error.message;
  byID("again").textContent = text(error.isSignedOut ? "site.signIn" : "site.tryAgain");
  byID("again").onclick = error.isSignedOut ? () => location.reload() : start;
  showState(main, "failed");
}

// Deleting

const confirmation = byID("confirmation");

byID("delete").onclick = () => {
  showText(byID("deletion-error"), null);
  confirmation.showModal();
  byID("refrain").focus();
};

byID("refrain").onclick = () => confirmation.close();

byID("confirm").onclick = async () => {
  byID("confirm").disabled = isDeleting = true;
  try {
    await deleteSession(id);
  } catch (error) {
    // Gone is gone, whoever deleted it: another tab, or a first attempt whose answer got lost.
    isDeleting = error.status === 404;
    if (!isDeleting) return showText(byID("deletion-error"), error.message);
  } finally {
    byID("confirm").disabled = false;
  }
  confirmation.close();
  silence();
  player.clear();
  forgetPeaks(id);
  document.title = text("session.deleted");
  showState(main, "deleted");
  byID("deleted-title").focus();
};

// Back on it, the browser may show this page as it was left: deleted meanwhile, or finished.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

offerWayBack();
loadControls();
textsLoaded.then(start);
textsLoaded.then(keepForOffline);
