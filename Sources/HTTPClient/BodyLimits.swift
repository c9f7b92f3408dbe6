// What the body of a response may take.

/// Limits on a body that somebody waits for.
package struct BodyLimits: Sendable {
  /// All of it.
  package var whole: Duration
  /// The wait for its next bytes, with nothing earned by earlier ones.
  package var idleTimeout: Duration
  /// On average over the time that it is waited for; what takes the bytes may take its time.
  package var minBytesPerSecond: Int

  /// - Precondition: `minBytesPerSecond` is above 0.
  package init(whole: Duration, idleTimeout: Duration, minBytesPerSecond: Int) {
    precondition(minBytesPerSecond > 0, "no least rate")
    self.whole = whole
    self.idleTimeout = idleTimeout
    self.minBytesPerSecond = minBytesPerSecond
  }
}
