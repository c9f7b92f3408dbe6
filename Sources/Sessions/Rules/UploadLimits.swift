// How many uploads a user may have. The database counts them: Schema, check_rate_limits.

/// How many uploads one user may have; 0 for any number.
package struct UploadLimits: Sendable, Equatable {
  /// At the same time.
  package var inFlight: Int
  /// Begun within an hour and successful or still in flight; deleted ones count too.
  package var perHour: Int

  package init(inFlight: Int, perHour: Int) {
    self.inFlight = inFlight
    self.perHour = perHour
  }
}
