// /: the user's sessions, newest first, a page at a time.

import { listSessions, pageURL } from "./api.js";
import { byID, copyOf, showState, showStatus, showTitle } from "./dom.js";
import { formatDate, formatLanguage, formatLength, formatStatus, formatTitle } from "./format.js";
import { countUnsentTakes } from "./takes.js";
import { text, textsLoaded } from "./text.js";

const SESSIONS_PER_PAGE = 10;

const main = byID("page");

async function show() {
  showState(main, "loading");
  const asked = Number(new URLSearchParams(location.search).get("page"));
  const page = Number.isSafeInteger(asked) && asked > 0 ? asked : 1;
  try {
    const { sessions, total } = await listSessions(page, SESSIONS_PER_PAGE);
    byID("sessions").replaceChildren(...sessions.map(row));
    showPaging(page, Math.ceil(total / SESSIONS_PER_PAGE));
    showState(main, sessions.length > 0 ? "list" : total > 0 ? "beyond" : "empty");
  } catch (error) {
    byID("failure-title").textContent = text(error.isSignedOut ? "site.signedOut" : "list.failed");
    byID("failure").textContent = error.message;
    byID("again").textContent = text(error.isSignedOut ? "site.signIn" : "site.tryAgain");
    byID("again").onclick = error.isSignedOut ? () => location.reload() : show;
    showState(main, "failed");
  }
}

function row(session) {
  const { id, status, durationSecs, language, createdAt } = session;
  const item = copyOf("session");
  item.querySelector("a").href = pageURL(id);
  showTitle(item.querySelector(".topic"), session, formatTitle(session));
  const about = [formatDate(createdAt), formatLength(durationSecs), formatLanguage(language)];
  item.querySelector(".about").replaceChildren(...about.filter(Boolean).map(fact));
  showStatus(item.querySelector(".status"), status, formatStatus(session));
  return item;
}

function fact(words) {
  const element = document.createElement("span");
  element.textContent = words;
  return element;
}

function showPaging(page, pages) {
  byID("position").textContent = text("list.page", { page, pages });
  for (const [id, target] of [["newer", page - 1], ["older", page + 1]]) {
    byID(id).href = `${location.origin}/?page=${target}`;
    byID(id).hidden = target < 1 || target > pages;
  }
  byID("paging").classList.toggle("single", pages < 2);
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

textsLoaded.then(() => Promise.all([show(), showUnsent()]));
