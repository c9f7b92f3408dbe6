// What to do about a storage that does not work, by the names of the settings.

internal import HTTPClient
internal import OpenSSL
internal import POSIX
internal import R2
internal import SystemPackage

/// Why storage does not work, and the setting that is most likely to blame.
struct StorageFailure: Error, CustomStringConvertible {
  private let error: R2Error
  private let isKeyPairSwapped: Bool

  /// - Parameter isKeyPairSwapped: whether the two keys look as if each stood for the other.
  init(_ error: R2Error, isKeyPairSwapped: Bool) {
    self.error = error
    self.isKeyPairSwapped = isKeyPairSwapped
  }

  /// Plain words, safe to log.
  var description: String {
    advice.map { "\(error): \($0)" } ?? error.description
  }

  /// Nil where no setting is known to help.
  private var advice: String? {
    switch error {
    case .http(.tls(.certificateRefused(let code))): advice(on: code)
    case .http(.tls(.library)):
      "is TLS spoken at that port of R2_ENDPOINT, and is R2_ACCOUNT_ID right?"
    case .http(.unreachable(.unresolved(_))): "is the host in R2_ENDPOINT, or R2_ACCOUNT_ID, right?"
    case .http(.unreachable(.refused(.connectionRefused))): "is the port in R2_ENDPOINT right?"
    case .http(.garbled), .unconfirmed, .badListing: Self.noStore
    case .refused(let refusal):
      isKeyPairSwapped && Self.isAboutKeys(refusal) ? Self.swapped : Self.advice(on: refusal)
    case .http, .unsignable: nil
    }
  }

  private static let noStore = "is there a store that speaks the S3 API at R2_ENDPOINT?"
  private static let swapped =
    "R2_ACCESS_KEY_ID is longer than R2_SECRET_ACCESS_KEY: are the two swapped?"

  private func advice(on code: VerificationCode) -> String? {
    switch code {
    case .unknownAuthority, .selfSigned, .selfSignedInChain, .unverifiableLeaf:
      "R2_CA_FILE adds an authority of your own"
    case .hostNameMismatch, .addressMismatch:
      "is the host in R2_ENDPOINT the one that the certificate is for?"
    default: nil
    }
  }

  private static func isAboutKeys(_ refusal: R2Refusal) -> Bool {
    switch refusal.code {
    case nil: [400, 401, 403].contains(refusal.status)
    case "AccessDenied", "InvalidAccessKeyId", "InvalidArgument", "SignatureDoesNotMatch",
      "Unauthorized":
      true
    default: false
    }
  }

  private static func advice(on refusal: R2Refusal) -> String? {
    switch (refusal.code, refusal.status) {
    case ("InvalidAccessKeyId", _), ("Unauthorized", _), (nil, 401):
      "is R2_ACCESS_KEY_ID of this account and this jurisdiction, and not revoked?"
    case ("InvalidArgument", _): "in R2 R2_ACCESS_KEY_ID has 32 characters"
    case ("SignatureDoesNotMatch", _):
      "R2_SECRET_ACCESS_KEY does not belong to R2_ACCESS_KEY_ID, or R2_REGION is not the bucket's"
    case ("InvalidToken", _), ("ExpiredToken", _): "R2_SESSION_TOKEN has to be renewed"
    case ("AccessDenied", _), (nil, 403):
      "the keys need Object Read & Write on R2_BUCKET_NAME, \(jurisdiction)"
    case ("NoSuchBucket", _): "is R2_BUCKET_NAME right? \(jurisdiction)"
    case ("AuthorizationHeaderMalformed", _), ("InvalidRegionName", _), ("InvalidRegion", _):
      "is R2_REGION the bucket's?"
    case ("PermanentRedirect", _), ("TemporaryRedirect", _), (nil, 300..<400):
      "is R2_ENDPOINT the address of the S3 API, and of the bucket's region?"
    case (nil, 400..<500): noStore
    default: nil
    }
  }

  private static let jurisdiction =
    "and a bucket with a jurisdiction needs R2_JURISDICTION"
}
