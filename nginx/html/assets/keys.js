// Keys for what is done most. They press the buttons that are there, so that whatever holds for a
// press holds for them.

import { byID } from "./dom.js";
import { recall, remember } from "./remembered.js";

const SWITCH = "keys";
const BUTTONS = {
  r: ["start", "stop"], " ": ["pause", "resume"], u: ["upload"], escape: ["cancel", "end-check"],
};
const SPOKEN = { r: "R", " ": "Space", u: "U", escape: "Escape" };

/**
 * Until they are switched off. They do nothing while anything but that element has the focus: it
 * has its own use for keys.
 */
export function listenToKeys(root) {
  const isOn = byID("keys");
  isOn.checked = recall(SWITCH) !== "off";
  isOn.onchange = () => {
    remember(SWITCH, isOn.checked ? "on" : "off");
    tell(isOn.checked);
  };
  tell(isOn.checked);
  document.addEventListener("keydown", (event) => {
    const button = isOn.checked && isForAll(event, root) ? buttonOf(event) : undefined;
    if (!button) return;
    event.preventDefault(); // Space would scroll
    if (!event.repeat) button.click();
  });
}

function tell(isOn) {
  for (const [key, ids] of Object.entries(BUTTONS)) {
    for (const button of ids.map(byID)) {
      if (isOn) button.setAttribute("aria-keyshortcuts", SPOKEN[key]);
      else button.removeAttribute("aria-keyshortcuts");
    }
  }
}

function isForAll(event, root) {
  const isModified = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey
    || event.getModifierState("AltGraph");
  const isFree = [null, document.body, document.documentElement, root]
    .includes(document.activeElement);
  const isTaken = event.defaultPrevented || event.isComposing
    || document.querySelector("dialog[open]");
  return isFree && !isModified && !isTaken;
}

function buttonOf({ key, code }) {
  // Where other letters are written, the key with that place.
  const isLatin = /^[a-z]$/i.test(key);
  const letter = code.match(/^Key([RU])$/)?.[1];
  const name = (isLatin ? key : letter ?? key).toLowerCase();
  return BUTTONS[name]?.map(byID).find((button) => !button.closest("[hidden]"));
}
