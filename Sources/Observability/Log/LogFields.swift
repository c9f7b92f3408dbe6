// The fields of a line that is logged often, without dictionaries or descriptions.

internal import Logging

/// Names and values in the order in which they are to stand in the line.
///
/// It travels through swift-log as one metadata value under `LogFields.key`; `LineLogHandler`
/// writes its fields as if each had been one, and any other handler its text. A line of a dozen
/// fields costs a tenth of what a dictionary of them does.
package struct LogFields: Sendable, CustomStringConvertible {
  package enum Value: Sendable {
    /// From anywhere; quoted as needed.
    case text(String)
    /// A word of this program.
    case word(StaticString)
    case integer(Int)
    /// Written in milliseconds with microseconds as the fraction.
    case duration(Duration)
    case flag(Bool)
  }

  /// The metadata key under which all the fields travel.
  package static let key = "fields"

  private(set) var fields: [(name: StaticString, value: Value)] = []

  package init() { fields.reserveCapacity(14) }

  package mutating func append(_ name: StaticString, _ value: Value) {
    fields.append((name, value))
  }

  /// As a line of text has them.
  package var description: String {
    var line = LogLine(format: .text)
    for field in fields { line.append(field.name, field.value) }
    return String(decoding: line.bytes.dropFirst(), as: UTF8.self)
  }
}
