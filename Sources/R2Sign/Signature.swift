// Stage 3 of SigV4: the key of the day, and what it makes of the string to sign.

internal import OpenSSL

/// The key for one credential scope, derived from the secret by four HMACs. Overwritten in memory
/// when its last owner lets it go; the keys on the way to it are at once.
public struct SigningKey: Sendable {
  public let scope: CredentialScope
  let bytes: SecretBytes

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
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
  public var description: String { "<redacted>" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The next key, in an array so that it can be wiped.
private func derivedKey(from key: Span<UInt8>, for part: String) -> [UInt8] {
  var derived = [UInt8](repeating: 0, count: 32)
  var output = derived.mutableSpan
  hmacSHA256(key: key, message: Array(part.utf8).span, into: &output)
  return derived
}

/// The signature ("Task 3" of the specification): 64 hexadecimal digits.
public func signature(_ stringToSign: String, key: SigningKey) -> String {
  key.bytes.withBytes { hmacSHA256(key: $0, message: Array(stringToSign.utf8).span) }.hex
}
