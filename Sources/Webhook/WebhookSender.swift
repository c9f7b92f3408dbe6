// Tells the app by a signed request that a recording awaits processing (Standard Webhooks).

package import HTTPClient
package import OpenSSL
package import POSIX

/// Sends messages to the one receiver there is.
///
/// Any number of threads may use one sender; each call blocks its thread, never past its deadline.
/// Nothing is repeated here, and no redirect is followed.
package final class WebhookSender: Sendable {
  private let configuration: WebhookConfiguration
  private let origin: Origin

  package init(
    _ configuration: WebhookConfiguration, tls: TLSContext, limits: ConnectionLimits = .init()
  ) {
    self.configuration = configuration
    let receiver = configuration.receiver
    origin = Origin(receiver.endpoint, tls: receiver.isPlain ? nil : tls, limits: limits)
  }

  /// Sends a message, which is done by any status of success.
  ///
  /// - Parameter timestamp: the time of this try, in seconds since 1970; receivers refuse what is
  ///   too old.
  package func send(
    _ message: WebhookMessage, at timestamp: Int, until deadline: Deadline
  ) throws(WebhookError) {
    let request = request(message, at: timestamp)
    let status: Int
    do throws(HTTPError) {
      status = try origin.status(answering: request.bytes, until: deadline)
    } catch {
      throw .http(error)
    }
    guard (200..<300).contains(status) else { throw .refused(status: status) }
  }

  private func request(_ message: WebhookMessage, at timestamp: Int) -> RequestHead {
    let receiver = configuration.receiver
    var head = RequestHead("POST", receiver.target)
    head.add("host", receiver.endpoint.hostField)
    head.add("user-agent", "sessions-fcgi")
    head.add("content-type", "application/json")
    head.add("content-length", String(message.body.utf8.count))
    head.add("webhook-id", message.id)
    head.add("webhook-timestamp", String(timestamp))
    head.add("webhook-signature", message.signature(configuration.secrets, at: timestamp))
    if let traceparent = message.traceparent { head.add("traceparent", traceparent) }
    head.end(body: message.body)
    return head
  }
}
