// Who signs, and for which store: names with a type each, so that none is taken for another.

internal import HTTPSyntax
internal import OpenSSL

/// The public half of a key pair, such as `AKIAIOSFODNN7EXAMPLE`.
public struct AccessKeyID: Sendable, Equatable {
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
/// no way of printing it shows it. The text it was made of is its owner's to lose.
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
  public var description: String { "<redacted>" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The key pair that signs.
public struct Credentials: Sendable {
  public let accessKeyID: AccessKeyID
  public let secretAccessKey: SecretAccessKey

  public init(accessKeyID: AccessKeyID, secretAccessKey: SecretAccessKey) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
  }
}

/// A store's region, such as `us-east-1`.
public struct Region: Sendable, Equatable {
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

/// A bucket's name.
public struct BucketName: Sendable, Equatable {
  public let text: String

  /// Nil unless `text` is 1 to 255 ASCII letters, digits, `.`, `-` and `_`, and neither `.` nor
  /// `..`. Stores are stricter, each in its own way; this keeps it one segment of a path.
  public init?(_ text: String) {
    guard (1...255).contains(text.utf8.count), text != ".", text != "..",
      text.utf8.allSatisfy({ $0.isUnreserved && $0 != UInt8(ascii: "~") })
    else { return nil }
    self.text = text
  }
}

/// An object's key. Not a path: `..` and `//` are ordinary parts of it. Keys are bytes, and
/// `String` takes different bytes for equal (canonical equivalence), hence no `Equatable`.
public struct ObjectKey: Sendable {
  public let text: String

  /// Nil unless `text` is 1 to 1024 bytes of UTF-8, S3's limit.
  public init?(_ text: String) {
    guard (1...1024).contains(text.utf8.count) else { return nil }
    self.text = text
  }
}
