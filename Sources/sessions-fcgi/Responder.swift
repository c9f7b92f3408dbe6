// The worker threads: take requests, serve them, and stop in good order.

internal import Gateway
internal import Logging
internal import POSIX
internal import Sessions
internal import SystemPackage

/// Serves FastCGI requests on a listener with a fixed number of threads.
///
/// As many requests as there are workers may be at storage. A few threads more are there for those
/// that need none; who finds no place at storage waits in a line that holds no thread, as long as
/// storage gets on with the others.
final class Responder: Sendable {
  private let connections: ConnectionSet
  private let workers: Int
  private let service: SessionService
  private let log: Logger
  private let parked: ParkedRequests
  private let allEnded: Event

  /// How long a request waits for a place; nginx waits longer for it to be read.
  private static let maxWait: Duration = .seconds(60)
  /// For kept connections after the order to stop: longer than nginx, as shipped, keeps one.
  private static let keptAfterStop: Duration = .seconds(12)
  /// How often those that wait are looked at.
  private static let lookInterval: Duration = .milliseconds(250)

  init(
    listener: consuming Listener, workers: Int, service: SessionService, parked: ParkedRequests,
    log: Logger
  ) throws(Errno) {
    connections = try ConnectionSet(listener: listener, timeout: FastCGIExchange.headTimeout)
    self.workers = workers
    self.service = service
    self.parked = parked
    self.log = log
    allEnded = try Event()
  }

  /// The threads that no request at storage can take.
  private var reserve: Int { max(1, workers / 8) }

  /// Starts the workers, each of which ends once `stopAccepting` was called and its request is
  /// answered.
  func start(in group: inout ThreadGroup) throws(Errno) {
    let names = (1...workers).map { "worker-\($0)" } + (1...reserve).map { "reserve-\($0)" }
    for name in names {
      // Reading, parsing, hashing and TLS together use a fraction of this.
      try group.start(name: name, stackBytes: 1024 * 1024) { self.work() }
    }
  }

  /// Starts the thread that looks after the line; it ends after `end`.
  func startUsher(in group: inout ThreadGroup) throws(Errno) {
    try group.start(name: "usher") {
      while !self.allEnded.wait(atMost: Responder.lookInterval) { self.refuseThoseInVain() }
    }
  }

  /// Starts the thread that tells the service manager of life, if that asked for it. Every request
  /// takes these locks, so one that is never given back silences it.
  func startWatchdog(
    in group: inout ThreadGroup, telling manager: ServiceManager
  ) throws(Errno) {
    guard let timeout = manager.watchdogTimeout else { return }
    try group.start(name: "watchdog") {
      repeat {
        _ = (self.parked.isEmpty, self.service.gate.isStalled, self.connections.idleCount)
        manager.isAlive()
      } while !self.allEnded.wait(atMost: timeout / 3)
    }
  }

  /// No connection is accepted from now on. Those in line are served still: each worker that comes
  /// free takes one. What comes on kept connections is served as well, until nginx closes them
  /// (`keepalive_timeout`, `keepalive_time`), for some seconds at most: a web server that keeps
  /// them longer does not hold up the end, which is to come within `duration`.
  func stopAccepting(endingWithin duration: Duration) {
    let kept = min(Responder.keptAfterStop, duration - .seconds(1))
    connections.stop(until: .after(max(kept, .zero)))
  }

  /// All workers have ended.
  func end() { allEnded.signal() }

  private func work() {
    var exchange = FastCGIExchange()
    while connections.beginNext(&exchange, log) { serve(&exchange) }
  }

  private func serve(_ exchange: inout FastCGIExchange) {
    guard SessionService.needsStorage(exchange.variables) else {
      finish(&exchange)
      return
    }
    // Whoever waits in line comes first.
    switch parked.isEmpty ? service.gate.enter() : .full {
    case .entered: serveAtStorage(&exchange)
    case .full: park(&exchange)
    case .stalled: finish(&exchange, refusing: .storageUnavailable)
    }
  }

  private func finish(_ exchange: inout FastCGIExchange, refusing refusal: Refusal? = nil) {
    service.serve(&exchange, refusing: refusal)
    connections.finish(&exchange)
  }

  /// Serves a request that has a place at storage, and then, in the same place, those in line.
  private func serveAtStorage(_ exchange: inout FastCGIExchange) {
    finish(&exchange)
    serveParked()
    // Somebody may have got in line after the last look, and found the place still taken.
    resumeOne()
  }

  private func resumeOne() {
    while !parked.isEmpty, service.gate.enter() == .entered { serveParked() }
  }

  /// Serves those in line, in a place that is left when nobody is in it any more.
  private func serveParked() {
    while let next = parked.takeFirst() {
      service.gate.pass()
      finish(&next.exchange)
    }
    service.gate.leave()
  }

  private func park(_ exchange: inout FastCGIExchange) {
    let request = ParkedRequests.Request(exchange, since: .now)
    exchange = FastCGIExchange()
    guard parked.add(request) else {
      return finish(&request.exchange, refusing: .overloaded)
    }
    // The last place may have been left since it was looked for.
    resumeOne()
  }

  /// Refuses those that wait for nothing: too long already, or for a storage that has stalled.
  private func refuseThoseInVain() {
    if parked.isEmpty { return }
    let isStalled = service.gate.isStalled
    let limit = ContinuousClock.now - (isStalled ? .zero : Responder.maxWait)
    for request in parked.take(since: limit) {
      finish(&request.exchange, refusing: isStalled ? .storageUnavailable : .overloaded)
    }
  }
}
