// What /session/new does not need to begin a recording. It comes when one can.

export { offer, offerLeftOver, prepareFinishedTake, showTab, takeFile } from "./finished-take.js";
export { listenToKeys } from "./keys.js";
export { MicrophoneCheck } from "./microphone-check.js";
export { microphoneTrouble } from "./microphone-trouble.js";
export { keepForOffline } from "./offline.js";
export { noteAllowed, tellWhatIsAsked } from "./permission.js";
export { loadControls } from "./player.js";
export { saveToDevice } from "./saving.js";
export { Voice } from "./voice.js";
