// When the state changes, other controls are where those of before were. The second half of a
// double click, or Enter held down, was not meant for them.

const SETTLING_MILLISECONDS = 700;

let timer = null;

/** Lets the buttons in that element do nothing for a moment. */
export function settle(root) {
  root.dataset.settling = "";
  clearTimeout(timer);
  timer = setTimeout(() => delete root.dataset.settling, SETTLING_MILLISECONDS);
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
