// What a part says about itself.

/// The headers of a part, as far as RFC 7578 gives them a meaning. All others are skipped.
public struct PartHeaders: Equatable, Sendable {
  /// The `name` parameter with its escapes undone; may be empty. Compare names by these bytes:
  /// two Strings that look the same may be equal in Swift and still be different names.
  public let nameBytes: [UInt8]

  /// Whether Content-Disposition has a `filename` parameter, whatever is in it. A `filename*`,
  /// which RFC 7578 section 4.2 forbids, does not count.
  public let isFile: Bool

  /// The value of Content-Type without the white space around it, unchecked (`MediaType` checks
  /// it); nil without that header.
  public let contentType: [UInt8]?

  /// The name as text; nil if it is not UTF-8.
  public var name: String? { String(validating: nameBytes, as: UTF8.self) }
}
