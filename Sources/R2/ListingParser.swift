// One page of a bucket's listing, parsed as its bytes come.

internal import HTTPClient
internal import HTTPSyntax

/// An object, as a listing tells of it.
package struct ListedObject: Sendable {
  package let key: ObjectKey
  /// When it was stored, by the store's clock: whole seconds since 1970.
  package let lastModifiedSeconds: Int
  package let byteCount: Int
}

/// Some of the objects asked for.
package struct ListedPage: Sendable {
  package let objects: [ListedObject]
  /// Where the next page goes on; nil when there is none.
  package let continuation: String?
}

/// Parses the response to ListObjectsV2 from bytes given in pieces of any size.
///
/// It does no I/O, and holds at most `maxObjects` objects.
struct ListingParser: Sendable {
  private let prefix: [UInt8]
  private let maxObjects: Int
  private var reader = XMLReader()
  private var objects: [RawObject] = []
  private var object = RawObject()
  private var isTruncated: Bool?
  private var continuation: String?
  private var encoding: [UInt8]?

  /// What has been read of `<Contents>`. Whether its key is encoded may be said only after it.
  private struct RawObject: Sendable {
    var key: [UInt8]?
    var lastModifiedSeconds: Int?
    var byteCount: Int?
  }

  /// - Parameters:
  ///   - prefix: what the keys were asked to begin with; a listing with any other is refused,
  ///     since somebody may go on to remove what he finds in it.
  ///   - maxObjects: how many objects were asked for.
  init(prefix: String, maxObjects: Int) {
    self.prefix = Array(prefix.utf8)
    self.maxObjects = maxObjects
  }

  mutating func append(_ bytes: Span<UInt8>) throws(ListingError) {
    for index in bytes.indices {
      switch try reader.next(bytes[index]) {
      case .start?: try handleStart()
      case .end(let name, let text)?: try handleEnd(name, text)
      case nil: break
      }
    }
  }

  /// The page; to be called once, after the last byte.
  consuming func finish() throws(ListingError) -> ListedPage {
    guard reader.isComplete else { throw .malformed }
    guard let isTruncated, !isTruncated || continuation != nil else { throw .badElement }
    guard encoding == nil || encoding == Array("url".utf8) else { throw .badElement }
    var listed: [ListedObject] = []
    listed.reserveCapacity(objects.count)
    for object in objects { listed.append(try decoded(object)) }
    return ListedPage(objects: listed, continuation: isTruncated ? continuation : nil)
  }

  private func handleStart() throws(ListingError) {
    if reader.path.count == 1 && reader.path != ["ListBucketResult"] { throw .malformed }
    if reader.path == ["ListBucketResult", "Contents"] && objects.count == maxObjects {
      throw .tooLong
    }
  }

  private mutating func handleEnd(_ name: String, _ text: [UInt8]) throws(ListingError) {
    switch reader.path.count {
    case 1: try handleListing(name, text)
    case 2 where reader.path[1] == "Contents": try handleObject(name, text)
    default: break
    }
  }

  private mutating func handleListing(_ name: String, _ text: [UInt8]) throws(ListingError) {
    switch name {
    case "IsTruncated":
      guard isTruncated == nil else { throw .badElement }
      switch String(decoding: text, as: UTF8.self) {
      case "true": isTruncated = true
      case "false": isTruncated = false
      default: throw .badElement
      }
    case "NextContinuationToken":
      guard continuation == nil,
        let token = String(validating: try decodedXMLText(text), as: UTF8.self), !token.isEmpty
      else { throw .badElement }
      continuation = token
    case "EncodingType":
      guard encoding == nil else { throw .badElement }
      encoding = text
    case "Contents":
      guard object.key != nil, object.lastModifiedSeconds != nil, object.byteCount != nil else {
        throw .badElement
      }
      objects.append(object)
      object = RawObject()
    default: break
    }
  }

  private mutating func handleObject(_ name: String, _ text: [UInt8]) throws(ListingError) {
    switch name {
    case "Key":
      guard object.key == nil else { throw .badElement }
      object.key = try decodedXMLText(text)
    case "LastModified":
      guard object.lastModifiedSeconds == nil, let seconds = secondsSinceEpoch(ofISODate: text)
      else { throw .badElement }
      object.lastModifiedSeconds = seconds
    case "Size":
      guard object.byteCount == nil, let count = DecimalDigits.parse(text[...]) else {
        throw .badElement
      }
      object.byteCount = count
    default: break
    }
  }

  private func decoded(_ object: RawObject) throws(ListingError) -> ListedObject {
    guard let raw = object.key, let lastModifiedSeconds = object.lastModifiedSeconds,
      let byteCount = object.byteCount
    else { throw .badElement }
    // Stores write a space as `+` here, unlike anywhere else.
    guard let key = encoding == nil ? raw : formDecoded(raw[...]) else { throw .badElement }
    guard key.starts(with: prefix) else { throw .foreignKey }
    guard let text = String(validating: key, as: UTF8.self), let key = ObjectKey(text) else {
      throw .badElement
    }
    return ListedObject(
      key: key, lastModifiedSeconds: lastModifiedSeconds, byteCount: byteCount)
  }
}
