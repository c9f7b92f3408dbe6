// What the app is told, and its signature.

internal import HTTPSyntax
internal import OpenSSL

/// That a recording awaits processing.
package struct WebhookMessage: Sendable, Equatable {
  /// The same at each try, by which the receiver knows a repetition.
  let id: String
  /// The same at each try, too.
  let body: String
  /// The trace of the request that brought the recording.
  let traceparent: String?

  /// - Parameters:
  ///   - time: when it was uploaded, as ISO 8601 has it.
  ///   - traceparent: well formed, if any.
  /// - Returns: nil unless the session's id is 1 to 64 ASCII letters, digits, `-` and `_`.
  package init?(sessionID: String, uploadedAt time: String, traceparent: String?) {
    guard (1...64).contains(sessionID.utf8.count), sessionID.utf8.allSatisfy(\.isIDByte) else {
      return nil
    }
    id = "uploaded_\(sessionID)"
    // Neither needs escapes.
    body =
      "{\"type\":\"session.uploaded\",\"timestamp\":\"\(time)\","
      + "\"data\":{\"sessionId\":\"\(sessionID)\"}}"
    self.traceparent = traceparent
  }

  /// `v1,<base64>` for each secret, by blanks: HMAC-SHA-256 over id, time and body.
  ///
  /// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  func signature(_ secrets: WebhookSecrets, at timestamp: Int) -> String {
    let signed = Array("\(id).\(timestamp).\(body)".utf8)
    return secrets.secrets.map { secret in
      let digest = secret.withBytes { hmacSHA256(key: $0, message: signed.span) }
      return "v1,\(base64Encoded(digest.bytes.span))"
    }.joined(separator: " ")
  }
}
