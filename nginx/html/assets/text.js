// The texts of the pages, in the language that language.js has settled, and what went wrong in them.
//
// A text may have {names} in it, and {30} is a number as the language writes it; one that counts has
// a form for each of the language's plural categories. No top-level await here: Safari runs importers of such a module too early.

const ATTRIBUTES = ["aria-label", "placeholder"];

const RIGHT_TO_LEFT_LETTER =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

const root = document.documentElement;
let texts = {};

/** Resolves once `text` can be called and the page is in its language. */
export const textsLoaded = load().catch(neverLoaded);

/** The page's language, with the region that the browser wants: for dates and numbers. */
export function locale() {
  return navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === root.lang)
    ?? root.lang;
}

/** Whether there is a text with that key. */
export const hasText = (key) => key in texts;

/** The text with that key and the values in it; `count` decides which form of a plural. */
export function text(key, values = {}) {
  const entry = texts[key];
  const form = typeof entry === "object"
    ? entry[new Intl.PluralRules(root.lang).select(values.count)] ?? entry.other
    : entry;
  return form.replace(/\{(\w+)\}/g, (_, name) => shown(values[name] ?? Number(name)));
}

function shown(value) {
  return typeof value === "number" ? new Intl.NumberFormat(locale()).format(value) : apart(value);
}

/** A topic or a file's name may run the other way: what is around it stays in its order. */
function apart(value) {
  const mayTurn = root.dir === "rtl" || RIGHT_TO_LEFT_LETTER.test(value);
  return mayTurn ? `\u2068${value}\u2069` : value;
}

/** What went wrong, in words for people. Any other error is a fault of these pages. */
export class Failure extends Error {}

/** What to tell of it: never a fault of our own as somebody else's. */
export function wordsFor(error) {
  if (error instanceof Failure) return error.message;
  console.error(error);
  return text("site.fault", { reason: error.name });
}

async function load() {
  try {
    ({ default: texts } = await import(`./text/${root.lang}.js`));
  } catch {
    Object.assign(root, { lang: "en", dir: "ltr" });
    ({ default: texts } = await import("./text/en.js"));
  }
  if (root.lang !== "en") translate(document);
  delete root.dataset.awaits;
  showLanguages();
}

/** The network was lost. The page says so itself, and nothing can be done on it. */
function neverLoaded(error) {
  console.error(error);
  root.dataset.incomplete = "";
  return new Promise(() => {});
}

function translate(part) {
  for (const element of part.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const name of ATTRIBUTES) {
    for (const element of part.querySelectorAll(`[data-text-${name}]`)) {
      element.setAttribute(name, text(element.getAttribute(`data-text-${name}`)));
    }
  }
  for (const template of part.querySelectorAll("template")) translate(template.content);
}

function showLanguages() {
  const buttons = Object.entries(window.pageLanguages).map(([language, name]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", lang: language, textContent: name });
    button.className = "quiet";
    if (language === root.lang) button.setAttribute("aria-current", "true");
    button.onclick = () => window.choosePageLanguage(language);
    return button;
  });
  document.getElementById("languages").replaceChildren(...buttons);
}
