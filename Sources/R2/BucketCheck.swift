// Whether the bucket can be used, and if not, why.

internal import HTTPClient
package import POSIX
internal import R2Sign

/// What a usable bucket says of itself.
package struct BucketStatus: Sendable, Equatable {
  /// How far the store's clock is ahead of ours; nil when it does not say. Stores refuse us from
  /// 15 minutes on.
  package let clockSkewSeconds: Int?
}

extension R2Client {
  /// Asks for the bucket: cheap, and it fails where no request would succeed. It changes nothing,
  /// so credentials that may only read, and a full store, look well.
  ///
  /// A refusal of HEAD has no body and so no reason; it is asked for by a second request.
  package func checkBucket(deadline: Deadline) throws(R2Error) -> BucketStatus {
    let outcome: R2Outcome
    do throws(R2Error) {
      outcome = try perform(bucketRequest("HEAD"), deadline: deadline)
    } catch {
      guard case .refused(let refusal) = error, refusal.status < 500 else { throw error }
      // One key at most: the response to this, should it succeed, is of no interest.
      let query = [
        QueryItem(name: "list-type", value: "2"), QueryItem(name: "max-keys", value: "1"),
      ]
      _ = try perform(bucketRequest("GET", query: query), deadline: deadline)
      throw error
    }
    return BucketStatus(
      clockSkewSeconds: clockSkewSeconds(of: outcome.head.date, against: configuration.now()))
  }
}
