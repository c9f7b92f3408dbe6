// Which sessions of a list are asked for.

internal import HTTPSyntax
internal import OpenSSL

/// What a list's sessions have in common. An empty parameter counts as absent, as a form without
/// a choice sends it.
package struct ListFilter: Equatable, Sendable {
  static let maxSearchScalars = 100
  /// To be found anywhere in the topic, without regard to case.
  package var search: String?
  package var status: String?
  /// A language tag, in whatever case.
  package var language: String?

  /// Reads `q`, `status` and `language`.
  ///
  /// - Returns: nil for a query that has none of them.
  /// - Throws: `.invalidField`.
  static func read(_ query: Query) throws(Refusal) -> ListFilter? {
    let filter = ListFilter(
      search: try search(query["q"]), status: try text(query["status"], .status),
      language: try language(query["language"]))
    return filter == ListFilter() ? nil : filter
  }

  /// A few characters by which a cursor is told from one that was made for another filter.
  package var mark: String {
    // None of the parts can hold a line break, so no two filters make the same text.
    let parts = [search ?? "", status ?? "", language?.lowercased() ?? ""]
    let text = Array(parts.joined(separator: "\n").utf8)
    return String(SHA256.hash(text.span).hex.prefix(8))
  }

  private static func search(_ bytes: [UInt8]?) throws(Refusal) -> String? {
    let search = try text(bytes, .search)
    guard (search?.unicodeScalars.count ?? 0) <= maxSearchScalars
    else { throw .invalidField(.search) }
    return search
  }

  private static func text(
    _ bytes: [UInt8]?, _ field: Refusal.Field
  ) throws(Refusal) -> String? {
    guard let bytes, !bytes.isEmpty else { return nil }
    guard let text = PlainText.parse(bytes) else { throw .invalidField(field) }
    return text
  }

  private static func language(_ bytes: [UInt8]?) throws(Refusal) -> String? {
    guard let bytes else { return nil }
    var field = LanguageField()
    field.append(bytes.span)
    return try field.parse()
  }
}
