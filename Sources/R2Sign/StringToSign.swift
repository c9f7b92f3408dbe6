// Stage 2 of SigV4: what is signed of a canonical request.

internal import OpenSSL

/// For which day, region and service a signing key is good.
public struct CredentialScope: Sendable, Equatable {
  /// The date in UTC, `YYYYMMDD`.
  public let day: String
  /// The store's region.
  public let region: Region

  /// The scope of a signature made at `timestamp` for `region`.
  public init(_ timestamp: Timestamp, region: Region) {
    day = timestamp.day
    self.region = region
  }

  /// `YYYYMMDD/region/s3/aws4_request`.
  public var text: String { "\(day)/\(region.text)/s3/aws4_request" }
}

extension SigningRequest {
  /// The string to sign, step 3 of
  /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>:
  /// algorithm, time, scope, and the SHA-256 of ``canonicalRequest``.
  public func stringToSign(at timestamp: Timestamp, region: Region) -> String {
    R2Sign.stringToSign(
      of: canonicalRequest.utf8.span, at: timestamp.basicFormat,
      CredentialScope(timestamp, region: region))
  }
}

func stringToSign(
  of canonicalRequest: Span<UInt8>, at time: String, _ scope: CredentialScope
) -> String {
  let digest = SHA256.hash(canonicalRequest).hex
  return "AWS4-HMAC-SHA256\n\(time)\n\(scope.text)\n\(digest)"
}
