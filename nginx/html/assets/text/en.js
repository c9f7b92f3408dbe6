// English. Where a text also stands in a page it is the same.

export default {
  "site.name": "Speaking Sessions",
  "site.pages": "Pages",
  "site.mySessions": "My sessions",
  "site.newSession": "New session",
  "site.languages": "Language of these pages",
  "site.tryAgain": "Try Again",
  "site.signIn": "Sign In",
  "site.signedOut": "You are signed out",
  "site.incomplete":
    "This page did not come whole. Load it again: what you recorded is kept.",
  "site.fault": "Something in this page went wrong ({reason}). Reload it to go on.",
  "site.old":
    "This browser is too old for these pages. They work in Safari 15.4, Chrome 100, Edge 100, "
    + "Firefox 98, and whatever is newer.",
  "site.show": "Show",
  "site.untitled": "Untitled session",
  "site.unsent": {
    one: "{count} recording has not been uploaded yet.",
    other: "{count} recordings have not been uploaded yet.",
  },

  "list.title": "My Speaking Sessions",
  "list.heading": "My Sessions",
  "list.new": "New Session",
  "list.loading": "Loading your sessions…",
  "list.emptyHeading": "Nothing here yet",
  "list.empty": "Record yourself speaking, and get a transcript and feedback on how you said it.",
  "list.first": "Record Your First Session",
  "list.beyond": "No sessions on this page",
  "list.newest": "Go to the newest",
  "list.failed": "Your sessions cannot be shown",
  "list.paging": "Paging",
  "list.newer": "Newer",
  "list.older": "Older",
  "list.page": "Page {page} of {pages}",
  "list.topic": "Topic",
  "list.any": "Any",
  "list.found": { one: "{count} session found", other: "{count} sessions found" },
  "list.clear": "Show All",
  "list.none": "Nothing found",
  "list.noneText": "None of your sessions has all that you are looking for.",

  "new.title": "New Speaking Session",
  "new.panel": "Recording",
  "new.insecureHeading": "HTTPS is needed",
  "new.insecure":
    "Browsers record only on pages that came over HTTPS. Open this page with https:// at the front "
    + "of its address, or upload an audio file instead.",
  "new.unsupportedHeading": "Browser Not Supported",
  "new.unsupported":
    "Your browser does not support audio recording. Please use a modern browser like Chrome, Edge, "
    + "Firefox, or Safari, or upload an audio file instead.",
  "new.about": "About this session",
  "new.topic": "Topic",
  "new.optional": "(optional)",
  "new.topicHint": "What will you talk about?",
  "new.language": "Language",
  "new.length": "Length",
  "new.preview": "Your recording",
  "new.upload": "Upload",
  "new.signIn": "Sign in again",
  "new.start": "Start Speaking Session",
  "new.check": "Check the Microphone",
  "new.endCheck": "End the Check",
  "new.stop": "Stop Session",
  "new.pause": "Pause",
  "new.resume": "Resume",
  "new.send": "Upload & Analyze",
  "new.discard": "Discard & Retry",
  "new.hurry": "Try Now",
  "new.cancel": "Cancel",
  "new.undo": "Undo",
  "new.save": "Save to Device",
  "new.meanwhile": "Record Another Meanwhile",
  "new.keep": "Keep It and Record Another",
  "new.limit": "You can speak for about an hour and a half.",
  "new.drop": "Drop the audio file here",
  "new.file": "Or upload an audio file:",
  "new.settings": "Microphone and keys",

  "tab.recording": "{time} · Recording",
  "tab.paused": "{time} · Paused",
  "tab.uploading": "{percent} · Uploading",
  "tab.waiting": "Waiting to upload",
  "tab.uploaded": "Uploaded",

  "keys.on": "Use these keys:",
  "keys.record": "start, or end, the recording",
  "keys.space": "Space",
  "keys.pause": "pause, or go on",
  "keys.upload": "upload the recording",
  "keys.escape": "Esc",
  "keys.cancel": "cancel the upload, or end the check of the microphone",
  "keys.when": "They do nothing while you type, or while a button or field is selected.",

  "unsent.others": "Other recordings",
  "unsent.sendAll": "Upload All",
  "unsent.open": "Open",
  "unsent.play": "Play",
  "unsent.save": "Save",
  "unsent.discard": "Discard",
  "unsent.sending": "Uploading: {percent}",
  "unsent.done": "Uploaded.",
  "unsent.maybeSent": "May have been uploaded already: see My sessions.",
  "unsent.elsewhere": {
    one: "{count} recording is open in another tab.",
    other: "{count} recordings are open in another tab.",
  },

  "state.idle": "Press the button to start your speaking session",
  "state.opening": "Allow this page to use your microphone",
  "state.recording": "Speaking... take your time",
  "state.paused": "Paused. Resume whenever you are ready.",
  "state.reading": "Reading your recording...",
  "state.stopped": "Session complete! Ready to upload.",
  "state.checking": "Say something. Nothing is recorded yet.",
  "state.heard": "We hear you well. Nothing is recorded yet.",
  "state.unmeasured":
    "This browser cannot show how loud you are. Record a moment, and listen to it.",
  "state.silent": "We cannot hear you. Is the right microphone switched on?",
  "state.quiet": "We can hardly hear you. Come closer to the microphone, or speak up.",
  "state.loud": "That is too loud, and will sound distorted. Move back from the microphone.",
  "state.discarded": "Recording discarded.",
  "state.readyToUpload": "{name} ({size}): ready to upload.",
  "state.unknownLength":
    "{name} ({size}): ready to upload. This browser cannot tell how long it is.",
  "state.kept": "Your recording is kept in this browser.",
  "state.uploading": "Uploading... please wait",
  "state.uploaded": "Uploaded. Opening the session...",
  "state.notKept":
    "This browser keeps nothing: leave the page open until your recording is uploaded.",
  "state.full":
    "The recording was ended: after more than an hour and a half it is as long as it can be.",
  "state.tooShort": "That was too short. Speak for at least a second.",
  "state.microphoneGone": "The microphone went away. What you said until then is here.",
  "state.unsentTake": "Your recording of {date} ({size}) has not been uploaded yet.",
  "state.maybeSentTake":
    "Your recording of {date} ({size}) may have been uploaded already: see My sessions.",
  "state.busy": "Finish this one first, then choose the file again.",

  "microphone.asking":
    "Your browser will ask whether this page may use the microphone: choose to allow it. It is on "
    + "only while you record or check it.",
  "microphone.blocked": "The microphone is blocked for this page.",
  "microphone.dismissed":
    "The browser has asked for the microphone, and got no answer. Try again, and allow it.",
  "microphone.system":
    "The system does not let this browser use the microphone. Allow it in the system's settings, "
    + "under privacy, then try again.",
  "microphone.missing": "No microphone was found. Plug one in, then try again.",
  "microphone.busy": "The microphone is in use by another program, or it does not work.",
  "microphone.failed": "The recording could not be started ({reason}).",
  "microphone.choice": "Microphone",
  "microphone.default": "Default microphone",
  "microphone.processing": "Remove echo and noise, and even out the loudness",
  "microphone.gone":
    "“{name}” is not connected. Until it is, recordings are made with the default microphone.",
  "microphone.back": "“{name}” is connected again, and used from the next recording on.",

  // How each browser takes that back.
  "blocked.chromium":
    "Click the icon in front of the address, switch the microphone on, then try again.",
  "blocked.chromiumPhone":
    "Tap the icon in front of the address, then Permissions, allow the microphone, and try again. "
    + "If it is not there, allow it for the browser in the phone's settings.",
  "blocked.firefox":
    "Click the crossed-out microphone in front of the address, take the block away, then try "
    + "again.",
  "blocked.firefoxPhone":
    "Tap the lock in front of the address, allow the microphone, then try again.",
  "blocked.safari":
    "In the menu Safari choose Settings for this Website, allow the microphone, then try again.",
  "blocked.ios":
    "Tap the button in front of the address, then Website Settings, allow the microphone, and try "
    + "again.",
  "blocked.iosApp":
    "Open the Settings of the device, choose this browser, and allow the microphone.",
  "blocked.other": "Allow it in the browser's address bar or settings, then try again.",

  "file.empty": "This file is empty.",
  "file.noAudio":
    "This is not an audio file. These are taken: MP3, M4A, WAV, WebM, Ogg, Opus, FLAC, AAC, AIFF, "
    + "CAF, AMR, WMA, 3GP, MOV.",
  "file.unreadable": "This file cannot be read. Has it been moved or changed? Choose it again.",
  "file.video": "This is a video. Only sound can be uploaded.",
  "file.tooLarge": "This recording has {size}. At most {limit} can be uploaded.",

  "upload.queued": "Waiting for its turn.",
  "upload.sent": "{sent} of {size} sent ({percent})",
  "upload.saving": "All sent. The server is saving it.",
  "upload.againOnline": "Trying again once you are online.",
  "upload.againIn": "Trying again in {wait}.",

  "unit.kibibytes": "{number} KiB",
  "unit.mebibytes": "{number} MiB",
  "unit.seconds": "{count} s",
  "unit.minutes": { one: "{count} minute", other: "{count} minutes" },

  "session.title": "Speaking Session",
  "session.titleOf": "{topic} · Speaking Session",
  "session.loading": "Loading the session…",
  "session.missing": "No such session",
  "session.missingText": "It may have been deleted, or it belongs to somebody else.",
  "session.deleted": "Session deleted",
  "session.deletedText": "The recording, its transcript and its insights are gone.",
  "session.failed": "The session cannot be shown",
  "session.status": "Status",
  "session.length": "Length",
  "session.unknownLength": "unknown",
  "session.language": "Language",
  "session.uploaded": "Uploaded",
  "session.check": "Check Again",
  "session.recording": "Recording",
  "session.player": "The recording",
  "session.noPlaying": "The recording cannot be played now.",
  "session.audioDeleted": "The recording has expired and was deleted.",
  "session.noAudio": "There is no recording yet.",
  "session.focus": "Focus next time",
  "session.insights": "Insights",
  "session.transcript": "Transcript",
  "session.words": { one: "{count} word", other: "{count} words" },
  "session.frequency": "{category} · {count}×",
  "session.said": "You said",
  "session.better": "Better",
  "session.place": "In the transcript",
  "session.back": "Back to the Insight",
  "session.again": "Record It Again",
  "session.noInsights": "Done. The analysis has found nothing to tell you about this one.",
  "session.notFinished": "Not finished",
  "session.neverCame":
    "The recording has never arrived. If it is still in the browser that made it, you can upload it "
    + "again there.",
  "session.long": "This takes longer than usual.",
  "session.delete": "Delete Session",
  "session.deleteHeading": "Delete this session?",
  "session.deleteText": "The recording, its transcript and its insights will be gone for good.",
  "session.confirm": "Delete",
  "session.refrain": "Keep",

  "takes.heading": "Your takes of this topic",
  "takes.playAll": "Play All",
  "takes.stop": "Stop",
  "takes.play": "Play",
  "takes.this": "this one",

  "player.play": "Play",
  "player.pause": "Pause",
  "player.place": "Position",
  "player.position": "{position} of {length}",
  "player.back": "Back 5 s",
  "player.backBy": "5 s",
  "player.speed": "Speed",
  "player.times": "{factor}×",
  "player.loopFrom": "Repeat from Here",
  "player.loopTo": "Repeat to Here",
  "player.loopClear": "Stop Repeating",
  "player.loopBegun": "Repeats from {from}: say where to end.",
  "player.loops": "Repeats from {from} to {to}.",
  "player.save": "Save",

  "progress.CREATED": "The recording is being received.",
  "progress.UPLOADED": "Uploaded. The transcript usually starts within 30 seconds.",
  "progress.TRANSCRIBING": "What you said is being written down.",
  "progress.ANALYZING": "What you said is being analyzed.",
  "progress.FAILED": "Something went wrong with this session.",

  "status.CREATED": "Receiving",
  "status.UPLOADED": "Uploaded",
  "status.TRANSCRIBING": "Transcribing",
  "status.ANALYZING": "Analyzing",
  "status.DONE": "Done",
  "status.FAILED": "Failed",

  "severity.high": "Work on this first",
  "severity.medium": "Work on this next",
  "severity.low": "When you have time",

  "unavailable.title": "We will be right back",
  "unavailable.text":
    "The server does not answer at the moment. What you recorded is kept in this browser.",
  "unavailable.again": "Try again",
  "signedOut.title": "You are not signed in",
  "signedOut.text": "Your recordings are private, so we need to know who you are.",
  "signedOut.signIn": "Sign in",
  "notFound.title": "There is nothing here",
  "notFound.text": "The address may be mistyped, or the page has moved.",

  // What the server may answer, by its codes. Its own words are for what is not here.
  "server.NO_ANSWER": "The server cannot be reached. Are you online?",
  "server.UNREADABLE":
    "Something else answered in the server's place. Does this network want you to sign in?",
  "server.UNKNOWN": "The server answered with status {status}.",
  "server.UNAUTHORIZED": "You are signed out. Sign in first.",
  "server.RATE_LIMITED": "Too many uploads for now. Try again later.",
  "server.OVERLOADED": "The server has too much to do. Try again later.",
  "server.UNAVAILABLE": "The service is not available. Try again later.",
  "server.STORAGE_UNAVAILABLE": "Recordings cannot be stored at the moment. Try again later.",
  "server.DATABASE_UNAVAILABLE": "The service is not available. Try again later.",
  "server.INSUFFICIENT_STORAGE": "The server has no room at the moment. Try again later.",
  "server.TIMEOUT": "The server took too long to answer. Try again later.",
  "server.REQUEST_TIMEOUT": "The upload took too long to arrive. Try again.",
  "server.INTERNAL_ERROR": "Something went wrong on our side.",
  "server.IDEMPOTENCY_IN_PROGRESS": "The first try is still being saved.",
  "server.SESSION_NOT_FOUND": "There is no such session.",
};
