// The time in a Date field, and how far it is from ours.

internal import HTTPClient
internal import R2Sign

/// How many seconds the clock that wrote `date` is ahead of `now`; nil without a date that says so.
func clockSkewSeconds(of date: String?, against now: Timestamp) -> Int? {
  guard let date, let seconds = secondsSinceEpoch(ofHTTPDate: date) else { return nil }
  return seconds - now.secondsSinceEpoch
}

/// The seconds since 1970 of an `IMF-fixdate` such as `Sun, 06 Nov 1994 08:49:37 GMT`
/// (RFC 9110 5.6.7); nil for anything else, its obsolete forms included.
func secondsSinceEpoch(ofHTTPDate text: String) -> Int? {
  let bytes = Array(text.utf8)
  guard bytes.count == 29, bytes[3...4].elementsEqual(", ".utf8),
    bytes[25...].elementsEqual(" GMT".utf8),
    let day = decimal(bytes[5..<7]), let year = decimal(bytes[12..<16]),
    let month = monthNames.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)),
    let hour = decimal(bytes[17..<19]), let minute = decimal(bytes[20..<22]),
    let second = decimal(bytes[23..<25]),
    (1...31).contains(day), hour < 24, minute < 60, second <= 60
  else { return nil }
  // Howard Hinnant's `days_from_civil`, with years that start in March.
  let shiftedYear = month < 2 ? year - 1 : year
  let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
  let days =
    shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear
    - 719_468
  return days * 86_400 + hour * 3600 + minute * 60 + second
}

private let monthNames = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]
