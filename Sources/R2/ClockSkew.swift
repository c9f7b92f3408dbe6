// How far the clock of a store is from ours.

internal import HTTPSyntax
internal import R2Sign

/// How many seconds the clock that wrote `date` is ahead of `now`; nil without a date that says so.
func clockSkewSeconds(of date: String?, against now: Timestamp) -> Int? {
  guard let date, let seconds = secondsSinceEpoch(ofHTTPDate: date) else { return nil }
  return seconds - now.secondsSinceEpoch
}
