// Why a request is nobody's.

/// Why no user could be told from a request. It says nothing of the token's content.
package enum TokenError: Error, Equatable, Sendable {
  /// Neither a session's cookie nor, where those are taken, a bearer token.
  case noCredentials
  /// A cookie or the header came twice, so that others could read another of the two.
  case repeated
  /// Of a session in several cookies one is missing, or it came both whole and in pieces.
  case incompleteChunks
  /// The cookie holds no encrypted token. With Auth.js's `strategy: "database"` it names a row of
  /// the app's, which only the app can look up.
  case notEncrypted
  /// Longer than any token that is taken.
  case tooLong
  /// Breaks the grammar of tokens: parts, base64url, JSON, lengths of IV and tag.
  case malformed
  /// An algorithm that is not taken, `none` included.
  case algorithmNotTaken
  /// A `crit` header (RFC 7515 section 4.1.11): none of the extensions is known here.
  case criticalExtension
  /// Compressed content (`zip`), which could grow without end.
  case compressed
  /// A token in a token.
  case nested
  /// No key has this id.
  case unknownKey
  /// None of the keys fits: made by somebody else, or changed on its way.
  case notAuthentic
  case withoutExpiry
  case expired
  case notYetValid
  case wrongIssuer
  case wrongAudience
  /// The claim that names the user is missing.
  case withoutUser
  /// The claim that names the user is no text of 1 to 255 visible ASCII characters.
  case unusableUser
}

extension TokenError {
  /// What to do about it, where that is not plain.
  package var advice: String? {
    self == .notEncrypted
      ? "with Auth.js's strategy \"database\" only the app can say who it is" : nil
  }
}

extension TokenError: CustomStringConvertible {
  /// A word for the log.
  package var description: String {
    switch self {
    case .noCredentials: "no_credentials"
    case .repeated: "repeated"
    case .incompleteChunks: "incomplete_chunks"
    case .notEncrypted: "not_encrypted"
    case .tooLong: "too_long"
    case .malformed: "malformed"
    case .algorithmNotTaken: "algorithm_not_taken"
    case .criticalExtension: "critical_extension"
    case .compressed: "compressed"
    case .nested: "nested"
    case .unknownKey: "unknown_key"
    case .notAuthentic: "not_authentic"
    case .withoutExpiry: "without_expiry"
    case .expired: "expired"
    case .notYetValid: "not_yet_valid"
    case .wrongIssuer: "wrong_issuer"
    case .wrongAudience: "wrong_audience"
    case .withoutUser: "without_user"
    case .unusableUser: "unusable_user"
    }
  }
}
