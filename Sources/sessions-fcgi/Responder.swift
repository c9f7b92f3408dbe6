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
  private let waiters: [AcceptWaiter]

  init(
    listener: consuming Listener, workers: Int, service: SessionService, log: Logger
  ) throws(Errno) {
    let stop = try Event()
    var waiters: [AcceptWaiter] = []
    for _ in 0..<workers { waiters.append(try listener.makeWaiter(stop: stop)) }
    self.listener = listener
    self.service = service
    self.log = log
    self.stop = stop
    self.waiters = waiters
  }

  /// Starts the workers, each of which ends once `stopAccepting` was called and its request is
  /// answered.
  func start(in group: inout ThreadGroup) throws(Errno) {
    for (index, waiter) in waiters.enumerated() {
      // Reading, parsing, hashing and TLS together use a fraction of this.
      try group.start(name: "worker-\(index + 1)", stackBytes: 1024 * 1024) { self.work(waiter) }
    }
  }

  /// No request is begun from now on.
  func stopAccepting() { stop.signal() }

  private func work(_ waiter: AcceptWaiter) {
    var exchange = FastCGIExchange()
    while serveNext(&exchange, waiter) {}
  }

  /// - Returns: false once it is time to stop.
  private func serveNext(_ exchange: inout FastCGIExchange, _ waiter: AcceptWaiter) -> Bool {
    let accepted: OwnedDescriptor?
    do {
      accepted = try listener.accept(waiter, timeout: FastCGIExchange.headTimeout)
    } catch {
      // Out of descriptors or memory, which passes. Trying again at once would only use the CPU.
      log.error("cannot accept a connection", metadata: ["cause": .string("\(error)")])
      return !stop.wait(atMost: .milliseconds(100))
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
