// Where a recording lies in the bucket.

internal import R2Sign

/// Builds object keys: `sessions/<user>/<session>/audio.<extension>`.
enum AudioKey {
  /// - Returns: nil when the ids are too long for a key.
  static func make(userID: String, sessionID: String, subtype: String) -> ObjectKey? {
    ObjectKey("sessions/\(userID)/\(sessionID)/audio.\(fileExtension(subtype))")
  }

  /// The MIME subtype in lower case, as far as it is safe in a key; `webm` where nothing is left
  /// of it or it is longer than 32 characters.
  private static func fileExtension(_ subtype: String) -> String {
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
