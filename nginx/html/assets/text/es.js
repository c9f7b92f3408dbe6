// Español.

export default {
  "site.name": "Práctica oral",
  "site.pages": "Páginas",
  "site.mySessions": "Mis sesiones",
  "site.newSession": "Nueva sesión",
  "site.languages": "Idioma de estas páginas",
  "site.tryAgain": "Reintentar",
  "site.signIn": "Iniciar sesión",
  "site.signedOut": "No has iniciado sesión",
  "site.incomplete":
    "Esta página no ha llegado entera. Vuelve a cargarla: lo que grabaste se conserva.",
  "site.fault": "Algo ha fallado en esta página ({reason}). Vuelve a cargarla para continuar.",
  "site.old":
    "Este navegador es demasiado antiguo para estas páginas. Funcionan en Safari 15.4, Chrome 100, "
    + "Edge 100, Firefox 98 y versiones posteriores.",
  "site.show": "Mostrar",
  "site.untitled": "Sesión sin tema",
  "site.unsent": {
    one: "Hay {count} grabación sin subir.",
    many: "Hay {count} de grabaciones sin subir.",
    other: "Hay {count} grabaciones sin subir.",
  },

  "list.title": "Mis sesiones de práctica oral",
  "list.heading": "Mis sesiones",
  "list.new": "Nueva sesión",
  "list.loading": "Cargando tus sesiones…",
  "list.emptyHeading": "Aún no hay nada",
  "list.empty":
    "Grábate hablando y recibe una transcripción y comentarios sobre cómo lo has dicho.",
  "list.first": "Graba tu primera sesión",
  "list.beyond": "No hay sesiones en esta página",
  "list.newest": "Ir a las más recientes",
  "list.failed": "No se pueden mostrar tus sesiones",
  "list.paging": "Paginación",
  "list.newer": "Más recientes",
  "list.older": "Más antiguas",
  "list.page": "Página {page} de {pages}",
  "list.topic": "Tema",
  "list.any": "Cualquiera",
  "list.found": {
    one: "{count} sesión encontrada",
    many: "{count} de sesiones encontradas",
    other: "{count} sesiones encontradas",
  },
  "list.clear": "Mostrar todas",
  "list.none": "No se ha encontrado nada",
  "list.noneText": "Ninguna de tus sesiones cumple todo lo que buscas.",

  "new.title": "Nueva sesión de práctica oral",
  "new.panel": "Grabación",
  "new.insecureHeading": "Hace falta HTTPS",
  "new.insecure":
    "Los navegadores solo graban en páginas que llegan por HTTPS. Abre esta página con https:// al "
    + "principio de la dirección o sube un archivo de audio.",
  "new.unsupportedHeading": "Navegador no compatible",
  "new.unsupported":
    "Tu navegador no puede grabar audio. Usa uno moderno, como Chrome, Edge, Firefox o Safari, o "
    + "sube un archivo de audio.",
  "new.about": "Sobre esta sesión",
  "new.topic": "Tema",
  "new.optional": "(opcional)",
  "new.topicHint": "¿De qué vas a hablar?",
  "new.language": "Idioma",
  "new.length": "Duración",
  "new.preview": "Tu grabación",
  "new.upload": "Subir",
  "new.signIn": "Volver a iniciar sesión",
  "new.start": "Empezar la sesión",
  "new.check": "Probar el micrófono",
  "new.endCheck": "Terminar la prueba",
  "new.stop": "Terminar la sesión",
  "new.pause": "Pausar",
  "new.resume": "Continuar",
  "new.send": "Subir y analizar",
  "new.discard": "Descartar y repetir",
  "new.hurry": "Intentar ahora",
  "new.cancel": "Cancelar",
  "new.undo": "Deshacer",
  "new.save": "Guardar en el dispositivo",
  "new.meanwhile": "Grabar otra mientras tanto",
  "new.keep": "Conservarla y grabar otra",
  "new.limit": "Puedes hablar alrededor de hora y media.",
  "new.drop": "Suelta aquí el archivo de audio",
  "new.file": "O sube un archivo de audio:",
  "new.settings": "Micrófono y teclas",

  "tab.recording": "{time} · Grabando",
  "tab.paused": "{time} · En pausa",
  "tab.uploading": "{percent} · Subiendo",
  "tab.waiting": "Esperando para subir",
  "tab.uploaded": "Subida",

  "keys.on": "Usar estas teclas:",
  "keys.record": "empezar o terminar la grabación",
  "keys.space": "Espacio",
  "keys.pause": "pausar o continuar",
  "keys.upload": "subir la grabación",
  "keys.escape": "Esc",
  "keys.cancel": "cancelar la subida o terminar la prueba del micrófono",
  "keys.when": "No hacen nada mientras escribes ni mientras haya un botón o un campo seleccionado.",

  "unsent.others": "Otras grabaciones",
  "unsent.sendAll": "Subir todas",
  "unsent.open": "Abrir",
  "unsent.play": "Reproducir",
  "unsent.save": "Guardar",
  "unsent.discard": "Descartar",
  "unsent.sending": "Subiendo: {percent}",
  "unsent.done": "Subida.",
  "unsent.maybeSent": "Puede que ya esté subida: mira en Mis sesiones.",
  "unsent.elsewhere": {
    one: "{count} grabación está abierta en otra pestaña.",
    many: "{count} de grabaciones están abiertas en otra pestaña.",
    other: "{count} grabaciones están abiertas en otra pestaña.",
  },

  "state.idle": "Pulsa el botón para empezar tu sesión",
  "state.opening": "Permite que esta página use tu micrófono",
  "state.recording": "Te escuchamos… habla sin prisa",
  "state.paused": "En pausa. Continúa cuando quieras.",
  "state.reading": "Leyendo tu grabación…",
  "state.stopped": "¡Sesión completa! Lista para subir.",
  "state.checking": "Di algo. Todavía no se graba nada.",
  "state.heard": "Te oímos bien. Todavía no se graba nada.",
  "state.unmeasured":
    "Este navegador no puede mostrar a qué volumen hablas. Graba un momento y escúchalo.",
  "state.silent": "No te oímos. ¿Está encendido el micrófono correcto?",
  "state.quiet": "Apenas te oímos. Acércate al micrófono o habla más alto.",
  "state.loud": "Es demasiado fuerte y sonará distorsionado. Aléjate un poco del micrófono.",
  "state.discarded": "Grabación descartada.",
  "state.readyToUpload": "{name} ({size}): lista para subir.",
  "state.unknownLength":
    "{name} ({size}): lista para subir. Este navegador no sabe cuánto dura.",
  "state.kept": "Tu grabación se conserva en este navegador.",
  "state.uploading": "Subiendo… espera un momento",
  "state.uploaded": "Subida. Abriendo la sesión…",
  "state.notKept":
    "Este navegador no guarda nada: deja la página abierta hasta que se suba tu grabación.",
  "state.full": "La grabación ha terminado: tras más de hora y media no puede ser más larga.",
  "state.tooShort": "Ha sido demasiado corta. Habla al menos un segundo.",
  "state.microphoneGone": "Se ha perdido el micrófono. Lo que dijiste hasta entonces está aquí.",
  "state.unsentTake": "Tu grabación del {date} ({size}) aún no se ha subido.",
  "state.maybeSentTake":
    "Puede que tu grabación del {date} ({size}) ya esté subida: mira en Mis sesiones.",
  "state.busy": "Termina primero con esta y vuelve a elegir el archivo.",

  "microphone.asking":
    "El navegador te preguntará si esta página puede usar el micrófono: elige permitirlo. Solo "
    + "está encendido mientras grabas o lo pruebas.",

  "microphone.blocked": "El micrófono está bloqueado para esta página.",
  "microphone.dismissed":
    "El navegador ha preguntado por el micrófono y no ha recibido respuesta. Vuelve a intentarlo y "
    + "permítelo.",
  "microphone.system":
    "El sistema no permite que este navegador use el micrófono. Permítelo en los ajustes del "
    + "sistema, en Privacidad, y vuelve a intentarlo.",
  "microphone.missing": "No hay ningún micrófono. Conecta uno y vuelve a intentarlo.",
  "microphone.busy": "Otro programa está usando el micrófono, o no funciona.",
  "microphone.failed": "No se ha podido iniciar la grabación ({reason}).",
  "microphone.choice": "Micrófono",
  "microphone.default": "Micrófono predeterminado",
  "microphone.processing": "Quitar el eco y el ruido, e igualar el volumen",
  "microphone.gone":
    "«{name}» no está conectado. Mientras tanto se graba con el micrófono predeterminado.",
  "microphone.back": "«{name}» vuelve a estar conectado y se usará desde la próxima grabación.",
  "blocked.chromium":
    "Haz clic en el icono que hay delante de la dirección, activa el micrófono y vuelve a "
    + "intentarlo.",
  "blocked.chromiumPhone":
    "Toca el icono que hay delante de la dirección y luego Permisos, permite el micrófono y vuelve "
    + "a intentarlo. Si no aparece, permítelo para el navegador en los ajustes del teléfono.",
  "blocked.firefox":
    "Haz clic en el micrófono tachado que hay delante de la dirección, quita el bloqueo y vuelve a "
    + "intentarlo.",
  "blocked.firefoxPhone":
    "Toca el candado que hay delante de la dirección, permite el micrófono y vuelve a intentarlo.",
  "blocked.safari":
    "En el menú Safari, elige «Ajustes para este sitio web», permite el micrófono y vuelve a "
    + "intentarlo.",
  "blocked.ios":
    "Toca el botón que hay delante de la dirección y luego «Ajustes del sitio web», permite el "
    + "micrófono y vuelve a intentarlo.",
  "blocked.iosApp":
    "Abre los Ajustes del dispositivo, elige este navegador y permite el micrófono.",
  "blocked.other":
    "Permítelo en la barra de direcciones o en los ajustes del navegador y vuelve a intentarlo.",

  "file.empty": "Este archivo está vacío.",
  "file.noAudio":
    "Esto no es un archivo de audio. Se admiten: MP3, M4A, WAV, WebM, Ogg, Opus, FLAC, AAC, AIFF, "
    + "CAF, AMR, WMA, 3GP, MOV.",
  "file.unreadable":
    "No se puede leer este archivo. ¿Se ha movido o ha cambiado? Vuelve a elegirlo.",
  "file.video": "Esto es un vídeo. Solo se puede subir audio.",
  "file.tooLarge": "Esta grabación ocupa {size}. Se pueden subir {limit} como máximo.",

  "upload.queued": "Esperando su turno.",
  "upload.sent": "{sent} de {size} enviados ({percent})",
  "upload.saving": "Todo enviado. El servidor la está guardando.",
  "upload.againOnline": "Se reintentará cuando tengas conexión.",
  "upload.againIn": "Nuevo intento en {wait}.",

  "unit.kibibytes": "{number} KiB",
  "unit.mebibytes": "{number} MiB",
  "unit.seconds": "{count} s",
  "unit.minutes": {
    one: "{count} minuto",
    many: "{count} de minutos",
    other: "{count} minutos",
  },

  "session.title": "Sesión de práctica oral",
  "session.titleOf": "{topic} · Práctica oral",
  "session.loading": "Cargando la sesión…",
  "session.missing": "Esta sesión no existe",
  "session.missingText": "Puede que se haya eliminado o que sea de otra persona.",
  "session.deleted": "Sesión eliminada",
  "session.deletedText": "La grabación, su transcripción y sus observaciones ya no existen.",
  "session.failed": "No se puede mostrar la sesión",
  "session.status": "Estado",
  "session.length": "Duración",
  "session.unknownLength": "desconocida",
  "session.language": "Idioma",
  "session.uploaded": "Subida",
  "session.check": "Comprobar de nuevo",
  "session.recording": "Grabación",
  "session.player": "La grabación",
  "session.noPlaying": "Ahora no se puede reproducir la grabación.",
  "session.audioDeleted": "La grabación ha caducado y se ha eliminado.",
  "session.noAudio": "Todavía no hay grabación.",
  "session.focus": "Para la próxima vez",
  "session.insights": "Observaciones",
  "session.transcript": "Transcripción",
  "session.words": {
    one: "{count} palabra",
    many: "{count} de palabras",
    other: "{count} palabras",
  },
  "session.frequency": "{category} · {count}×",
  "session.said": "Dijiste",
  "session.better": "Mejor",
  "session.place": "En la transcripción",
  "session.back": "Volver a la observación",
  "session.again": "Grabarlo otra vez",
  "session.noInsights": "Listo. El análisis no tiene nada que señalarte en esta sesión.",
  "session.notFinished": "Incompleta",
  "session.neverCame":
    "La grabación no llegó nunca. Si sigue en el navegador con el que la hiciste, puedes volver a "
    + "subirla desde allí.",
  "session.long": "Está tardando más de lo habitual.",
  "session.delete": "Eliminar la sesión",
  "session.deleteHeading": "¿Eliminar esta sesión?",
  "session.deleteText":
    "La grabación, su transcripción y sus observaciones se perderán para siempre.",
  "session.confirm": "Eliminar",
  "session.refrain": "Conservar",

  "takes.heading": "Tus grabaciones de este tema",
  "takes.playAll": "Reproducir todas",
  "takes.stop": "Detener",
  "takes.play": "Reproducir",
  "takes.this": "esta",

  "player.play": "Reproducir",
  "player.pause": "Pausar",
  "player.place": "Posición",
  "player.position": "{position} de {length}",
  "player.back": "Retroceder 5 s",
  "player.backBy": "5 s",
  "player.speed": "Velocidad",
  "player.times": "{factor}×",
  "player.loopFrom": "Repetir desde aquí",
  "player.loopTo": "Repetir hasta aquí",
  "player.loopClear": "No repetir más",
  "player.loopBegun": "Se repite desde {from}: indica hasta dónde.",
  "player.loops": "Se repite de {from} a {to}.",
  "player.save": "Guardar",

  "progress.CREATED": "Estamos recibiendo la grabación.",
  "progress.UPLOADED": "Subida. La transcripción suele empezar en menos de 30 segundos.",
  "progress.TRANSCRIBING": "Estamos transcribiendo lo que has dicho.",
  "progress.ANALYZING": "Estamos analizando lo que has dicho.",
  "progress.FAILED": "Algo ha fallado con esta sesión.",

  "status.CREATED": "Recibiendo",
  "status.UPLOADED": "Subida",
  "status.TRANSCRIBING": "Transcribiendo",
  "status.ANALYZING": "Analizando",
  "status.DONE": "Lista",
  "status.FAILED": "Con error",

  "severity.high": "Trabaja esto primero",
  "severity.medium": "Trabaja esto después",
  "severity.low": "Cuando tengas tiempo",

  "unavailable.title": "Volvemos enseguida",
  "unavailable.text":
    "El servidor no responde en este momento. Lo que grabaste se conserva en este navegador.",
  "unavailable.again": "Reintentar",
  "signedOut.title": "No has iniciado sesión",
  "signedOut.text": "Tus grabaciones son privadas, así que necesitamos saber quién eres.",
  "signedOut.signIn": "Iniciar sesión",
  "notFound.title": "Aquí no hay nada",
  "notFound.text": "Puede que la dirección esté mal escrita o que la página se haya movido.",

  "server.NO_ANSWER": "No se puede conectar con el servidor. ¿Tienes conexión?",
  "server.UNREADABLE":
    "Ha respondido otra cosa en lugar del servidor. ¿Te pide esta red que inicies sesión?",
  "server.UNKNOWN": "El servidor ha respondido con el estado {status}.",
  "server.UNAUTHORIZED": "No has iniciado sesión. Iníciala primero.",
  "server.RATE_LIMITED": "Demasiadas subidas por ahora. Inténtalo más tarde.",
  "server.OVERLOADED": "El servidor está saturado. Inténtalo más tarde.",
  "server.UNAVAILABLE": "El servicio no está disponible. Inténtalo más tarde.",
  "server.STORAGE_UNAVAILABLE":
    "En este momento no se pueden guardar grabaciones. Inténtalo más tarde.",
  "server.DATABASE_UNAVAILABLE": "El servicio no está disponible. Inténtalo más tarde.",
  "server.INSUFFICIENT_STORAGE":
    "El servidor no tiene espacio en este momento. Inténtalo más tarde.",
  "server.TIMEOUT": "El servidor ha tardado demasiado en responder. Inténtalo más tarde.",
  "server.REQUEST_TIMEOUT": "La subida ha tardado demasiado en llegar. Inténtalo de nuevo.",
  "server.INTERNAL_ERROR": "Algo ha fallado por nuestra parte.",
  "server.IDEMPOTENCY_IN_PROGRESS": "El primer intento todavía se está guardando.",
  "server.SESSION_NOT_FOUND": "Esa sesión no existe.",
};
