// What /session/new does not need to begin a recording. It comes when one can.

export { pageURL } from "./api.js";
export { readAudioFile } from "./audio-file.js";
export { receiveFiles } from "./dropping.js";
export { listenToKeys } from "./keys.js";
export { MicrophoneCheck } from "./microphone-check.js";
export { microphoneTrouble } from "./microphone-trouble.js";
export { keepForOffline } from "./offline.js";
export { noteAllowed, tellWhatIsAsked } from "./permission.js";
export { loadControls, Player } from "./player.js";
export { recordingOfTake } from "./recordings.js";
export { saveToDevice } from "./saving.js";
export { tabTitle } from "./tab-title.js";
export { UnsentList } from "./unsent-list.js";
export { showUpload } from "./upload-view.js";
export { Uploads } from "./uploads.js";
export { Voice } from "./voice.js";
