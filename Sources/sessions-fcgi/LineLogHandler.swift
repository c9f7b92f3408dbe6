// The log: one line for each event on standard error, as text or as JSON.

internal import FoundationEssentials
internal import Glibc
internal import Logging

/// How a line looks.
enum LogFormat: String, CaseIterable {
  /// `2026-02-18T22:55:18.123Z info request id=… status=201`
  case text
  /// `{"time":"…","level":"info","message":"request","id":"…","status":201}`
  case json
}

/// Writes each event as one line with one system call, so that lines of several threads and
/// processes do not mix.
///
/// Whatever comes from outside is quoted as a JSON string, so no value can begin a line of its
/// own or look like another field.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level
  private let format: LogFormat

  init(format: LogFormat, level: Logger.Level) {
    self.format = format
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line: [UInt8] = []
    line.reserveCapacity(512)
    let time = LineLogHandler.now()
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    switch format {
    case .text:
      line.append(contentsOf: "\(time) \(event.level) \(event.message)".utf8)
      for (key, value) in fields {
        line.append(contentsOf: " \(key)=".utf8)
        LineLogHandler.append(value, to: &line, isQuoted: false)
      }
    case .json:
      line.append(contentsOf: "{\"time\":\"\(time)\",\"level\":\"\(event.level)\",".utf8)
      line.append(contentsOf: "\"message\":".utf8)
      LineLogHandler.append(.string("\(event.message)"), to: &line, isQuoted: true)
      for (key, value) in fields {
        line.append(contentsOf: ",\"\(key)\":".utf8)
        LineLogHandler.append(value, to: &line, isQuoted: true)
      }
      line.append(UInt8(ascii: "}"))
    }
    line.append(UInt8(ascii: "\n"))
    // A log that cannot be written leaves nobody to tell.
    _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Numbers and words stand bare, everything else as a JSON string.
  private static func append(
    _ value: Logger.MetadataValue, to line: inout [UInt8], isQuoted: Bool
  ) {
    let text = value.description
    let isNumber =
      if case .stringConvertible(let value) = value {
        value is Int || value is Double || value is Bool
      } else { false }
    if isNumber || (!isQuoted && !text.isEmpty && text.utf8.allSatisfy(isPlain)) {
      line.append(contentsOf: text.utf8)
    } else {
      do {
        line.append(contentsOf: try JSONEncoder().encode(text))
      } catch {
        preconditionFailure("every string can be JSON")
      }
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
  }

  private static func now() -> String {
    Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
