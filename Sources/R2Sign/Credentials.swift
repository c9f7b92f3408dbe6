// Who signs, and for which store: names with a type each, so that none is taken for another.

internal import HTTPSyntax
internal import OpenSSL

/// The public half of a key pair, such as `AKIAIOSFODNN7EXAMPLE`.
public struct AccessKeyID: Sendable, Equatable {
  /// The id as it stands in a credential scope.
  public let text: String

  /// Nil unless `text` is 1 to 255 visible ASCII characters without `/` and `,`, which would end
  /// it inside a credential scope or an Authorization header.
  public init?(_ text: String) {
    guard (1...255).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0.isVisible && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ",") })
    else { return nil }
    self.text = text
  }
}

/// The secret half of a key pair. Its copy here is overwritten when the last owner lets it go, and
/// no way of printing it shows it. The text it was made of is not overwritten, as no `String` can
/// be.
public struct SecretAccessKey: Sendable {
  let bytes: SecretBytes

  /// Nil when `text` is empty or has a byte that is not visible ASCII, such as the line end of the
  /// file it came from.
  public init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy(\.isVisible) else { return nil }
    // The specification's key for the first HMAC is "AWS4" and the secret.
    // Joined in an array of the right size, since nobody could wipe a String.
    let prefix = "AWS4".utf8
    var prefixed: [UInt8] = []
    prefixed.reserveCapacity(prefix.count + text.utf8.count)
    prefixed += prefix
    prefixed += text.utf8
    defer { wipe(&prefixed) }
    bytes = SecretBytes(copying: prefixed.span)
  }
}

extension SecretAccessKey: CustomStringConvertible, CustomReflectable {
  /// `<redacted>`.
  public var description: String { "<redacted>" }
  /// Without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The token that belongs to temporary credentials, sent as `x-amz-security-token`. No way of
/// printing it shows it.
public struct SessionToken: Sendable {
  let text: String

  /// Nil unless `text` is 1 to 8192 visible ASCII characters.
  public init?(_ text: String) {
    guard (1...8192).contains(text.utf8.count), text.utf8.allSatisfy(\.isVisible) else {
      return nil
    }
    self.text = text
  }
}

extension SessionToken: CustomStringConvertible, CustomReflectable {
  /// `<redacted>`.
  public var description: String { "<redacted>" }
  /// Without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The key pair that signs, and the token of one that is temporary.
public struct Credentials: Sendable {
  /// The public half.
  public let accessKeyID: AccessKeyID
  /// The secret half.
  public let secretAccessKey: SecretAccessKey
  /// Nil where the key pair is good until it is revoked.
  public let sessionToken: SessionToken?

  /// A key pair, with the token that was issued with it if it is temporary.
  public init(
    accessKeyID: AccessKeyID, secretAccessKey: SecretAccessKey, sessionToken: SessionToken? = nil
  ) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

/// A store's region, such as `us-east-1`.
public struct Region: Sendable, Equatable {
  /// The region as it stands in a credential scope.
  public let text: String

  /// R2's only region.
  public static let auto = Region(verified: "auto")

  /// Nil unless `text` is 1 to 64 ASCII letters, digits and `-`.
  public init?(_ text: String) {
    guard (1...64).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: "-") })
    else { return nil }
    self.text = text
  }

  private init(verified text: String) { self.text = text }
}
