// What can go wrong between this program and PostgreSQL.

package import SystemPackage

/// Why a statement, or the connection it needs, failed.
///
/// The descriptions are safe to log: they carry no parameter, no row's value, no user name and no
/// password.
package enum PostgresError: Error, Equatable, Sendable {
  /// No connection could be made.
  case connectionFailed(ConnectionFailure)
  /// The connection broke while it was used; whether the statement took effect is unknown.
  case connectionLost
  /// The deadline passed before the response came; whether the statement took effect is unknown.
  case timedOut
  /// Every connection of the pool was in use for as long as a caller may wait.
  case poolExhausted
  /// The operating system has nothing left with which a connection could be waited for.
  case cannotWait(Errno)
  /// The server refused the statement.
  case statement(StatementFailure)
  /// A parameter, counted from 1, holds a NUL, which PostgreSQL's text cannot.
  case nulInParameter(Int)
  /// A statement started a COPY, which this module does not speak.
  case unexpectedCopy
  /// A result has not the row or the column that its reader expects.
  case unexpectedShape
  /// A result has more bytes than any that is expected.
  case resultTooLarge
  /// A column, counted from 0, is NULL where the caller expects a value.
  case unexpectedNull(column: Int)
  /// A column, counted from 0, does not hold what its caller expects: no number, or bad UTF-8.
  case malformedValue(column: Int)

  /// Whether the database cannot be reached, refuses us or gives up on a statement: the next try
  /// may well go through.
  package var isUnavailable: Bool {
    switch self {
    case .connectionFailed, .connectionLost, .timedOut: true
    case .statement(let failure): failure.endsSession || failure.state.isPassing
    default: false
    }
  }

  /// Whether a server that is about to start, or to be reachable, answers like that. One that does
  /// not know the database or the user, or a certificate that is wrong, stays so.
  package var mayComeToBe: Bool {
    switch self {
    case .connectionFailed(let failure): failure.reason.mayPass
    case .statement(let failure): failure.endsSession || failure.state.mayComeToBe
    default: isUnavailable || isShortage
    }
  }

  /// Whether this process had too little of something, so that the database was not asked.
  package var isShortage: Bool {
    switch self {
    case .cannotWait: true
    case .connectionFailed(let failure):
      if case .noDescriptor = failure.reason { true } else { false }
    default: false
    }
  }

  /// Whether other statements would hardly fare better at this moment: it is not this one's fault.
  package var concernsAll: Bool {
    switch self {
    case .connectionFailed, .cannotWait, .timedOut: true
    case .statement(let failure) where failure.state.classCode == "53": true
    default: isConnectionLoss
    }
  }

  /// Whether the connection is gone, so that the same statement may succeed on another.
  var isConnectionLoss: Bool {
    switch self {
    case .connectionLost: true
    case .statement(let failure): failure.endsSession
    default: false
    }
  }

  /// Whether the server says that it was in a function with `name` in its own.
  package func isIn(_ name: String) -> Bool {
    if case .statement(let failure) = self { failure.isIn(name) } else { false }
  }

  /// The SQLSTATE, where the server named one.
  package var state: SQLState? {
    switch self {
    case .statement(let failure): failure.state
    case .connectionFailed(let failure):
      switch failure.reason {
      case .server(let state): state
      case .pooler: .protocolViolation
      default: nil
      }
    default: nil
    }
  }
}

extension PostgresError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .connectionFailed(let failure): "database connection failed: \(failure)"
    case .connectionLost: "the database connection broke"
    case .timedOut: "the database did not answer in time"
    case .poolExhausted: "no database connection came free in time"
    case .cannotWait(let error): "a database connection cannot be waited for: \(error)"
    case .statement(let failure): "the database refused a statement: \(failure)"
    case .nulInParameter(let index): "parameter \(index) of a statement holds a NUL"
    case .unexpectedCopy: "a statement started a COPY"
    case .unexpectedShape: "a result lacks a row or a column"
    case .resultTooLarge: "a result is larger than \(QueryResult.maxBytes >> 20) MiB"
    case .unexpectedNull(let column): "column \(column) is NULL"
    case .malformedValue(let column): "column \(column) holds a value of another kind"
    }
  }
}

/// What the server said of a statement it refused.
package struct StatementFailure: Equatable, Sendable {
  package let state: SQLState
  /// `ERROR`, `FATAL` or `PANIC`, whatever the server's language.
  package let severity: String
  /// The violated constraint's name, if any.
  package let constraint: String?
  /// The server's message; nil for codes whose messages quote values or users (class 22:
  /// `invalid input syntax for type integer: "..."`). DETAIL and HINT are never kept.
  package let message: String?
  /// The server's CONTEXT, which quotes statements and values, and is never shown.
  private let context: String?

  /// Whether the server, or a pooler before it, ended or refused the session as such.
  var endsSession: Bool { severity == "FATAL" || severity == "PANIC" || state.endsSession }

  init(
    state: SQLState, severity: String, constraint: String?, message: String?,
    context: String? = nil
  ) {
    self.context = context
    self.state = state
    self.severity = severity
    self.constraint = constraint
    self.message = Self.classesWithoutValues.contains(state.classCode) ? message : nil
  }

  fileprivate func isIn(_ name: String) -> Bool { context?.contains(name) ?? false }

  /// Connection, transaction state, rollback, syntax and access, resources, limits, object
  /// state, intervention, system and internal errors, which name objects of the schema at most; and
  /// what this program's own functions say.
  private static let classesWithoutValues: Set<String> = [
    "08", "25", "26", "34", "3F", "40", "42", "53", "54", "55", "57", "58", "SF", "XX",
  ]
}

extension StatementFailure: CustomStringConvertible {
  package var description: String {
    var text = "\(severity) \(state.rawValue)"
    if let constraint { text += ", constraint \(singleLine(constraint))" }
    if let message { text += ": \(singleLine(message))" }
    return text
  }
}

/// `text` without control characters, which could forge lines of a log, and of bounded length.
func singleLine(_ text: String) -> String {
  String(
    String.UnicodeScalarView(
      text.unicodeScalars.prefix(300).map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
}
