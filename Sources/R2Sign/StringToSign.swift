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
    let digest = SHA256.hash(Array(canonicalRequest.utf8).span).hex
    let scope = CredentialScope(timestamp, region: region).text
    return "AWS4-HMAC-SHA256\n\(timestamp.basicFormat)\n\(scope)\n\(digest)"
  }
}
