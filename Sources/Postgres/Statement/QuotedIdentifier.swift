// A name of a schema, table or column, quoted so that it can stand in SQL.

/// An SQL identifier in double quotes, whatever characters it has.
///
/// Unlike a `search_path` that is set for the session, a quoted prefix works through a pooler in
/// transaction mode. See PostgreSQL, "4.1.1. Identifiers and Key Words".
package struct QuotedIdentifier: Hashable, Sendable {
  /// The name as it is.
  package let name: String
  /// The name in quotes, inner quotes doubled.
  package let quoted: String

  /// - Returns: nil if `name` is empty, over 63 bytes (PostgreSQL would cut it, and so name
  ///   something else), or has a NUL.
  package init?(_ name: String) {
    let utf8 = name.utf8
    guard (1...63).contains(utf8.count), !utf8.contains(0) else { return nil }
    var quoted = "\""
    for scalar in name.unicodeScalars {
      quoted.unicodeScalars.append(scalar)
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
    }
    self.name = name
    self.quoted = quoted + "\""
  }

  /// The schema PostgreSQL and Prisma use where none is named.
  package static let publicSchema = QuotedIdentifier(known: "public")

  private init(known name: StaticString) {
    self.name = name.description
    quoted = "\"\(name)\""
  }
}
