// What /session/new does not need to begin a recording. It comes when one can.

export { pageURL } from "./api.js";
export { readAudioFile } from "./audio-file.js";
export { keepForOffline } from "./offline.js";
export { loadControls, Player } from "./player.js";
export { recordingOfTake } from "./recordings.js";
export { saveToDevice } from "./saving.js";
export { UnsentList } from "./unsent-list.js";
export { showUpload } from "./upload-view.js";
export { Uploads } from "./uploads.js";
