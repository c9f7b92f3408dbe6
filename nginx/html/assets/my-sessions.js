// /: the user's sessions, newest first, a page at a time; all of them, or what is looked for.

import { listSessions } from "./api.js";
import { countUnsentTakes } from "./count-unsent.js";
import { byID, showState } from "./dom.js";
import { isStale } from "./format-session.js";
import { addressOf, filterOfAddress, startFilter } from "./list-filter.js";
import { pause } from "./pace.js";
import { showRows } from "./session-rows.js";
import { text, textsLoaded, wordsFor } from "./text.js";
import { untilHidden, untilVisible, wait } from "./wait.js";

const SESSIONS_PER_PAGE = 10;

const main = byID("page");
let latest = 0; // counts what was asked for: answers that come late are not shown

async function show() {
  const asked = latest += 1;
  const question = questionOfAddress();
  byID("sessions").setAttribute("aria-busy", "true");
  try {
    const answer = await listSessions(question);
    if (asked !== latest) return;
    showAnswer(answer, question);
    follow(asked, answer, question);
  } catch (error) {
    if (asked === latest) showFailure(error);
  } finally {
    if (asked === latest) byID("sessions").removeAttribute("aria-busy");
  }
}

function questionOfAddress() {
  const asked = Number(new URLSearchParams(location.search).get("page"));
  const page = Number.isSafeInteger(asked) && asked > 0 ? asked : 1;
  return { page, limit: SESSIONS_PER_PAGE, ...filterOfAddress() };
}

function showAnswer({ sessions, total }, { page, limit, ...filter }) {
  const isFiltered = Object.keys(filter).length > 0;
  showRows(sessions);
  showPaging(filter, page, Math.ceil(total / limit));
  tell(isFiltered ? text("list.found", { count: total }) : "");
  byID("clear").hidden = !isFiltered || total === 0;
  if (isFiltered || total > 1) byID("search").hidden = false; // one needs no looking for
  const without = isFiltered ? "none" : "empty";
  showState(main, sessions.length > 0 ? "list" : total > 0 ? "beyond" : without);
}

/** What is set again would be read out again. */
function tell(words) {
  if (byID("found").textContent !== words) byID("found").textContent = words;
}

function showPaging(filter, page, pages) {
  byID("position").textContent = text("list.page", { page, pages });
  for (const [id, target] of [["newer", page - 1], ["older", page + 1]]) {
    byID(id).href = location.origin + addressOf(filter, target);
    byID(id).hidden = target < 1 || target > pages;
  }
  byID("newest").href = location.origin + addressOf(filter);
  byID("paging").classList.toggle("single", pages < 2);
}

function showFailure(error) {
  tell("");
  byID("clear").hidden = true;
  byID("failure-title").textContent = text(error.isSignedOut ? "site.signedOut" : "list.failed");
  byID("failure").textContent = wordsFor(error);
  byID("again").textContent = text(error.isSignedOut ? "site.signIn" : "site.tryAgain");
  byID("again").onclick = error.isSignedOut ? () => location.reload() : showFromNothing;
  showState(main, "failed");
}

function showFromNothing() {
  showState(main, "loading");
  show();
}

function filterChanged(filter) {
  // Relative, as what the browser has may hold a password.
  history.replaceState(null, "", addressOf(filter));
  show();
}

// Following

const mayChange = (session) => !["DONE", "FAILED"].includes(session.status) && !isStale(session);

/** Asks again, ever more rarely, while somebody looks and something may still change. */
async function follow(asked, { sessions }, question) {
  let startedAt = performance.now();
  while (sessions.some(mayChange)) {
    const secs = pause((performance.now() - startedAt) / 1000);
    await (secs === null ? untilHidden() : wait(secs));
    const wasHidden = document.hidden;
    await untilVisible();
    if (wasHidden) startedAt = performance.now(); // somebody who comes back wants to know
    if (asked !== latest) return;
    try {
      const answer = await listSessions(question);
      if (asked !== latest) return;
      showAnswer(answer, question);
      ({ sessions } = answer);
    } catch (error) {
      if (!error.isTemporary) return; // what is shown is still good to look at
    }
  }
}

async function showUnsent() {
  const count = await countUnsentTakes();
  byID("unsent").hidden = count === 0;
  byID("unsent-text").textContent = text("site.unsent", { count });
}

// Back on it, the browser may show this page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

async function start() {
  await textsLoaded;
  startFilter(filterChanged);
  await Promise.all([showFromNothing(), showUnsent()]);
}

start();
