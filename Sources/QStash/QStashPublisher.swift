// Tells QStash, Upstash's message queue, that a recording awaits processing.

package import HTTPClient
internal import HTTPSyntax
package import OpenSSL
package import POSIX

/// Publishes messages to QStash, which delivers them to the app.
///
/// Any number of threads may use one publisher; each call blocks its thread, never past its
/// deadline. Nothing is repeated here.
package final class QStashPublisher: Sendable {
  private let configuration: QStashConfiguration
  private let origin: Origin

  package init(
    _ configuration: QStashConfiguration, tls: TLSContext, limits: ConnectionLimits = .init()
  ) {
    self.configuration = configuration
    origin = Origin(configuration.endpoint, tls: tls, limits: limits)
  }

  /// Has `{"sessionId": ...}` delivered to the app, which QStash tries four times in all.
  ///
  /// The session's id is the message's own, too: QStash takes a second message with it for the same
  /// as the first, and says so with success, for 10 minutes. After that a repetition is delivered
  /// again, so the app has to bear that.
  ///
  /// `POST /v2/publish/{destination}`; the destination stands in the path as it is, not
  /// percent-encoded: https://upstash.com/docs/qstash/api-reference/messages/publish-a-message
  package func publish(sessionID: String, deadline: Deadline) throws(QStashError) {
    guard (1...64).contains(sessionID.utf8.count), sessionID.utf8.allSatisfy(\.isIDByte) else {
      throw .invalidSessionID
    }
    var request = request(sessionID: sessionID)
    defer { request.wipe() }
    let status: Int
    do throws(HTTPError) {
      status = try origin.status(answering: request.bytes, until: deadline)
    } catch {
      throw .http(error)
    }
    guard (200..<300).contains(status) else { throw .refused(status: status) }
  }

  private func request(sessionID: String) -> RequestHead {
    let endpoint = configuration.endpoint
    let target = "\(endpoint.basePath)/v2/publish/\(configuration.destination.text)"
    // An id that is valid needs no escapes.
    let body = "{\"sessionId\":\"\(sessionID)\"}"
    // The token is at most 4096 bytes, and so are the fields beside it and the body.
    var head = RequestHead("POST", target, capacity: target.utf8.count + 8192)
    head.add("host", endpoint.hostField)
    head.add("content-type", "application/json")
    head.add("content-length", String(body.utf8.count))
    head.add("upstash-retries", "3")
    head.add("upstash-deduplication-id", sessionID)
    configuration.token.bytes.withBytes { head.add("authorization", "Bearer", secret: $0) }
    head.end(body: body)
    return head
  }
}
