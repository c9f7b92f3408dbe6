// Why the app was not told.

package import HTTPClient

package enum WebhookError: Error, Equatable, Sendable {
  /// No response came, or none that is HTTP. The app may have been told all the same.
  case http(HTTPError)
  /// The app answered, and not with success.
  case refused(status: Int)
}

extension WebhookError: CustomStringConvertible {
  /// Plain words for a log line, without a secret or an address.
  package var description: String {
    switch self {
    case .http(let error): error.description(naming: "the receiver at PROCESS_URL")
    case .refused(let status) where (300..<400).contains(status):
      "the receiver at PROCESS_URL answered \(status), and no redirect is followed"
    case .refused(let status) where [400, 401, 403].contains(status):
      "the receiver at PROCESS_URL refused: \(status); does it have PROCESS_SECRET?"
    case .refused(let status): "the receiver at PROCESS_URL refused: \(status)"
    }
  }
}
