// What is looked for in the list of sessions: in the form, and in the page's address, so that it
// outlives a reload and a look at a session.

import { byID } from "./dom.js";
import { formatLanguage } from "./format.js";
import { formatStatus } from "./format-session.js";
import { locale } from "./text.js";

const TYPING_MILLISECONDS = 300;
const MAX_CHARACTERS = 100; // the server takes no more

const FIELDS = { q: "search-topic", status: "search-status", language: "search-language" };

const form = byID("search");
let timer = null;

/** What the address asks for. */
export function filterOfAddress() {
  const asked = new URLSearchParams(location.search);
  return tidied(Object.fromEntries(Object.keys(FIELDS).map((name) => [name, asked.get(name)])));
}

/** The address of that page of what the filter leaves, relative to this page's. */
export function addressOf(filter, page = 1) {
  const asked = new URLSearchParams(page > 1 ? { ...filter, page } : filter).toString();
  return asked ? `/?${asked}` : "/";
}

/**
 * Fills the form and follows it: calls `onChange` with each filter that is asked for, once somebody
 * has stopped typing.
 */
export function startFilter(onChange) {
  const wanted = filterOfAddress();
  nameOptions(byID("search-status"), (status) => formatStatus({ status }), wanted.status);
  nameOptions(byID("search-language"), formatLanguage, wanted.language);
  fill(wanted);
  const change = () => {
    clearTimeout(timer);
    onChange(entered());
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    change();
  };
  byID("search-topic").oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(change, TYPING_MILLISECONDS);
  };
  byID("search-status").onchange = byID("search-language").onchange = change;
  for (const button of document.querySelectorAll(".clear")) {
    button.onclick = () => {
      fill({});
      change();
      byID("search-topic").focus();
    };
  }
}

function fill(filter) {
  for (const [name, id] of Object.entries(FIELDS)) byID(id).value = filter[name] ?? "";
}

function entered() {
  return tidied(Object.fromEntries(
    Object.entries(FIELDS).map(([name, id]) => [name, byID(id).value])));
}

/** Without what is empty, and without what the server refuses. */
function tidied(filter) {
  const pairs = Object.entries(filter).map(([name, value]) => {
    const plain = (value ?? "").replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
    return [name, [...plain].slice(0, MAX_CHARACTERS).join("")];
  });
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

/** The page has them in English. One that only the address knows can be chosen as well. */
function nameOptions(select, nameOf, wanted) {
  const all = select.options[0];
  const others = [...select.options].slice(1);
  if (wanted && !others.some(({ value }) => value === wanted)) others.push(new Option("", wanted));
  for (const option of others) option.textContent = nameOf(option.value);
  if (select.id === "search-language") {
    others.sort((first, second) => first.text.localeCompare(second.text, locale()));
  }
  select.replaceChildren(all, ...others);
}
