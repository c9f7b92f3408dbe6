// The main thread of a server, while the others work.

internal import Logging
internal import Observability
internal import POSIX
internal import SystemPackage

func waitToStop(_ application: Application) -> Signal {
  waitToStop(application.log, application.sink)
}

/// Opens the log anew whenever SIGHUP asks for it, until another signal asks to stop.
func waitToStop(_ log: Logger, _ sink: LogSink) -> Signal {
  while true {
    let signal = Signals.next()
    switch signal {
    // The last is how multiwatch and Apache's mod_fastcgi end a process.
    case .terminate, .interrupt, .user1: return signal
    case .hangUp:
      do throws(Errno) {
        try sink.reopen()
        log.notice("log reopened")
      } catch {
        log.error("the log stays where it is", metadata: ["cause": .string("\(error)")])
      }
    }
  }
}
