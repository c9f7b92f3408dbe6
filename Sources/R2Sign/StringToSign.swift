// Stage 2 of SigV4: what is signed of a canonical request.

internal import OpenSSL

/// For which day, region and service a signing key is good.
public struct CredentialScope: Sendable, Equatable {
  /// `YYYYMMDD`.
  public let day: String
  public let region: Region

  public init(_ timestamp: Timestamp, region: Region) {
    day = timestamp.day
    self.region = region
  }

  /// `YYYYMMDD/region/s3/aws4_request`.
  public var text: String { "\(day)/\(region.text)/s3/aws4_request" }
}

/// The string to sign ("Task 2" of the specification): algorithm, time, scope, and the SHA-256 of
/// the canonical request.
public func stringToSign(
  _ canonicalRequest: String, at timestamp: Timestamp, region: Region
) -> String {
  let digest = SHA256.hash(Array(canonicalRequest.utf8).span).hex
  let scope = CredentialScope(timestamp, region: region).text
  return "AWS4-HMAC-SHA256\n\(timestamp.basicFormat)\n\(scope)\n\(digest)"
}
