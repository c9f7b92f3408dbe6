// The moment of a signature, in the form SigV4 writes it.

/// A moment in UTC, to the second.
///
/// The signer never looks at a clock: the caller says when it is.
public struct Timestamp: Sendable, Equatable, Comparable {
  /// Seconds since 1970-01-01T00:00:00Z, without leap seconds, as `time(2)` counts them.
  public let secondsSinceEpoch: Int

  /// - Parameter secondsSinceEpoch: from 0 to 253402300799, the end of the year 9999, since SigV4
  ///   writes years with four digits; what lies outside is brought to the nearer end.
  public init(secondsSinceEpoch: Int) {
    self.secondsSinceEpoch = min(max(secondsSinceEpoch, 0), 253_402_300_799)
  }

  /// The date: `YYYYMMDD`.
  public var day: String { String(decoding: dayDigits, as: UTF8.self) }

  /// ISO 8601's basic format: `YYYYMMDDTHHMMSSZ`.
  public var basicFormat: String {
    let second = secondsSinceEpoch % 86_400
    var text = dayDigits
    text.append(UInt8(ascii: "T"))
    for part in [second / 3600, second / 60 % 60, second % 60] { text.appendTwoDigits(part) }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  private var dayDigits: [UInt8] {
    let (year, month, day) = civilDate
    var digits: [UInt8] = []
    digits.reserveCapacity(16)
    for part in [year / 100, year % 100, month, day] { digits.appendTwoDigits(part) }
    return digits
  }

  /// Whether `left` is earlier.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.secondsSinceEpoch < right.secondsSinceEpoch
  }

  /// Year, month and day of the proleptic Gregorian calendar: Howard Hinnant's `civil_from_days`,
  /// where years start in March so that the leap day comes last. All values are positive here.
  private var civilDate: (year: Int, month: Int, day: Int) {
    let days = secondsSinceEpoch / 86_400 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Array<UInt8> {
  fileprivate mutating func appendTwoDigits(_ value: Int) {
    append(UInt8(ascii: "0") + UInt8(value / 10))
    append(UInt8(ascii: "0") + UInt8(value % 10))
  }
}
