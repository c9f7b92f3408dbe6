// The log: one line for each event, as text or as JSON.

internal import Glibc
package import Logging

/// Writes each event as one line with one system call, so that lines of several threads and
/// processes do not mix.
package struct LineLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level
  private let format: LogFormat
  private let sink: LogSink

  package init(format: LogFormat, level: Logger.Level, sink: LogSink) {
    self.format = format
    logLevel = level
    self.sink = sink
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    sink.write(line(at: now, event).span)
  }

  func line(at time: timespec, _ event: LogEvent) -> [UInt8] {
    var line = LogLine(format: format)
    if sink.isJournal { line.append(priorityOf: event.level) }
    line.begin(at: time, event.level, event.message.description)
    var fields = event.metadata ?? [:]
    if !metadata.isEmpty { fields.merge(metadata) { own, _ in own } }
    // A request's line has a single value, which holds all of its fields.
    if fields.count == 1, let only = fields.first {
      LineLogHandler.append(only.key, only.value, to: &line)
    } else {
      for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
        LineLogHandler.append(name, value, to: &line)
      }
    }
    line.end()
    return line.bytes
  }

  private static func append(
    _ name: String, _ value: Logger.MetadataValue, to line: inout LogLine
  ) {
    guard case .stringConvertible(let convertible) = value else {
      return line.append(name, .text(value.description))
    }
    switch convertible {
    case let fields as LogFields:
      for field in fields.fields { line.append(field.name, field.value) }
    case let number as Int: line.append(name, .integer(number))
    case let flag as Bool: line.append(name, .flag(flag))
    default: line.append(name, .text(convertible.description))
    }
  }
}
