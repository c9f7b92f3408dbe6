// Prometheus' text format, version 0.0.4.

/// Puts metrics together as text.
///
/// Each family is described once, and its samples follow it before the next family begins.
package struct MetricsText {
  package typealias Label = (name: StaticString, value: String)

  package enum Kind: String { case counter, gauge, histogram }

  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private var text = ""

  package init() {}

  package var bytes: [UInt8] { Array(text.utf8) }

  /// Begins a family.
  package mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  package mutating func sample(
    _ name: StaticString, _ suffix: StaticString = "", _ labels: [Label] = [], _ value: Int
  ) {
    append(name, suffix, labels, "\(value)")
  }

  package mutating func sample(
    _ name: StaticString, _ suffix: StaticString = "", _ labels: [Label] = [], _ value: Double
  ) {
    append(name, suffix, labels, "\(value)")
  }

  /// A family of one sample.
  package mutating func single(
    _ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Int
  ) {
    family(name, kind, help)
    sample(name, "", [], value)
  }

  package mutating func single(
    _ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Double
  ) {
    family(name, kind, help)
    sample(name, "", [], value)
  }

  private mutating func append(
    _ name: StaticString, _ suffix: StaticString, _ labels: [Label], _ value: String
  ) {
    text += "\(name)\(suffix)"
    if !labels.isEmpty {
      let pairs = labels.map { "\($0.name)=\"\(MetricsText.escaped($0.value))\"" }
      text += "{\(pairs.joined(separator: ","))}"
    }
    text += " \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    var result = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
