// Português, como se fala no Brasil.

export default {
  "site.name": "Prática oral",
  "site.pages": "Páginas",
  "site.mySessions": "Minhas sessões",
  "site.newSession": "Nova sessão",
  "site.languages": "Idioma destas páginas",
  "site.tryAgain": "Tentar de novo",
  "site.signIn": "Entrar",
  "site.signedOut": "Você não está conectado",
  "site.incomplete":
    "Esta página não chegou inteira. Recarregue-a: o que você gravou está guardado.",
  "site.fault": "Algo deu errado nesta página ({reason}). Recarregue-a para continuar.",
  "site.old":
    "Este navegador é antigo demais para estas páginas. Elas funcionam no Safari 15.4, Chrome 100, "
    + "Edge 100, Firefox 98 e versões mais recentes.",
  "site.show": "Mostrar",
  "site.untitled": "Sessão sem tema",
  "site.unsent": {
    one: "{count} gravação ainda não foi enviada.",
    many: "{count} de gravações ainda não foram enviadas.",
    other: "{count} gravações ainda não foram enviadas.",
  },

  "list.title": "Minhas sessões de prática oral",
  "list.heading": "Minhas sessões",
  "list.new": "Nova sessão",
  "list.loading": "Carregando suas sessões…",
  "list.emptyHeading": "Ainda não há nada aqui",
  "list.empty":
    "Grave você falando e receba uma transcrição e comentários sobre como você se expressou.",
  "list.first": "Grave sua primeira sessão",
  "list.beyond": "Não há sessões nesta página",
  "list.newest": "Ir para as mais recentes",
  "list.failed": "Não foi possível mostrar suas sessões",
  "list.paging": "Paginação",
  "list.newer": "Mais recentes",
  "list.older": "Mais antigas",
  "list.page": "Página {page} de {pages}",
  "list.topic": "Tema",
  "list.any": "Qualquer um",
  "list.found": {
    one: "{count} sessão encontrada",
    many: "{count} de sessões encontradas",
    other: "{count} sessões encontradas",
  },
  "list.clear": "Mostrar todas",
  "list.none": "Nada encontrado",
  "list.noneText": "Nenhuma das suas sessões atende a tudo o que você procura.",

  "new.title": "Nova sessão de prática oral",
  "new.panel": "Gravação",
  "new.insecureHeading": "É preciso HTTPS",
  "new.insecure":
    "Os navegadores só gravam em páginas que chegam por HTTPS. Abra esta página com https:// no "
    + "início do endereço ou envie um arquivo de áudio.",
  "new.unsupportedHeading": "Navegador incompatível",
  "new.unsupported":
    "Seu navegador não consegue gravar áudio. Use um navegador moderno, como Chrome, Edge, Firefox "
    + "ou Safari, ou envie um arquivo de áudio.",
  "new.about": "Sobre esta sessão",
  "new.topic": "Tema",
  "new.optional": "(opcional)",
  "new.topicHint": "Sobre o que você vai falar?",
  "new.language": "Idioma",
  "new.length": "Duração",
  "new.preview": "Sua gravação",
  "new.upload": "Enviar",
  "new.signIn": "Entrar de novo",
  "new.start": "Começar a sessão",
  "new.check": "Testar o microfone",
  "new.endCheck": "Encerrar o teste",
  "new.stop": "Encerrar a sessão",
  "new.pause": "Pausar",
  "new.resume": "Continuar",
  "new.send": "Enviar e analisar",
  "new.discard": "Descartar e repetir",
  "new.hurry": "Tentar agora",
  "new.cancel": "Cancelar",
  "new.undo": "Desfazer",
  "new.save": "Salvar no dispositivo",
  "new.meanwhile": "Gravar outra enquanto isso",
  "new.keep": "Guardar e gravar outra",
  "new.limit": "Você pode falar por cerca de uma hora e meia.",
  "new.drop": "Solte aqui o arquivo de áudio",
  "new.file": "Ou envie um arquivo de áudio:",
  "new.settings": "Microfone e teclas",

  "tab.recording": "{time} · Gravando",
  "tab.paused": "{time} · Em pausa",
  "tab.uploading": "{percent} · Enviando",
  "tab.waiting": "Esperando para enviar",
  "tab.uploaded": "Enviada",

  "keys.on": "Usar estas teclas:",
  "keys.record": "começar ou encerrar a gravação",
  "keys.space": "Espaço",
  "keys.pause": "pausar ou continuar",
  "keys.upload": "enviar a gravação",
  "keys.escape": "Esc",
  "keys.cancel": "cancelar o envio ou encerrar o teste do microfone",
  "keys.when":
    "Elas não fazem nada enquanto você digita ou enquanto um botão ou campo está selecionado.",

  "unsent.others": "Outras gravações",
  "unsent.sendAll": "Enviar todas",
  "unsent.open": "Abrir",
  "unsent.play": "Reproduzir",
  "unsent.save": "Salvar",
  "unsent.discard": "Descartar",
  "unsent.sending": "Enviando: {percent}",
  "unsent.done": "Enviada.",
  "unsent.maybeSent": "Talvez já tenha sido enviada: veja em Minhas sessões.",
  "unsent.elsewhere": {
    one: "{count} gravação está aberta em outra aba.",
    many: "{count} de gravações estão abertas em outra aba.",
    other: "{count} gravações estão abertas em outra aba.",
  },

  "state.idle": "Aperte o botão para começar sua sessão",
  "state.opening": "Permita que esta página use seu microfone",
  "state.recording": "Estamos ouvindo… fale com calma",
  "state.paused": "Em pausa. Continue quando quiser.",
  "state.reading": "Lendo sua gravação…",
  "state.stopped": "Sessão concluída! Pronta para enviar.",
  "state.checking": "Diga alguma coisa. Nada está sendo gravado ainda.",
  "state.heard": "Estamos ouvindo você bem. Nada está sendo gravado ainda.",
  "state.unmeasured": "Este navegador não consegue mostrar seu volume. Grave um momento e ouça.",
  "state.silent": "Não estamos ouvindo você. O microfone certo está ligado?",
  "state.quiet": "Mal estamos ouvindo você. Chegue mais perto do microfone ou fale mais alto.",
  "state.loud": "Está alto demais e vai soar distorcido. Afaste-se um pouco do microfone.",
  "state.discarded": "Gravação descartada.",
  "state.readyToUpload": "{name} ({size}): pronta para enviar.",
  "state.unknownLength":
    "{name} ({size}): pronta para enviar. Este navegador não sabe quanto tempo ela dura.",
  "state.kept": "Sua gravação está guardada neste navegador.",
  "state.uploading": "Enviando… aguarde um momento",
  "state.uploaded": "Enviada. Abrindo a sessão…",
  "state.notKept":
    "Este navegador não guarda nada: deixe a página aberta até que sua gravação seja enviada.",
  "state.full":
    "A gravação foi encerrada: depois de mais de uma hora e meia, não pode ser mais longa.",
  "state.tooShort": "Foi curta demais. Fale por pelo menos um segundo.",
  "state.microphoneGone": "O microfone se desconectou. O que você disse até então está aqui.",
  "state.unsentTake": "Sua gravação de {date} ({size}) ainda não foi enviada.",
  "state.maybeSentTake":
    "Sua gravação de {date} ({size}) talvez já tenha sido enviada: veja em Minhas sessões.",
  "state.busy": "Termine esta primeiro e depois escolha o arquivo de novo.",

  "microphone.asking":
    "O navegador vai perguntar se esta página pode usar o microfone: escolha permitir. Ele só fica "
    + "ligado enquanto você grava ou testa.",

  "microphone.blocked": "O microfone está bloqueado para esta página.",
  "microphone.dismissed":
    "O navegador pediu o microfone e não teve resposta. Tente de novo e permita o uso.",
  "microphone.system":
    "O sistema não deixa este navegador usar o microfone. Permita nas configurações do sistema, em "
    + "Privacidade, e tente de novo.",
  "microphone.missing": "Nenhum microfone foi encontrado. Conecte um e tente de novo.",
  "microphone.busy": "Outro programa está usando o microfone, ou ele não funciona.",
  "microphone.failed": "Não foi possível iniciar a gravação ({reason}).",
  "microphone.choice": "Microfone",
  "microphone.default": "Microfone padrão",
  "microphone.processing": "Remover eco e ruído e nivelar o volume",
  "microphone.gone":
    "“{name}” não está conectado. Enquanto isso, as gravações usam o microfone padrão.",
  "microphone.back": "“{name}” está conectado de novo e será usado a partir da próxima gravação.",
  "blocked.chromium": "Clique no ícone antes do endereço, ative o microfone e tente de novo.",
  "blocked.chromiumPhone":
    "Toque no ícone antes do endereço e depois em Permissões, permita o microfone e tente de novo. "
    + "Se ele não aparecer, permita para o navegador nas configurações do celular.",
  "blocked.firefox":
    "Clique no microfone riscado antes do endereço, remova o bloqueio e tente de novo.",
  "blocked.firefoxPhone":
    "Toque no cadeado antes do endereço, permita o microfone e tente de novo.",
  "blocked.safari":
    "No menu Safari, escolha “Ajustes para este site”, permita o microfone e tente de novo.",
  "blocked.ios":
    "Toque no botão antes do endereço e depois em “Ajustes do Site”, permita o microfone e tente "
    + "de novo.",
  "blocked.iosApp": "Abra os Ajustes do dispositivo, escolha este navegador e permita o microfone.",
  "blocked.other":
    "Permita na barra de endereços ou nas configurações do navegador e tente de novo.",

  "file.empty": "Este arquivo está vazio.",
  "file.noAudio":
    "Este não é um arquivo de áudio. São aceitos: MP3, M4A, WAV, WebM, Ogg, Opus, FLAC, AAC, AIFF, "
    + "CAF, AMR, WMA, 3GP, MOV.",
  "file.unreadable":
    "Não é possível ler este arquivo. Ele foi movido ou alterado? Escolha-o de novo.",
  "file.video": "Isto é um vídeo. Só é possível enviar áudio.",
  "file.tooLarge": "Esta gravação tem {size}. É possível enviar no máximo {limit}.",

  "upload.queued": "Esperando a vez.",
  "upload.sent": "{sent} de {size} enviados ({percent})",
  "upload.saving": "Tudo enviado. O servidor está salvando.",
  "upload.againOnline": "Nova tentativa quando você estiver on-line.",
  "upload.againIn": "Nova tentativa em {wait}.",

  "unit.kibibytes": "{number} KiB",
  "unit.mebibytes": "{number} MiB",
  "unit.seconds": "{count} s",
  "unit.minutes": {
    one: "{count} minuto",
    many: "{count} de minutos",
    other: "{count} minutos",
  },

  "session.title": "Sessão de prática oral",
  "session.titleOf": "{topic} · Prática oral",
  "session.loading": "Carregando a sessão…",
  "session.missing": "Esta sessão não existe",
  "session.missingText": "Talvez ela tenha sido excluída ou seja de outra pessoa.",
  "session.deleted": "Sessão excluída",
  "session.deletedText": "A gravação, a transcrição e as observações não existem mais.",
  "session.failed": "Não foi possível mostrar a sessão",
  "session.status": "Status",
  "session.length": "Duração",
  "session.unknownLength": "desconhecida",
  "session.language": "Idioma",
  "session.uploaded": "Enviada",
  "session.check": "Verificar de novo",
  "session.recording": "Gravação",
  "session.player": "A gravação",
  "session.noPlaying": "Não é possível reproduzir a gravação agora.",
  "session.audioDeleted": "A gravação expirou e foi excluída.",
  "session.noAudio": "Ainda não há gravação.",
  "session.focus": "Para a próxima vez",
  "session.insights": "Observações",
  "session.transcript": "Transcrição",
  "session.words": {
    one: "{count} palavra",
    many: "{count} de palavras",
    other: "{count} palavras",
  },
  "session.frequency": "{category} · {count}×",
  "session.said": "Você disse",
  "session.better": "Melhor",
  "session.place": "Na transcrição",
  "session.back": "Voltar à observação",
  "session.again": "Gravar de novo",
  "session.noInsights": "Pronto. A análise não encontrou nada a apontar nesta sessão.",
  "session.notFinished": "Incompleta",
  "session.neverCame":
    "A gravação nunca chegou. Se ela ainda estiver no navegador em que foi feita, você pode "
    + "enviá-la de novo por lá.",
  "session.long": "Está demorando mais que o normal.",
  "session.delete": "Excluir a sessão",
  "session.deleteHeading": "Excluir esta sessão?",
  "session.deleteText":
    "A gravação, a transcrição e as observações serão perdidas para sempre.",
  "session.confirm": "Excluir",
  "session.refrain": "Manter",

  "takes.heading": "Suas gravações deste tema",
  "takes.playAll": "Reproduzir todas",
  "takes.stop": "Parar",
  "takes.play": "Reproduzir",
  "takes.this": "esta",

  "player.play": "Reproduzir",
  "player.pause": "Pausar",
  "player.place": "Posição",
  "player.position": "{position} de {length}",
  "player.back": "Voltar 5 s",
  "player.backBy": "5 s",
  "player.speed": "Velocidade",
  "player.times": "{factor}×",
  "player.loopFrom": "Repetir a partir daqui",
  "player.loopTo": "Repetir até aqui",
  "player.loopClear": "Não repetir mais",
  "player.loopBegun": "Repete a partir de {from}: diga até onde.",
  "player.loops": "Repete de {from} a {to}.",
  "player.save": "Salvar",

  "progress.CREATED": "Estamos recebendo a gravação.",
  "progress.UPLOADED": "Enviada. A transcrição costuma começar em até 30 segundos.",
  "progress.TRANSCRIBING": "Estamos transcrevendo o que você disse.",
  "progress.ANALYZING": "Estamos analisando o que você disse.",
  "progress.FAILED": "Algo deu errado com esta sessão.",

  "status.CREATED": "Recebendo",
  "status.UPLOADED": "Enviada",
  "status.TRANSCRIBING": "Transcrevendo",
  "status.ANALYZING": "Analisando",
  "status.DONE": "Pronta",
  "status.FAILED": "Com erro",

  "severity.high": "Trabalhe nisto primeiro",
  "severity.medium": "Trabalhe nisto depois",
  "severity.low": "Quando tiver tempo",

  "unavailable.title": "Voltamos já",
  "unavailable.text":
    "O servidor não está respondendo no momento. O que você gravou está guardado neste navegador.",
  "unavailable.again": "Tentar de novo",
  "signedOut.title": "Você não está conectado",
  "signedOut.text": "Suas gravações são privadas, por isso precisamos saber quem é você.",
  "signedOut.signIn": "Entrar",
  "notFound.title": "Não há nada aqui",
  "notFound.text": "O endereço pode ter sido digitado errado, ou a página mudou de lugar.",

  "server.NO_ANSWER": "Não foi possível acessar o servidor. Você está on-line?",
  "server.UNREADABLE":
    "Outra coisa respondeu no lugar do servidor. Esta rede está pedindo que você faça login?",
  "server.UNKNOWN": "O servidor respondeu com o status {status}.",
  "server.UNAUTHORIZED": "Você não está conectado. Entre primeiro.",
  "server.RATE_LIMITED": "Envios demais por enquanto. Tente mais tarde.",
  "server.OVERLOADED": "O servidor está sobrecarregado. Tente mais tarde.",
  "server.UNAVAILABLE": "O serviço não está disponível. Tente mais tarde.",
  "server.STORAGE_UNAVAILABLE":
    "Não é possível armazenar gravações no momento. Tente mais tarde.",
  "server.DATABASE_UNAVAILABLE": "O serviço não está disponível. Tente mais tarde.",
  "server.INSUFFICIENT_STORAGE": "O servidor está sem espaço no momento. Tente mais tarde.",
  "server.TIMEOUT": "O servidor demorou demais para responder. Tente mais tarde.",
  "server.REQUEST_TIMEOUT": "O envio demorou demais para chegar. Tente de novo.",
  "server.INTERNAL_ERROR": "Algo deu errado do nosso lado.",
  "server.IDEMPOTENCY_IN_PROGRESS": "A primeira tentativa ainda está sendo salva.",
  "server.SESSION_NOT_FOUND": "Essa sessão não existe.",
};
