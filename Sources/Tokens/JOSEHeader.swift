// The header of a token (RFC 7515 section 4, RFC 7516 section 4).

internal import FoundationEssentials
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
    guard let bytes = Base64URL.decode(text), let members = decodedJSON(Members.self, from: bytes)
    else { throw .malformed }
    guard !members.hasCriticalExtensions else { throw .criticalExtension }
    guard !members.isCompressed else { throw .compressed }
    if let type = members.contentType, lowercased(type) == "jwt" { throw .nested }
    algorithm = members.algorithm
    encryption = members.encryption
    keyID = members.keyID
  }

  private struct Members: Decodable {
    let algorithm: String
    let encryption, keyID, contentType: String?
    let hasCriticalExtensions, isCompressed: Bool

    private enum Name: String, CodingKey {
      case alg, enc, kid, cty, crit, zip
    }

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: Name.self)
      algorithm = try members.decode(String.self, forKey: .alg)
      encryption = try members.decodeIfPresent(String.self, forKey: .enc)
      keyID = try members.decodeIfPresent(String.self, forKey: .kid)
      contentType = try members.decodeIfPresent(String.self, forKey: .cty)
      // Whatever they are.
      hasCriticalExtensions = members.contains(.crit)
      isCompressed = members.contains(.zip)
    }
  }
}

/// What the JSON text `bytes` stands for; nil where it is none, or of another shape.
func decodedJSON<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
  // Of whatever is wrong with it, nothing is told.
  try? JSONDecoder().decode(type, from: Data(bytes))
}
