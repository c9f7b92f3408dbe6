// Stage 3 of SigV4: the key of the day, and what it makes of the string to sign.

internal import OpenSSL

/// The key for one credential scope, derived from the secret by four HMACs. Overwritten in memory
/// when its last owner lets it go.
public struct SigningKey: Sendable {
  public let scope: CredentialScope
  let bytes: SecretBytes

  public init(_ secret: SecretAccessKey, scope: CredentialScope) {
    self.scope = scope
    var key = secret.bytes.withBytes { hmacSHA256(key: $0, message: Array(scope.day.utf8).span) }
    for part in [scope.region.text, "s3", "aws4_request"] {
      key = hmacSHA256(key: key.bytes.span, message: Array(part.utf8).span)
    }
    bytes = SecretBytes(copying: key.bytes.span)
  }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
  public var description: String { "<redacted>" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The signature ("Task 3" of the specification): 64 hexadecimal digits.
public func signature(_ stringToSign: String, key: SigningKey) -> String {
  key.bytes.withBytes { hmacSHA256(key: $0, message: Array(stringToSign.utf8).span) }.hex
}
