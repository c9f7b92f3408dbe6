// Why a DATABASE_URL cannot be used.

/// What is wrong with a connection URL. No description has any part of the URL but the names of
/// well-known parameters.
package enum DatabaseURLError: Error, Equatable, Sendable {
  case tooLong
  /// A control character, a space or a NUL, encoded or not.
  case controlCharacter
  case notUTF8
  /// Neither `postgres://` nor `postgresql://`.
  case scheme
  /// `prisma://` or `prisma+postgres://`: Prisma's own service, which speaks no PostgreSQL.
  case prismaService
  /// An `@` beside the one before the host, or a `#`.
  case unencodedCharacter
  case percentEncoding
  case host
  case port
  case query
  /// A well-known parameter has a value that is none of its own.
  case value(of: String)
  /// `sslrootcert=system` beside an `sslmode` that would not check the host's name: anybody can
  /// have a certificate from those authorities.
  case weakSSLMode
  /// A well-known parameter that asks for what libpq cannot do.
  case unsupported(String)
}

extension DatabaseURLError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong: "the URL is longer than \(DatabaseURL.maxBytes) bytes"
    case .controlCharacter: "the URL holds a space or a control character"
    case .notUTF8: "the URL is not UTF-8"
    case .scheme: "the URL does not begin with postgres:// or postgresql://"
    case .prismaService:
      "the URL names Prisma's own service; give the database's own postgres:// URL"
    case .unencodedCharacter:
      "an @ or # is not percent-encoded (in a password @ is %40, # is %23, / is %2F, ? is %3F)"
    case .percentEncoding: "a % is not followed by two hexadecimal digits (% itself is %25)"
    case .host: "the URL's host is malformed"
    case .port:
      "the URL's port is no number from 1 to 65535, or a / or ? in the password is not "
        + "percent-encoded (%2F, %3F)"
    case .query: "the URL's parameters are not name=value, separated by &"
    case .value(let name): "the URL's parameter \(name) has a value it cannot have"
    case .weakSSLMode: "sslrootcert=system needs sslmode=verify-full"
    case .unsupported(let name): "the URL's parameter \(name) is not supported"
    }
  }
}
