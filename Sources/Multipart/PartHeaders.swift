// What a part says about itself.

/// The headers of a part, as far as RFC 7578 gives them a meaning. All others are skipped.
public struct PartHeaders: Equatable, Sendable {
  /// The `name` parameter with its escapes undone; may be empty. Compare names by these bytes:
  /// two Strings that look the same may be equal in Swift and still be different names.
  public let nameBytes: [UInt8]

  /// The `filename` parameter with the same escapes undone; nil without one. May be empty, as
  /// browsers have it for a file input that was left empty.
  ///
  /// They are the sender's words, never a path: `/`, `..`, line ends and bytes that are no UTF-8
  /// may be in them. A `filename*`, which RFC 7578 section 4.2 forbids, does not count.
  public let filenameBytes: [UInt8]?

  /// The value of Content-Type without the white space around it, unchecked (`MediaType` checks
  /// it); nil without that header.
  public let contentTypeBytes: [UInt8]?

  /// The headers of a part as a parser would give them, for tests of a `MultipartHandler`.
  public init(
    nameBytes: [UInt8], filenameBytes: [UInt8]? = nil, contentTypeBytes: [UInt8]? = nil
  ) {
    self.nameBytes = nameBytes
    self.filenameBytes = filenameBytes
    self.contentTypeBytes = contentTypeBytes
  }

  /// Whether Content-Disposition has a `filename` parameter, whatever is in it.
  public var isFile: Bool { filenameBytes != nil }

  /// The name as text; nil if it is not UTF-8.
  public var name: String? { String(validating: nameBytes, as: UTF8.self) }
}
