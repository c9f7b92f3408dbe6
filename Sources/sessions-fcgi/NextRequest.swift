// Where worker threads get their requests from.

internal import Gateway
internal import Logging
internal import POSIX
internal import SystemPackage

extension ConnectionSet {
  /// Waits for the next request, and reads its head.
  ///
  /// - Returns: false once it is time to stop.
  func beginNext(_ exchange: inout FastCGIExchange, _ log: Logger) -> Bool {
    while true {
      let connection: OwnedDescriptor?
      do {
        connection = try next()
      } catch {
        // Out of descriptors or memory, which passes. Trying again at once would only burn time.
        log.error("cannot accept a connection", metadata: ["cause": .string("\(error)")])
        if waitForStop(atMost: .milliseconds(100)) { return false }
        continue
      }
      guard let connection else { return false }
      do {
        try exchange.begin(on: connection)
        return true
      } catch {
        log.debug("no request", metadata: ["cause": .string("\(error)")])
      }
    }
  }

  /// Sends what is left of the response, and keeps the connection where the web server does.
  func finish(_ exchange: inout FastCGIExchange) {
    if let connection = exchange.finish() { keep(connection) }
  }
}
