// Why the store did not do what it was asked.

package import HTTPClient
package import R2Sign

package enum R2Error: Error, Equatable, Sendable {
  /// No response came, or none that is HTTP.
  case http(HTTPError)
  /// The store answered, and not with success.
  case refused(R2Refusal)
  /// The store claims success with this status, and does not say what it has stored (an ETag).
  case unconfirmed(status: Int)
  /// The store's listing cannot be believed.
  case badListing(ListingError)
  /// The request cannot be signed.
  case unsignable(R2SignError)
}

/// A response other than success.
package struct R2Refusal: Equatable, Sendable {
  package let status: Int
  /// S3's error code, such as `NoSuchKey`; nil where the response has none.
  package let code: String?
  /// How far the store's clock is ahead of ours, by its Date field.
  package let clockSkewSeconds: Int?
  /// After how long the store wants to be asked again, if it says so.
  package let retryAfterSeconds: Int?

  package init(
    status: Int, code: String?, clockSkewSeconds: Int? = nil, retryAfterSeconds: Int? = nil
  ) {
    self.status = status
    self.code = code
    self.clockSkewSeconds = clockSkewSeconds
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// Whether the store has too much to do, for this key or at all.
  var isRateLimit: Bool { status == 429 || code == "SlowDown" || code == "TooManyRequests" }

  /// S3's codes for what passes, whatever status they come with: a body that did not arrive whole
  /// is told with 400, and an error after the head with 200.
  private static let passingCodes: Set = [
    "InternalError", "IncompleteBody", "OperationAborted", "PriorRequestNotComplete",
    "RequestTimeout", "ServiceUnavailable", "SlowDown", "TooManyRequests",
  ]

  fileprivate var isRetryable: Bool {
    if let code, R2Refusal.passingCodes.contains(code) { return true }
    // 501 says that the store does not know how, which will not change.
    return status == 408 || status == 429 || (status >= 500 && status != 501)
  }
}

extension R2Error {
  /// Whether the same request, made again, may well succeed. All our requests are idempotent.
  package var isRetryable: Bool {
    switch self {
    case .http(let error): error.isRetryable
    case .refused(let refusal): refusal.isRetryable
    case .unconfirmed, .badListing, .unsignable: false
    }
  }
}

extension R2Error: CustomStringConvertible {
  /// Plain words for a log line, without the endpoint, the bucket, a key or a secret.
  package var description: String {
    switch self {
    case .http(let error): error.description(naming: "object storage")
    case .refused(let refusal): "object storage refused: \(refusal)"
    case .unconfirmed(let status):
      "object storage answered \(status) without saying what it has stored"
    case .badListing(let error): "object storage's listing is unusable: \(error)"
    case .unsignable(let error): "the request to object storage cannot be made: \(error)"
    }
  }
}

extension R2Refusal: CustomStringConvertible {
  package var description: String {
    var text = "\(status)"
    if let code { text += " \(code)" }
    if let meaning { text += " (\(meaning))" }
    if let skew = clockSkewSeconds, abs(skew) > 60 {
      text += ", its clock is \(abs(skew)) s \(skew > 0 ? "ahead of" : "behind") ours"
    }
    return text
  }

  /// The usual reasons, in the words of who has to mend them.
  private var meaning: String? {
    switch code {
    case "SignatureDoesNotMatch": "the secret access key is wrong"
    case "InvalidAccessKeyId", "Unauthorized": "the access key id is unknown"
    case "ExpiredToken": "the session token has expired"
    case "InvalidToken": "the session token is wrong"
    case "NoSuchBucket": "there is no such bucket"
    case "RequestTimeTooSkewed": "this machine's clock is wrong"
    case "AccessDenied": "these credentials may not do this"
    case "ObjectLockedByBucketPolicy": "a bucket lock forbids it"
    case nil where status == 401: "the access key id is unknown"
    default: nil
    }
  }
}
