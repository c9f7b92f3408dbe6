// The worker threads: accept, serve, and stop in good order.

internal import Gateway
internal import Logging
internal import POSIX
internal import Sessions
internal import SystemPackage

/// Serves FastCGI requests on a listener with a fixed number of threads.
final class Responder: Sendable {
  private let listener: Listener
  private let service: SessionService
  private let log: Logger
  private let stop: Event

  init(listener: consuming Listener, service: SessionService, log: Logger) throws(Errno) {
    self.listener = listener
    self.service = service
    self.log = log
    stop = try Event()
  }

  /// Starts a worker, which ends once `stopAccepting` was called and its request is answered.
  func startWorker(_ number: Int) throws(Errno) -> Thread {
    // Reading, parsing, hashing and TLS together use a fraction of this.
    try Thread.start(name: "worker-\(number)", stackBytes: 1024 * 1024) { self.work() }
  }

  /// No request is begun from now on.
  func stopAccepting() { stop.signal() }

  private func work() {
    var exchange = FastCGIExchange()
    do {
      let waiter = try listener.makeWaiter(stop: stop)
      while try serveNext(&exchange, waiter) {}
    } catch {
      // Only making the waiter can end a worker, and only at its start.
      log.critical("a worker could not start", metadata: ["cause": .string("\(error)")])
    }
  }

  /// - Returns: false once it is time to stop.
  private func serveNext(
    _ exchange: inout FastCGIExchange, _ waiter: borrowing AcceptWaiter
  ) throws(Errno) -> Bool {
    let accepted: OwnedDescriptor?
    do {
      accepted = try listener.accept(waiter, timeout: FastCGIExchange.headTimeout)
    } catch {
      // Out of descriptors or memory, which passes. Trying again at once would only burn time.
      log.error("cannot accept a connection", metadata: ["cause": .string("\(error)")])
      return try !stop.wait(until: .after(.milliseconds(100)))
    }
    guard let accepted else { return false }
    do {
      try exchange.begin(on: accepted)
    } catch {
      log.debug("no request", metadata: ["cause": .string("\(error)")])
      return true
    }
    service.serve(&exchange)
    exchange.finish()
    return true
  }
}
