// What the log says of a request: one line.

internal import Gateway
internal import HTTPSyntax
internal import Logging
internal import Observability
internal import OpenSSL

/// Collects what happens to a request, for the one line that is logged of it.
struct RequestRecord {
  /// nginx's own id of the request, or one of ours.
  let id: String
  let method: String
  let traceparent: Traceparent?
  var isHead: Bool { method == "HEAD" }

  var route = Route.Kind.none
  var status = 0
  var bytesReceived = 0
  var bytesSent = 0
  var failure: RequestFailure?
  /// Storage or the exchange broke off before all of the response was handed to the exchange. That
  /// may keep the last bytes until its end, so it is not known here whether they arrive.
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
  /// From the first look at the request until its response was handed to the exchange, which may
  /// still have the last of it to send.
  private(set) var total: Duration = .zero

  init(_ variables: MetaVariables) {
    id = variables.usableRequestID ?? RequestRecord.makeID()
    traceparent = Traceparent(variables.traceparent)
    // From the client, so not to be trusted with a log: anything but a plain word is left out.
    let method = variables.requestMethod
    let isPlain = method.count <= 16 && method.allSatisfy(\.isUppercaseLetter)
    self.method = isPlain ? String(decoding: method, as: UTF8.self) : "?"
  }

  mutating func end() { total = start.duration(to: .now) }

  func write(to log: Logger) {
    let level: Logger.Level =
      switch status {
      case 500...: .error
      default: .info
      }
    guard log.logLevel <= level else { return }
    var fields = LogFields()
    fields.append("id", .text(id))
    fields.append("method", .text(method))
    fields.append("route", .word(route.name))
    fields.append("status", .integer(status))
    fields.append("in", .integer(bytesReceived))
    fields.append("out", .integer(bytesSent))
    fields.append("ms", .duration(total))
    if parsing > .zero { fields.append("parse_ms", .duration(parsing)) }
    if database > .zero { fields.append("db_ms", .duration(database)) }
    if storage > .zero { fields.append("storage_ms", .duration(storage)) }
    if let sessionID { fields.append("session", .text(sessionID)) }
    if let traceparent { fields.append("traceparent", .text(traceparent.text)) }
    if let failure {
      fields.append("code", .text(failure.refusal.code))
      if let cause = failure.cause { fields.append("cause", .text(cause)) }
    }
    if let postponed { fields.append("postponed", .text(postponed)) }
    if isCutOff { fields.append("cut_off", .flag(true)) }
    log.log(level: level, "request", metadata: [LogFields.key: .stringConvertible(fields)])
  }

  private static func makeID() -> String {
    // Without randomness the request is still worth serving; its id is then of no use.
    guard let bytes: InlineArray<16, UInt8> = try? RandomBytes.make() else { return "-" }
    return hexadecimal(bytes.span)
  }
}
