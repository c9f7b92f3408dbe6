// Which part of a list is asked for.

internal import HTTPSyntax

/// A page of a list, or of what a filter leaves of it: by number, or after a cursor.
package struct Page: Equatable, Sendable {
  package var number = 1
  package var limit = 10
  /// Where to go on; `.start` asks for the first page of a walk by cursor.
  package var cursor: Cursor?
  package var filter: ListFilter?

  package enum Cursor: Equatable, Sendable {
    case start
    /// After the session that was made at `createdAt` (milliseconds since 1970, UTC) with `id`.
    case after(createdAt: Int, id: String)

    /// From 4713 BC to the year 294276, PostgreSQL's range, and one more at each end for an
    /// infinite time.
    static let times = -210_866_803_200_001...9_224_318_016_000_000
  }

  /// Reads `page`, `limit` and `cursor`, and the filter. An empty number counts as absent, as it
  /// always has. A cursor holds for the filter that it came with.
  ///
  /// - Throws: `.invalidPagination` or `.invalidField`.
  init(_ query: Query) throws(Refusal) {
    if let text = query["page"], !text.isEmpty {
      number = try Page.number(text, upTo: (1 << 53) - 1)
    }
    if let text = query["limit"], !text.isEmpty {
      limit = try Page.number(text, upTo: 100)
    }
    filter = try ListFilter.read(query)
    if let text = query["cursor"] {
      cursor = text.isEmpty ? .start : try Page.cursor(text, mark: filter?.mark)
    }
  }

  /// Sessions to pass over.
  package var offset: Int { cursor == nil ? (number - 1) * limit : 0 }

  private static func number(_ text: [UInt8], upTo max: Int) throws(Refusal) -> Int {
    guard let number = DecimalDigits.parse(text[...]), number >= 1, number <= max else {
      throw .invalidPagination
    }
    return number
  }

  /// Reads `<createdAt>-<id in hexadecimal>`, and `-<mark>` where there is a filter: the form that
  /// the list's statements make.
  private static func cursor(_ text: [UInt8], mark: String?) throws(Refusal) -> Cursor {
    let isNegative = text.first == UInt8(ascii: "-")
    let parts = text.dropFirst(isNegative ? 1 : 0)
      .split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == (mark == nil ? 2 : 3),
      mark.map({ parts[2].elementsEqual($0.utf8) }) ?? true,
      let distance = DecimalDigits.parse(parts[0], upTo: Cursor.times.upperBound),
      !parts[1].isEmpty, parts[1].count.isMultiple(of: 2)
    else { throw .invalidPagination }
    let createdAt = isNegative ? -distance : distance
    guard Cursor.times.contains(createdAt) else { throw .invalidPagination }
    var id: [UInt8] = []
    var digits = parts[1].makeIterator()
    while let first = digits.next(), let second = digits.next() {
      guard let high = hexadecimalValue(first), let low = hexadecimalValue(second)
      else { throw .invalidPagination }
      id.append(high << 4 | low)
    }
    guard let id = PlainText.parse(id) else { throw .invalidPagination }
    return .after(createdAt: createdAt, id: id)
  }
}
