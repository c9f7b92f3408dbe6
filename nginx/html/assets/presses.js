// What pressing a button means when the state changes by it: other controls are where those of before
// were, and the one that was pressed may be gone.

const SETTLING_MILLISECONDS = 700;

const resting = new WeakMap(); // elements: { timer, end }, by the clock of events
let isByFocus = true;

/**
 * Lets the buttons in that element do nothing for a moment. The second half of a double click, or
 * Enter held down, was not meant for them.
 */
export function settle(root) {
  root.dataset.settling = "";
  clearTimeout(resting.get(root)?.timer);
  const timer = setTimeout(() => delete root.dataset.settling, SETTLING_MILLISECONDS);
  const { timeStamp: now } = new Event("settle");
  resting.set(root, { timer, end: now + SETTLING_MILLISECONDS });
}

/** When it was pressed counts, too: a busy page may hear of it when the rest is over. */
const isTooEarly = (event, root) =>
  "settling" in root.dataset || event.timeStamp < (resting.get(root)?.end ?? 0);

/** Watches over the buttons in that element. */
export function ignoreStrayPresses(root) {
  root.addEventListener("click", (event) => {
    const isSecond = event.detail > 1 && !event.target.closest(".player"); // where many are meant
    if (isButton(event) && (isTooEarly(event, root) || isSecond)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
  root.addEventListener("keydown", (event) => {
    const isPress = event.key === "Enter" || event.key === " ";
    if (isPress && event.repeat && isButton(event)) event.preventDefault();
  }, true);
}

const isButton = (event) => event.target.closest("button") !== null;

/** Watches by what the buttons in that element are pressed. */
export function watchPresses(root) {
  root.addEventListener("click", ({ isTrusted, detail }) => {
    isByFocus = isTrusted && detail === 0;
  }, true);
}

/**
 * Whoever goes from button to button, by the keyboard or by a screen reader, goes on from the next
 * one. For others none is chosen: Space would press one of which nothing is seen.
 */
export function focusNext(button, root) {
  if (isByFocus) button.focus();
  else root.focus({ preventScroll: true });
}
