// What the log says of a request: one line.

internal import Logging
internal import OpenSSL

/// Collects what happens to a request, for the one line that is logged of it.
struct RequestRecord {
  /// nginx's own id of the request, or one of ours.
  let id: String
  let method: String
  var isHead: Bool { method == "HEAD" }

  var route: StaticString = "none"
  var status = 0
  var bytesReceived = 0
  var bytesSent = 0
  var failure: Failure?
  var isCutOff = false
  /// Why something that was promised is left to the outbox.
  var postponed: String?
  /// The session that was made, shown or deleted.
  var sessionID: String?

  /// Where the time went.
  var parsing: Duration = .zero
  var database: Duration = .zero
  var storage: Duration = .zero
  private let start = ContinuousClock.now

  init(_ variables: MetaVariables) {
    id =
      RequestRecord.isUsable(variables.requestID)
      ? String(decoding: variables.requestID, as: UTF8.self) : RequestRecord.makeID()
    // From the client, so not to be trusted with a log: anything but a plain word is left out.
    let method = variables.requestMethod
    let isPlain = method.count <= 16 && method.allSatisfy { $0 >= 0x41 && $0 <= 0x5A }
    self.method = isPlain ? String(decoding: method, as: UTF8.self) : "?"
  }

  func write(to log: Logger) {
    let level: Logger.Level =
      switch status {
      case 500...: .error
      default: .info
      }
    guard log.logLevel <= level else { return }
    var metadata: Logger.Metadata = [
      "id": .string(id), "method": .string(method), "route": .stringConvertible(route),
      "status": .stringConvertible(status), "in": .stringConvertible(bytesReceived),
      "out": .stringConvertible(bytesSent),
      "ms": .stringConvertible(start.duration(to: .now).milliseconds),
    ]
    if parsing > .zero { metadata["parse_ms"] = .stringConvertible(parsing.milliseconds) }
    if database > .zero { metadata["db_ms"] = .stringConvertible(database.milliseconds) }
    if storage > .zero { metadata["storage_ms"] = .stringConvertible(storage.milliseconds) }
    if let sessionID { metadata["session"] = .string(sessionID) }
    if let failure {
      metadata["code"] = .string(failure.refusal.code)
      if let cause = failure.cause { metadata["cause"] = .string(cause) }
    }
    if let postponed { metadata["postponed"] = .string(postponed) }
    if isCutOff { metadata["cut_off"] = .stringConvertible(true) }
    log.log(level: level, "request", metadata: metadata)
  }

  /// Whether nginx's id can stand in a header and in a log as it is.
  private static func isUsable(_ id: [UInt8]) -> Bool {
    (1...64).contains(id.count)
      && id.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func makeID() -> String {
    // Without randomness the request is still worth serving; its id is then of no use.
    guard let bytes: InlineArray<16, UInt8> = try? RandomBytes.make() else { return "-" }
    return hexadecimal(bytes.span)
  }
}

extension Duration {
  /// In milliseconds with microseconds as the fraction.
  fileprivate var milliseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000
  }
}
