// What an R2Client has to know.

internal import Glibc
package import HTTPClient
package import R2Sign

/// A store, a bucket in it, who we are there, and how long things may take.
package struct R2Configuration: Sendable {
  package var endpoint: Endpoint
  package var bucket: BucketName
  package var credentials: Credentials
  package var region = Region.auto

  package var connections = ConnectionLimits()
  /// How often a request is made in all, where it may be repeated.
  package var maxAttempts = 4
  /// The wait before the first repetition; it doubles each time.
  package var backoffBase = Duration.milliseconds(100)
  /// The same after the store said that it has too much to do: R2 takes one write a second for each
  /// key.
  package var rateLimitBackoffBase = Duration.milliseconds(2200)
  /// The clock that signatures are dated by.
  package var now: @Sendable () -> Timestamp = {
    Timestamp(secondsSinceEpoch: time(nil))
  }

  package init(endpoint: Endpoint, bucket: BucketName, credentials: Credentials) {
    self.endpoint = endpoint
    self.bucket = bucket
    self.credentials = credentials
  }
}
