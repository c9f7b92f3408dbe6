// The names of things in a store.

internal import HTTPSyntax

/// A bucket's name.
package struct BucketName: Sendable, Equatable {
  package let text: String

  /// Nil unless `text` is 1 to 255 ASCII letters, digits, `.`, `-` and `_`, and neither `.` nor
  /// `..`. Stores are stricter, each in its own way; this keeps it one segment of a path.
  package init?(_ text: String) {
    guard (1...255).contains(text.utf8.count), text != ".", text != "..",
      text.utf8.allSatisfy({ $0.isUnreserved && $0 != UInt8(ascii: "~") })
    else { return nil }
    self.text = text
  }
}

/// An object's key. Not a path: `..` and `//` are ordinary parts of it. Keys are bytes, and
/// `String` takes different bytes for equal (canonical equivalence), hence no `Equatable`.
package struct ObjectKey: Sendable {
  package let text: String

  /// Nil unless `text` is 1 to 1024 bytes of UTF-8, S3's limit.
  package init?(_ text: String) {
    guard (1...1024).contains(text.utf8.count) else { return nil }
    self.text = text
  }
}
