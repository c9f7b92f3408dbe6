// Answers the question who a request is from.

internal import Gateway
internal import Glibc
internal import Logging
internal import Observability
internal import POSIX
internal import Tokens

/// Takes questions that nginx's `auth_request` asks, and answers each with 200 and the user, or
/// with 401.
struct Authorizer: Sendable {
  private let authorization: Authorization
  private let keys: BearerKeys
  private let log: Logger

  /// - Throws: where the file with public keys cannot be used.
  init(_ settings: AuthorizerSettings, log: Logger) throws(BearerKeys.Unusable) {
    authorization = settings.authorization
    keys = try BearerKeys(secret: settings.bearerSecret, file: settings.keyFile, log: log)
    self.log = log
  }

  /// Answers until it is time to stop.
  func work(on connections: ConnectionSet) {
    var exchange = FastCGIExchange()
    while connections.beginNext(&exchange, log) {
      let head = response(to: exchange.variables)
      // If nginx has gone, there is nobody to tell.
      try? exchange.write(head.span)
      connections.finish(&exchange)
    }
  }

  private func response(to variables: MetaVariables) -> [UInt8] {
    let id = variables.usableRequestID ?? "-"
    let keys = keys.current()
    do throws(TokenError) {
      let user = try authorization.user(
        .init(
          cookies: variables.cookie, authorization: variables.authorization,
          isHTTPS: variables.isHTTPS),
        keys: keys, now: time(nil))
      return Response(user).head(requestID: id)
    } catch {
      report(error, id)
      var response = Response(status: 401)
      // RFC 6750, section 3.
      if !keys.isEmpty { response.headers = [("WWW-Authenticate", "Bearer")] }
      return response.head(requestID: id)
    }
  }

  /// One line for each refusal, without a byte of what was sent.
  private func report(_ error: TokenError, _ id: String) {
    guard log.logLevel <= .info else { return }
    var fields = LogFields()
    fields.append("id", .text(id))
    fields.append("cause", .text(error.description))
    if let advice = error.advice { fields.append("advice", .text(advice)) }
    log.info("refused", metadata: [LogFields.key: .stringConvertible(fields)])
  }
}

extension Response {
  fileprivate init(_ user: TokenUser) {
    self.init(status: 200)
    headers = [("X-User-Id", user.id)]
    if let email = user.email { headers.append(("X-User-Email", email)) }
    if let name = user.encodedName { headers.append(("X-User-Name", name)) }
  }
}
