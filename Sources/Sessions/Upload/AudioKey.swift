// Where a recording lies in the bucket.

internal import HTTPSyntax

/// The last part of an object's key, `sessions/<user>/<session>/audio.<extension>`; the database
/// puts it together, where the user's id is known.
enum AudioKey {
  /// The MIME subtype in lower case, as far as it is safe in a key; `webm` where nothing is left
  /// of it or it is longer than 32 characters.
  static func fileExtension(_ subtype: String) -> String {
    let kept = subtype.utf8.map(\.lowercased).filter { byte in
      byte.isLetterOrDigit || ".+-".utf8.contains(byte)
    }
    guard !kept.isEmpty, kept.count <= 32 else { return "webm" }
    return String(decoding: kept, as: UTF8.self)
  }
}
