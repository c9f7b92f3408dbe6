// One line of the log as it is put together.

internal import Glibc
internal import HTTPSyntax
internal import Logging

/// How a line looks.
package enum LogFormat: String, CaseIterable, Sendable {
  /// `2026-02-18T22:55:18.123Z info request id=… status=201`
  case text
  /// `{"time":"…","level":"info","message":"request","id":"…","status":201}`
  case json
}

/// The bytes of a line. No value can begin a line of its own or look like another field: what is
/// no plain word is a JSON string, with everything escaped that a terminal or a reader of lines
/// could act on.
struct LogLine {
  private(set) var bytes: [UInt8] = []
  private let format: LogFormat

  init(format: LogFormat) {
    self.format = format
    bytes.reserveCapacity(512)
  }

  /// As systemd's journal reads it, in the numbers of syslog. See sd-daemon(3).
  mutating func append(priorityOf level: Logger.Level) {
    let priority: StaticString =
      switch level {
      case .trace, .debug: "<7>"
      case .info: "<6>"
      case .notice: "<5>"
      case .warning: "<4>"
      case .error: "<3>"
      case .critical: "<2>"
      }
    append(priority)
  }

  /// - Parameter time: since 1970 (`CLOCK_REALTIME`).
  mutating func begin(at time: timespec, _ level: Logger.Level, _ message: String) {
    switch format {
    case .text:
      append(time)
      append(ascii: " ")
      append(bare: level.rawValue)
      append(ascii: " ")
      if message.utf8.allSatisfy({ $0 == 0x20 || LogLine.isPlain($0) }) {
        append(bare: message)
      } else {
        appendQuoted(message)
      }
    case .json:
      append("{\"time\":\"")
      append(time)
      append("\",\"level\":\"")
      append(bare: level.rawValue)
      append("\",\"message\":")
      appendQuoted(message)
    }
  }

  mutating func end() {
    if format == .json { append(ascii: "}") }
    append(ascii: "\n")
  }

  mutating func append(_ name: StaticString, _ value: LogFields.Value) {
    if format == .text { append(ascii: " ") } else { append(",\"") }
    append(name)
    if format == .text { append(ascii: "=") } else { append("\":") }
    append(value)
  }

  /// A field whose name is not known before.
  mutating func append(_ name: String, _ value: LogFields.Value) {
    append(ascii: format == .text ? " " : ",")
    appendText(name)
    append(ascii: format == .text ? "=" : ":")
    append(value)
  }

  private mutating func append(_ value: LogFields.Value) {
    switch value {
    case .text(let text): appendText(text)
    case .word(let word):
      if format == .json { append(ascii: "\"") }
      append(word)
      if format == .json { append(ascii: "\"") }
    case .integer(let number): append(number)
    case .duration(let duration): append(duration)
    case .flag(let flag): append(flag ? "true" as StaticString : "false")
    }
  }

  // MARK: - Numbers and times

  private mutating func append(_ number: Int) {
    if number < 0 { append(ascii: "-") }
    append(number.magnitude, digits: 1)
  }

  /// With zeros in front up to `digits`.
  private mutating func append(_ number: UInt, digits: Int) {
    if number >= 10 || digits > 1 { append(number / 10, digits: digits - 1) }
    bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  private mutating func append(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    if microseconds < 0 { append(ascii: "-") }
    let (milliseconds, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
    append(UInt(milliseconds), digits: 1)
    append(ascii: ".")
    append(UInt(rest), digits: 3)
  }

  /// ISO 8601 in UTC with milliseconds. The corresponding C function is `gmtime_r`.
  private mutating func append(_ time: timespec) {
    var seconds = time.tv_sec
    var date = unsafe tm()
    unsafe gmtime_r(&seconds, &date)
    let numbers: InlineArray<6, CInt> = unsafe [
      date.tm_year + 1900, date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec,
    ]
    let separators: InlineArray<6, Unicode.Scalar> = ["-", "-", "T", ":", ":", "."]
    for place in numbers.indices {
      append(UInt(numbers[place]), digits: place == 0 ? 4 : 2)
      append(ascii: separators[place])
    }
    append(UInt(time.tv_nsec / 1_000_000), digits: 3)
    append(ascii: "Z")
  }

  // MARK: - Text

  private mutating func append(ascii character: Unicode.Scalar) {
    bytes.append(UInt8(truncatingIfNeeded: character.value))
  }

  private mutating func append(_ text: StaticString) { bytes.append(text) }

  private mutating func append(bare text: String) { bytes.append(copying: text.utf8Span.span) }

  /// A plain word stands bare in text, everything else as a JSON string.
  private mutating func appendText(_ text: String) {
    if format == .text, !text.isEmpty, LogLine.isPlain(text) {
      append(bare: text)
    } else {
      appendQuoted(text)
    }
  }

  private static func isPlain(_ text: String) -> Bool {
    let bytes = text.utf8Span.span
    return bytes.indices.allSatisfy { isPlain(bytes[$0]) }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
  }

  /// A JSON string (RFC 8259, section 7).
  private mutating func appendQuoted(_ text: String) {
    append(ascii: "\"")
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": append("\\\"")
      case "\\": append("\\\\")
      case " "..."~": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      default:
        if LogLine.isInvisible(scalar) {
          for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
            append("\\u")
            for shift in [12, 8, 4, 0] {
              let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift)) & 0xF
              bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
          }
        } else {
          bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
      }
    }
    append(ascii: "\"")
  }

  /// Control characters (C1 among them, on which terminals act), what reorders text or cannot be
  /// seen, and the line breaks outside ASCII.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
