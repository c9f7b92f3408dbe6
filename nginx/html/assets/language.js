// The language of the page, settled before anything is painted: the one that was chosen here, or
// the first of the browser's list that we have. No module: those run when the page is there, and
// not at all where the browser is too old for them, which is told from here.

/** By their own names. The texts of each are in text/<tag>.js; English also stands in the pages. */
window.pageLanguages = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  pt: "Português",
  ja: "日本語",
  ar: "العربية",
};

(() => {
  const CHOICE = "speaking-sessions-language";
  const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];
  const PATIENCE_MILLISECONDS = 3000;
  const root = document.documentElement;

  /** What was chosen, if the browser keeps such things. */
  function chosen() {
    try {
      return localStorage.getItem(CHOICE);
    } catch (error) {
      return null;
    }
  }

  window.choosePageLanguage = (language) => {
    try {
      localStorage.setItem(CHOICE, language);
    } catch (error) {
      return; // then the browser's list decides again
    }
    location.reload();
  };

  // The youngest of what the scripts use. Their syntax is older.
  const isNewEnough = "AbortSignal" in window && "throwIfAborted" in AbortSignal.prototype
    && "at" in Array.prototype && "HTMLDialogElement" in window;
  if (!isNewEnough) root.dataset.old = "";

  const wanted = [chosen(), ...navigator.languages].filter(Boolean);
  const language = wanted
    .map((tag) => tag.toLowerCase().split("-")[0])
    .find((tag) => tag in window.pageLanguages) || "en";
  root.lang = language;
  root.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";

  // Beside this file, whose address may have a version in it.
  const early = document.createElement("link");
  early.rel = "modulepreload";
  early.href = document.currentScript.src.replace("language.js", `text/${language}.js`);
  document.head.append(early);
  if (language === "en") return;

  // The English of the page is not shown first, unless the other is late.
  root.dataset.awaits = "text";
  setTimeout(() => delete root.dataset.awaits, PATIENCE_MILLISECONDS);
})();
