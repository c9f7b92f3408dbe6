// What pressing a button means when the state changes by it: other controls are where those of before
// were, and the one that was pressed may be gone.

const SETTLING_MILLISECONDS = 700;

const timers = new WeakMap(); // by element
let isByFocus = true;

/**
 * Lets the buttons in that element do nothing for a moment. The second half of a double click, or
 * Enter held down, was not meant for them.
 */
export function settle(root) {
  root.dataset.settling = "";
  clearTimeout(timers.get(root));
  timers.set(root, setTimeout(() => delete root.dataset.settling, SETTLING_MILLISECONDS));
}

/** Watches over the buttons in that element. */
export function ignoreStrayPresses(root) {
  root.addEventListener("click", (event) => {
    const isSecond = event.detail > 1 && !event.target.closest(".player"); // where many are meant
    if (isButton(event) && ("settling" in root.dataset || isSecond)) {
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
