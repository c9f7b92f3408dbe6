// Where a recording lies in the bucket.

/// The last part of an object's key, `sessions/<user>/<session>/audio.<extension>`; the database
/// puts it together, where the user's id is known.
enum AudioKey {
  /// The MIME subtype in lower case, as far as it is safe in a key; `webm` where nothing is left
  /// of it or it is longer than 32 characters.
  static func fileExtension(_ subtype: String) -> String {
    let kept = subtype.utf8.compactMap { byte -> UInt8? in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"):
        byte
      default: nil
      }
    }
    guard !kept.isEmpty, kept.count <= 32 else { return "webm" }
    return String(decoding: kept, as: UTF8.self)
  }
}
