// The settings of `authorize`: environment variables, checked as a whole.

internal import FoundationEssentials
internal import Logging
internal import Observability
internal import OpenSSL
internal import POSIX
internal import Tokens

/// Everything that the environment says to `authorize`.
struct AuthorizerSettings {
  let authorization: Authorization
  /// For HS256.
  let bearerSecret: TokenKey?
  /// A JWK set.
  let keyFile: String?
  let logLevel: Logger.Level
  let logFormat: LogFormat
  /// Nil is standard error.
  let logFile: String?

  /// RFC 7518, section 3.2: a key as long as the hash.
  private static let minBearerSecretBytes = 32

  /// As `Configuration.fromEnvironment`.
  static func fromEnvironment(file: String?) throws(Configuration.Invalid) -> AuthorizerSettings {
    let path = file ?? Diagnostics.variable("SESSIONS_ENV_FILE")
    try Configuration.settings(in: path)?.addToEnvironment()
    return try AuthorizerSettings(environmentVariables())
  }

  init(_ variables: [String: [UInt8]]) throws(Configuration.Invalid) {
    var reader = Configuration.Reader(variables)
    let secrets = reader.sessionSecrets()
    bearerSecret = reader.bearerSecret(otherThan: secrets, minBytes: Self.minBearerSecretBytes)
    keyFile = reader.readableFile("AUTH_JWKS_FILE")
    if secrets.isEmpty, bearerSecret == nil, keyFile == nil, reader.problems.isEmpty {
      reader.addProblem("none of AUTH_SECRET, AUTH_JWT_SECRET and AUTH_JWKS_FILE is set")
    }
    var authorization = Authorization(
      claims: ClaimNames(
        user: reader["AUTH_CLAIM_USER"] ?? "externalId",
        email: reader["AUTH_CLAIM_EMAIL"] ?? "email", name: reader["AUTH_CLAIM_NAME"] ?? "name"))
    if !secrets.isEmpty { authorization.cookies = reader.cookies(secrets) }
    // Providers sign for many: without these, a token for another site would do for this one.
    let areNamesRequired = keyFile != nil
    authorization.issuer =
      areNamesRequired ? reader.required("AUTH_ISSUER") : reader["AUTH_ISSUER"]
    authorization.audience =
      areNamesRequired ? reader.required("AUTH_AUDIENCE") : reader["AUTH_AUDIENCE"]
    self.authorization = authorization
    logLevel = reader.choice("LOG_LEVEL") ?? Logger.Level.info
    logFormat = reader.choice("LOG_FORMAT") ?? LogFormat.text
    logFile = reader["LOG_FILE"]
    guard reader.problems.isEmpty else { throw Configuration.Invalid(problems: reader.problems) }
  }
}

extension Configuration.Reader {
  /// The newest first; empty where sessions are not taken.
  fileprivate mutating func sessionSecrets() -> [String] {
    let previous = optionalSecret("AUTH_SECRET_PREVIOUS")?.split(whereSeparator: \.isNewline) ?? []
    if let secret = optionalSecret("AUTH_SECRET") { return [secret] + previous.map(String.init) }
    if !previous.isEmpty, problems.isEmpty { addProblem("AUTH_SECRET is not set") }
    return []
  }

  fileprivate mutating func bearerSecret(
    otherThan secrets: [String], minBytes: Int
  ) -> TokenKey? {
    guard let secret = optionalSecret("AUTH_JWT_SECRET") else { return nil }
    if secret.utf8.count < minBytes {
      addProblem("AUTH_JWT_SECRET must have at least \(minBytes) bytes")
    }
    // Whoever may sign tokens for an app could otherwise make sessions, too.
    if secrets.contains(secret) { addProblem("AUTH_JWT_SECRET must not be AUTH_SECRET") }
    return TokenKey(secret: SecretBytes(copying: Array(secret.utf8).span))
  }

  fileprivate mutating func cookies(_ secrets: [String]) -> [SessionCookie] {
    let secrets = secrets.map { SecretBytes(copying: Array($0.utf8).span) }
    guard let name = self["AUTH_COOKIE"] else { return SessionCookie.standard(secrets: secrets) }
    let cookie = make("AUTH_COOKIE", name) { SessionCookie.named($0, secrets: secrets) }
    return cookie.map { [$0] } ?? []
  }
}
