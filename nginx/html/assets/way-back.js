// From a place in the transcript back to the insight that led there.

import { byID } from "./dom.js";

const back = byID("back");
let place = null; // the link that was followed

/** Offers the way back once a link to a place was followed. */
export function offerWayBack() {
  byID("insight-list").addEventListener("click", (event) => {
    place = event.target.closest(".place") ?? place;
    back.hidden = place === null;
  });
  back.onclick = () => {
    back.hidden = true;
    location.replace("#"); // the place is marked no more
    place.focus();
    place = null;
  };
}
