// The header of a token (RFC 7515 section 4, RFC 7516 section 4).

internal import HTTPSyntax

/// What a token says of itself. Nothing in it is believed but which of our keys to try.
struct JOSEHeader {
  let algorithm: String
  let encryption: String?
  let keyID: String?

  /// Longer than any of those that Auth.js or an identity provider writes.
  private static let maxBytes = 2048

  /// - Parameter text: in base64url.
  /// - Throws: also for what would change the meaning of the rest: `crit`, `zip`, and `cty: JWT`.
  init(_ text: ArraySlice<UInt8>) throws(TokenError) {
    guard text.count <= JOSEHeader.maxBytes else { throw .tooLong }
    guard let bytes = Base64URL.decode(text),
      case .object(let members) = try JSONReader.read(bytes),
      let algorithm = try members.text("alg")
    else { throw .malformed }
    // Whatever they are.
    guard members["crit"] == nil else { throw .criticalExtension }
    guard members["zip"] == nil else { throw .compressed }
    if let type = try members.text("cty"), lowercased(type) == "jwt" { throw .nested }
    self.algorithm = algorithm
    encryption = try members.text("enc")
    keyID = try members.text("kid")
  }
}
