// The five-character codes by which PostgreSQL names what went wrong.

/// An SQLSTATE code: an open set, so unknown ones are kept as they are.
///
/// See PostgreSQL, "Appendix A. PostgreSQL Error Codes".
package struct SQLState: RawRepresentable, Hashable, Sendable {
  /// Five characters of `[0-9A-Z]`.
  package let rawValue: String

  /// - Returns: nil unless `rawValue` is five digits and upper case ASCII letters.
  package init?(rawValue: String) {
    let utf8 = rawValue.utf8
    guard utf8.count == 5, utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
    else { return nil }
    self.rawValue = rawValue
  }

  private init(known code: StaticString) { rawValue = code.description }

  /// The first two characters, which group the codes: `23` is every integrity violation.
  package var classCode: String { String(rawValue.prefix(2)) }

  package static let protocolViolation = SQLState(known: "08P01")
  package static let featureNotSupported = SQLState(known: "0A000")
  package static let foreignKeyViolation = SQLState(known: "23503")
  package static let readOnlyTransaction = SQLState(known: "25006")
  package static let invalidStatementName = SQLState(known: "26000")
  package static let invalidAuthorization = SQLState(known: "28000")
  package static let invalidPassword = SQLState(known: "28P01")
  package static let invalidDatabase = SQLState(known: "3D000")
  package static let invalidSchema = SQLState(known: "3F000")
  package static let idleInTransactionTimeout = SQLState(known: "25P03")
  package static let transactionTimeout = SQLState(known: "25P04")
  package static let lockNotAvailable = SQLState(known: "55P03")
  package static let objectInUse = SQLState(known: "55006")
  package static let queryCanceled = SQLState(known: "57014")
  package static let ioError = SQLState(known: "58030")
  package static let insufficientPrivilege = SQLState(known: "42501")
  package static let undefinedTable = SQLState(known: "42P01")
  package static let duplicatePreparedStatement = SQLState(known: "42P05")
  package static let tooManyConnections = SQLState(known: "53300")
  package static let adminShutdown = SQLState(known: "57P01")
  package static let crashShutdown = SQLState(known: "57P02")
  package static let cannotConnectNow = SQLState(known: "57P03")
  /// Not PostgreSQL's: raised by a function of this program.
  package static let uploadRefused = SQLState(known: "SF403")

  /// Whether its like ends or refuses a session as such, whatever the severity.
  var endsSession: Bool {
    switch self {
    case .adminShutdown, .crashShutdown, .cannotConnectNow: true
    default: classCode == "08"
    }
  }

  /// Whether the statement was refused or given up for a reason that passes, or that somebody has
  /// to mend at the server, and not for what it says.
  package var isPassing: Bool {
    switch self {
    case .lockNotAvailable, .objectInUse, .idleInTransactionTimeout, .transactionTimeout,
      .readOnlyTransaction, .invalidDatabase, .invalidSchema, .insufficientPrivilege, .ioError:
      true
    default: Self.passingClasses.contains(classCode)
    }
  }

  /// Whether it is refused for now, and not for a name, a password or a right.
  var mayComeToBe: Bool { ["08", "40", "53", "57", "58"].contains(classCode) }

  /// Connections, authorization, rollback (serialisation, deadlock), resources, intervention (time,
  /// cancellation, termination), and snapshots that are too old.
  private static let passingClasses: Set<String> = ["08", "28", "40", "53", "57", "72"]
}
