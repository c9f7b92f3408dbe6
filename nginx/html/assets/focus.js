// Where the focus goes when the button that was pressed is gone.

let isByFocus = true;

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
