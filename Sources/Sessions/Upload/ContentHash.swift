// The hash by which a repeated upload is told from another one with the same key.

internal import OpenSSL

extension Upload {
  /// A hash of what was uploaded: the recording, its type, and the fields. Not the raw body,
  /// whose boundary is another one each time.
  var contentHash: String {
    // None of the parts can hold a line break, so no two uploads make the same text.
    let parts = [
      recording.sha256.hex, contentType, String(durationSeconds), topic ?? "", language,
    ]
    let text = Array(parts.joined(separator: "\n").utf8)
    return SHA256.hash(text.span).hex
  }
}
