// Dates as HTTP and S3 write them.

/// The seconds since 1970 of an `IMF-fixdate` such as `Sun, 06 Nov 1994 08:49:37 GMT`
/// (RFC 9110 5.6.7); nil for anything else, its obsolete forms included.
package func secondsSinceEpoch(ofHTTPDate text: String) -> Int? {
  let bytes = Array(text.utf8)
  guard bytes.count == 29, bytes[3...4].elementsEqual(", ".utf8),
    bytes[25...].elementsEqual(" GMT".utf8),
    let day = DecimalDigits.parse(bytes[5..<7]), let year = DecimalDigits.parse(bytes[12..<16]),
    let month = monthNames.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)),
    let hour = DecimalDigits.parse(bytes[17..<19]),
    let minute = DecimalDigits.parse(bytes[20..<22]),
    let second = DecimalDigits.parse(bytes[23..<25]),
    (1...31).contains(day), hour < 24, minute < 60, second <= 60
  else { return nil }
  return daysSinceEpoch(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second
}

/// The whole seconds since 1970 of a time such as `2026-02-18T22:55:18.000Z` (RFC 3339 with `T`,
/// `Z` and perhaps a fraction, which is dropped); nil for anything else.
package func secondsSinceEpoch(ofISODate bytes: [UInt8]) -> Int? {
  guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"),
    bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
    bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
    let year = DecimalDigits.parse(bytes[..<4]), let month = DecimalDigits.parse(bytes[5..<7]),
    let day = DecimalDigits.parse(bytes[8..<10]), let hour = DecimalDigits.parse(bytes[11..<13]),
    let minute = DecimalDigits.parse(bytes[14..<16]),
    let second = DecimalDigits.parse(bytes[17..<19]),
    (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
  else { return nil }
  let fraction = bytes[19..<(bytes.count - 1)]
  guard
    fraction.isEmpty
      || (fraction.first == UInt8(ascii: ".") && DecimalDigits.parse(fraction.dropFirst()) != nil)
  else { return nil }
  return daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
}

/// The days since 1970-01-01 of a date in the Gregorian calendar.
private func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
  // Howard Hinnant's `days_from_civil`, with years that start in March.
  let shiftedYear = month < 3 ? year - 1 : year
  let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
  return shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear
    - 719_468
}

private let monthNames = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]
