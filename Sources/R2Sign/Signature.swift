// Stage 3 of SigV4: the key of the day, and what it makes of the string to sign.

internal import OpenSSL

/// The key for one credential scope, derived from the secret by four HMACs: step 4 of
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
///
/// It is overwritten in memory when its last owner lets it go; the keys on the way to it are at
/// once. No way of printing shows it.
public struct SigningKey: Sendable {
  /// What the key is good for.
  public let scope: CredentialScope
  private let bytes: SecretBytes

  /// Derives the key of `scope` from `secret`.
  public init(_ secret: SecretAccessKey, scope: CredentialScope) {
    self.scope = scope
    var key = secret.bytes.withBytes { derivedKey(from: $0, for: scope.day) }
    for part in [scope.region.text, "s3", "aws4_request"] {
      var derived = derivedKey(from: key.span, for: part)
      swap(&key, &derived)
      wipe(&derived)
    }
    bytes = SecretBytes(copying: key.span)
    wipe(&key)
  }

  /// The signature of a string to sign (see ``SigningRequest/stringToSign(at:region:)``): 64
  /// hexadecimal digits in lower case.
  public func signature(of stringToSign: String) -> String {
    bytes.withBytes { hmacSHA256(key: $0, message: stringToSign.utf8.span) }.hex
  }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
  /// `<redacted>`.
  public var description: String { "<redacted>" }
  /// Without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The next key, in an array so that it can be wiped.
private func derivedKey(from key: Span<UInt8>, for part: String) -> [UInt8] {
  var derived = [UInt8](repeating: 0, count: 32)
  var output = derived.mutableSpan
  hmacSHA256(key: key, message: part.utf8.span, into: &output)
  return derived
}
