// The few things that every page does to its document.

/** The one element with that id. */
export const byID = (id) => document.getElementById(id);

/** A copy of what is in the template with that id. */
export const copyOf = (templateID) => byID(templateID).content.firstElementChild.cloneNode(true);

/** Shows the elements whose data-show names the state, and hides the others that have one. */
export function showState(root, state) {
  root.dataset.state = state;
  for (const element of root.querySelectorAll("[data-show]")) {
    element.hidden = !element.dataset.show.split(" ").includes(state);
  }
}

/** Sets the text, or hides the element where there is none. */
export function showText(element, text) {
  element.textContent = text ?? "";
  element.hidden = !text;
}

/** What a learner wrote, in the session's language; what the pages say where there is nothing. */
export function showTitle(element, session, title) {
  element.textContent = title;
  if (title === session.topic) element.lang = session.language;
  else element.removeAttribute("lang");
}

/** A badge that says how far a session is. */
export function showStatus(element, status, label) {
  element.textContent = label;
  element.dataset.status = status;
}
