// Deutsch.

export default {
  "site.name": "Sprechübungen",
  "site.pages": "Seiten",
  "site.mySessions": "Meine Übungen",
  "site.newSession": "Neue Übung",
  "site.languages": "Sprache dieser Seiten",
  "site.tryAgain": "Noch einmal versuchen",
  "site.signIn": "Anmelden",
  "site.signedOut": "Du bist abgemeldet",
  "site.incomplete":
    "Diese Seite kam nicht vollständig an. Lade sie neu: Was du aufgenommen hast, bleibt.",
  "site.fault": "Auf dieser Seite ist etwas schiefgegangen ({reason}). Lade sie neu.",
  "site.old":
    "Dieser Browser ist zu alt für diese Seiten. Sie gehen in Safari 15.4, Chrome 100, Edge 100, "
    + "Firefox 98 und allem, was neuer ist.",
  "site.show": "Anzeigen",
  "site.untitled": "Übung ohne Thema",
  "site.unsent": {
    one: "{count} Aufnahme ist noch nicht hochgeladen.",
    other: "{count} Aufnahmen sind noch nicht hochgeladen.",
  },

  "list.title": "Meine Sprechübungen",
  "list.heading": "Meine Übungen",
  "list.new": "Neue Übung",
  "list.loading": "Deine Übungen werden geladen …",
  "list.emptyHeading": "Noch nichts da",
  "list.empty":
    "Nimm auf, was du sagst: du bekommst eine Niederschrift und Hinweise, wie du es gesagt hast.",
  "list.first": "Erste Übung aufnehmen",
  "list.beyond": "Auf dieser Seite sind keine Übungen",
  "list.newest": "Zu den neuesten",
  "list.failed": "Deine Übungen können nicht angezeigt werden",
  "list.paging": "Blättern",
  "list.newer": "Neuere",
  "list.older": "Ältere",
  "list.page": "Seite {page} von {pages}",
  "list.topic": "Thema",
  "list.any": "Alle",
  "list.found": { one: "{count} Übung gefunden", other: "{count} Übungen gefunden" },
  "list.clear": "Alle anzeigen",
  "list.none": "Nichts gefunden",
  "list.noneText": "Keine deiner Übungen hat alles, was du suchst.",

  "new.title": "Neue Sprechübung",
  "new.panel": "Aufnahme",
  "new.insecureHeading": "Hier fehlt HTTPS",
  "new.insecure":
    "Browser nehmen nur auf Seiten auf, die über HTTPS kommen. Öffne diese Seite mit https:// am "
    + "Anfang der Adresse, oder lade eine Audiodatei hoch.",
  "new.unsupportedHeading": "Dieser Browser reicht nicht",
  "new.unsupported":
    "Dein Browser kann keinen Ton aufnehmen. Nimm einen neueren, etwa Chrome, Edge, Firefox oder "
    + "Safari, oder lade eine Audiodatei hoch.",
  "new.about": "Über diese Übung",
  "new.topic": "Thema",
  "new.optional": "(freiwillig)",
  "new.topicHint": "Worüber wirst du sprechen?",
  "new.language": "Sprache",
  "new.length": "Länge",
  "new.preview": "Deine Aufnahme",
  "new.upload": "Hochladen",
  "new.signIn": "Wieder anmelden",
  "new.start": "Sprechübung beginnen",
  "new.check": "Mikrofon prüfen",
  "new.endCheck": "Prüfung beenden",
  "new.stop": "Übung beenden",
  "new.pause": "Pause",
  "new.resume": "Weiter",
  "new.send": "Hochladen und auswerten",
  "new.discard": "Verwerfen und neu beginnen",
  "new.hurry": "Jetzt versuchen",
  "new.cancel": "Abbrechen",
  "new.undo": "Rückgängig",
  "new.save": "Auf dem Gerät sichern",
  "new.meanwhile": "Währenddessen noch eine aufnehmen",
  "new.keep": "Behalten und noch eine aufnehmen",
  "new.limit": "Du kannst etwa anderthalb Stunden sprechen.",
  "new.drop": "Hier die Audiodatei ablegen",
  "new.file": "Oder lade eine Audiodatei hoch:",
  "new.settings": "Mikrofon und Tasten",

  "tab.recording": "{time} · Aufnahme",
  "tab.paused": "{time} · Pause",
  "tab.uploading": "{percent} · Wird hochgeladen",
  "tab.waiting": "Wartet auf das Hochladen",
  "tab.uploaded": "Hochgeladen",

  "keys.on": "Diese Tasten benutzen:",
  "keys.record": "Aufnahme beginnen oder beenden",
  "keys.space": "Leertaste",
  "keys.pause": "Pause machen oder weiter aufnehmen",
  "keys.upload": "Aufnahme hochladen",
  "keys.escape": "Esc",
  "keys.cancel": "Hochladen abbrechen oder Mikrofonprüfung beenden",
  "keys.when": "Sie tun nichts, während du schreibst oder ein Knopf oder Feld ausgewählt ist.",

  "unsent.others": "Andere Aufnahmen",
  "unsent.sendAll": "Alle hochladen",
  "unsent.open": "Öffnen",
  "unsent.play": "Abspielen",
  "unsent.save": "Sichern",
  "unsent.discard": "Verwerfen",
  "unsent.sending": "Wird hochgeladen: {percent}",
  "unsent.done": "Hochgeladen.",
  "unsent.maybeSent": "Vielleicht schon hochgeladen: sieh in Meine Übungen.",
  "unsent.elsewhere": {
    one: "{count} Aufnahme ist in einem anderen Tab offen.",
    other: "{count} Aufnahmen sind in einem anderen Tab offen.",
  },

  "state.idle": "Drücke auf den Knopf, um deine Sprechübung zu beginnen",
  "state.opening": "Erlaube dieser Seite dein Mikrofon",
  "state.recording": "Sprich … lass dir Zeit",
  "state.paused": "Pause. Mach weiter, wann du willst.",
  "state.reading": "Deine Aufnahme wird gelesen …",
  "state.stopped": "Geschafft! Bereit zum Hochladen.",
  "state.checking": "Sag etwas. Noch wird nichts aufgenommen.",
  "state.heard": "Wir hören dich gut. Noch wird nichts aufgenommen.",
  "state.unmeasured":
    "Wie laut du bist, kann dieser Browser nicht zeigen. Nimm etwas auf, und hör es dir an.",
  "state.silent": "Wir hören dich nicht. Ist das richtige Mikrofon an?",
  "state.quiet": "Wir hören dich kaum. Komm näher ans Mikrofon, oder sprich lauter.",
  "state.loud": "Das ist zu laut und klingt dann verzerrt. Geh etwas weg vom Mikrofon.",
  "state.discarded": "Aufnahme verworfen.",
  "state.readyToUpload": "{name} ({size}): bereit zum Hochladen.",
  "state.unknownLength":
    "{name} ({size}): bereit zum Hochladen. Wie lang es ist, kann dieser Browser nicht sagen.",
  "state.kept": "Deine Aufnahme bleibt in diesem Browser.",
  "state.uploading": "Wird hochgeladen … bitte warte",
  "state.uploaded": "Hochgeladen. Die Übung wird geöffnet …",
  "state.notKept":
    "Dieser Browser behält nichts: lass die Seite offen, bis deine Aufnahme hochgeladen ist.",
  "state.full":
    "Die Aufnahme wurde beendet: nach über anderthalb Stunden ist sie so lang, wie sie sein kann.",
  "state.tooShort": "Das war zu kurz. Sprich mindestens eine Sekunde.",
  "state.microphoneGone": "Das Mikrofon ist weg. Was du bis dahin gesagt hast, ist hier.",
  "state.unsentTake": "Deine Aufnahme von {date} ({size}) ist noch nicht hochgeladen.",
  "state.maybeSentTake":
    "Deine Aufnahme von {date} ({size}) ist vielleicht schon hochgeladen: sieh in Meine Übungen.",
  "state.busy": "Mach erst diese fertig, dann wähle die Datei noch einmal.",

  "microphone.asking":
    "Dein Browser wird fragen, ob diese Seite das Mikrofon benutzen darf: erlaube es. Es ist nur "
    + "an, während du aufnimmst oder es prüfst.",
  "microphone.blocked": "Das Mikrofon ist für diese Seite gesperrt.",
  "microphone.dismissed":
    "Der Browser hat nach dem Mikrofon gefragt und keine Antwort bekommen. Versuche es noch "
    + "einmal, und erlaube es.",
  "microphone.system":
    "Das System lässt diesen Browser nicht ans Mikrofon. Erlaube es in den Einstellungen des "
    + "Systems, unter Datenschutz, dann versuche es noch einmal.",
  "microphone.missing":
    "Es ist kein Mikrofon da. Schließe eines an, dann versuche es noch einmal.",
  "microphone.busy": "Ein anderes Programm benutzt das Mikrofon, oder es ist kaputt.",
  "microphone.failed": "Die Aufnahme konnte nicht beginnen ({reason}).",
  "microphone.choice": "Mikrofon",
  "microphone.default": "Standardmikrofon",
  "microphone.processing": "Echo und Rauschen entfernen, Lautstärke ausgleichen",
  "microphone.gone":
    "„{name}“ ist nicht angeschlossen. Bis dahin wird mit dem Standardmikrofon aufgenommen.",
  "microphone.back": "„{name}“ ist wieder da und gilt ab der nächsten Aufnahme.",

  "blocked.chromium":
    "Klicke auf das Symbol vor der Adresse, schalte das Mikrofon ein, dann versuche es noch "
    + "einmal.",
  "blocked.chromiumPhone":
    "Tippe auf das Symbol vor der Adresse, dann auf Berechtigungen, erlaube das Mikrofon, und "
    + "versuche es noch einmal. Steht es nicht da, erlaube es dem Browser in den Einstellungen des "
    + "Telefons.",
  "blocked.firefox":
    "Klicke auf das durchgestrichene Mikrofon vor der Adresse, hebe die Sperre auf, dann versuche "
    + "es noch einmal.",
  "blocked.firefoxPhone":
    "Tippe auf das Schloss vor der Adresse, erlaube das Mikrofon, dann versuche es noch einmal.",
  "blocked.safari":
    "Wähle im Menü Safari die Einstellungen für diese Website, erlaube das Mikrofon, dann versuche "
    + "es noch einmal.",
  "blocked.ios":
    "Tippe auf den Knopf vor der Adresse, dann auf Website-Einstellungen, erlaube das Mikrofon, "
    + "und versuche es noch einmal.",
  "blocked.iosApp":
    "Öffne die Einstellungen des Geräts, wähle diesen Browser, und erlaube das Mikrofon.",
  "blocked.other":
    "Erlaube es in der Adresszeile oder den Einstellungen des Browsers, dann versuche es noch "
    + "einmal.",

  "file.empty": "Diese Datei ist leer.",
  "file.noAudio":
    "Das ist keine Audiodatei. Möglich sind: MP3, M4A, WAV, WebM, Ogg, Opus, FLAC, AAC, AIFF, CAF, "
    + "AMR, WMA, 3GP, MOV.",
  "file.unreadable":
    "Diese Datei ist nicht lesbar. Wurde sie verschoben oder geändert? Wähle sie noch einmal.",
  "file.video": "Das ist ein Video. Nur Ton kann hochgeladen werden.",
  "file.tooLarge": "Diese Aufnahme hat {size}. Höchstens {limit} können hochgeladen werden.",

  "upload.queued": "Wartet, bis sie dran ist.",
  "upload.sent": "{sent} von {size} gesendet ({percent})",
  "upload.saving": "Alles gesendet. Der Server speichert es.",
  "upload.againOnline": "Neuer Versuch, sobald du online bist.",
  "upload.againIn": "Neuer Versuch in {wait}.",

  "unit.kibibytes": "{number} KiB",
  "unit.mebibytes": "{number} MiB",
  "unit.seconds": "{count} s",
  "unit.minutes": { one: "{count} Minute", other: "{count} Minuten" },

  "session.title": "Sprechübung",
  "session.titleOf": "{topic} · Sprechübung",
  "session.loading": "Die Übung wird geladen …",
  "session.missing": "Diese Übung gibt es nicht",
  "session.missingText": "Vielleicht wurde sie gelöscht, oder sie gehört jemand anderem.",
  "session.deleted": "Übung gelöscht",
  "session.deletedText": "Die Aufnahme, ihre Niederschrift und die Hinweise sind fort.",
  "session.failed": "Die Übung kann nicht angezeigt werden",
  "session.status": "Stand",
  "session.length": "Länge",
  "session.unknownLength": "unbekannt",
  "session.language": "Sprache",
  "session.uploaded": "Hochgeladen",
  "session.check": "Noch einmal nachsehen",
  "session.recording": "Aufnahme",
  "session.player": "Die Aufnahme",
  "session.noPlaying": "Die Aufnahme kann jetzt nicht abgespielt werden.",
  "session.audioDeleted": "Die Aufnahme ist abgelaufen und wurde gelöscht.",
  "session.noAudio": "Es gibt noch keine Aufnahme.",
  "session.focus": "Beim nächsten Mal",
  "session.insights": "Hinweise",
  "session.transcript": "Niederschrift",
  "session.words": { one: "{count} Wort", other: "{count} Wörter" },
  "session.frequency": "{category} · {count}×",
  "session.said": "Gesagt",
  "session.better": "Besser",
  "session.place": "In der Niederschrift",
  "session.back": "Zurück zum Hinweis",
  "session.again": "Noch einmal aufnehmen",
  "session.noInsights": "Fertig. Die Auswertung hat hierzu nichts gefunden.",
  "session.notFinished": "Unvollständig",
  "session.neverCame":
    "Die Aufnahme ist nie angekommen. Wenn sie noch in dem Browser ist, der sie aufgenommen hat, "
    + "kannst du sie dort noch einmal hochladen.",
  "session.long": "Das dauert länger als sonst.",
  "session.delete": "Übung löschen",
  "session.deleteHeading": "Diese Übung löschen?",
  "session.deleteText":
    "Die Aufnahme, ihre Niederschrift und die Hinweise sind dann für immer fort.",
  "session.confirm": "Löschen",
  "session.refrain": "Behalten",

  "takes.heading": "Deine Aufnahmen zu diesem Thema",
  "takes.playAll": "Alle abspielen",
  "takes.stop": "Anhalten",
  "takes.play": "Abspielen",
  "takes.this": "diese hier",

  "player.play": "Abspielen",
  "player.pause": "Pause",
  "player.place": "Stelle",
  "player.position": "{position} von {length}",
  "player.back": "5 s zurück",
  "player.backBy": "5 s",
  "player.speed": "Tempo",
  "player.times": "{factor}×",
  "player.loopFrom": "Ab hier wiederholen",
  "player.loopTo": "Bis hier wiederholen",
  "player.loopClear": "Nicht mehr wiederholen",
  "player.loopBegun": "Wird ab {from} wiederholt: sag noch, bis wohin.",
  "player.loops": "Wird von {from} bis {to} wiederholt.",
  "player.save": "Sichern",

  "progress.CREATED": "Die Aufnahme kommt gerade an.",
  "progress.UPLOADED": "Hochgeladen. Die Niederschrift beginnt meist in 30 Sekunden.",
  "progress.TRANSCRIBING": "Was du gesagt hast, wird niedergeschrieben.",
  "progress.ANALYZING": "Was du gesagt hast, wird ausgewertet.",
  "progress.FAILED": "Mit dieser Übung ist etwas schiefgegangen.",

  "status.CREATED": "Kommt an",
  "status.UPLOADED": "Hochgeladen",
  "status.TRANSCRIBING": "Wird niedergeschrieben",
  "status.ANALYZING": "Wird ausgewertet",
  "status.DONE": "Fertig",
  "status.FAILED": "Fehlgeschlagen",

  "severity.high": "Daran zuerst arbeiten",
  "severity.medium": "Danach daran arbeiten",
  "severity.low": "Wenn Zeit ist",

  "unavailable.title": "Wir sind gleich wieder da",
  "unavailable.text":
    "Der Server antwortet gerade nicht. Was du aufgenommen hast, bleibt in diesem Browser.",
  "unavailable.again": "Noch einmal versuchen",
  "signedOut.title": "Du bist nicht angemeldet",
  "signedOut.text": "Deine Aufnahmen sind privat, darum müssen wir wissen, wer du bist.",
  "signedOut.signIn": "Anmelden",
  "notFound.title": "Hier ist nichts",
  "notFound.text": "Vielleicht ist die Adresse vertippt, oder die Seite ist umgezogen.",

  "server.NO_ANSWER": "Der Server ist nicht erreichbar. Bist du online?",
  "server.UNREADABLE":
    "Etwas anderes hat statt des Servers geantwortet. Will dieses Netz, dass du dich anmeldest?",
  "server.UNKNOWN": "Der Server hat mit Status {status} geantwortet.",
  "server.UNAUTHORIZED": "Du bist abgemeldet. Melde dich erst an.",
  "server.RATE_LIMITED": "Zu viele Aufnahmen auf einmal. Versuche es später noch einmal.",
  "server.OVERLOADED": "Der Server hat zu viel zu tun. Versuche es später noch einmal.",
  "server.UNAVAILABLE": "Der Dienst ist nicht erreichbar. Versuche es später noch einmal.",
  "server.STORAGE_UNAVAILABLE":
    "Aufnahmen können gerade nicht gespeichert werden. Versuche es später noch einmal.",
  "server.DATABASE_UNAVAILABLE":
    "Der Dienst ist nicht erreichbar. Versuche es später noch einmal.",
  "server.INSUFFICIENT_STORAGE":
    "Der Server hat gerade keinen Platz. Versuche es später noch einmal.",
  "server.TIMEOUT": "Der Server hat zu lange gebraucht. Versuche es später noch einmal.",
  "server.REQUEST_TIMEOUT": "Die Aufnahme kam zu langsam an. Versuche es noch einmal.",
  "server.INTERNAL_ERROR": "Bei uns ist etwas schiefgegangen.",
  "server.IDEMPOTENCY_IN_PROGRESS": "Der erste Versuch wird noch gespeichert.",
  "server.SESSION_NOT_FOUND": "Diese Übung gibt es nicht.",
};
