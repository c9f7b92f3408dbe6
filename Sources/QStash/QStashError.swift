// Why a message was not published.

package import HTTPClient

package enum QStashError: Error, Equatable, Sendable {
  /// No response came, or none that is HTTP. The message may have been published all the same.
  case http(HTTPError)
  /// QStash answered, and not with success.
  case refused(status: Int)
  /// The session's id is not 1 to 64 ASCII letters, digits, `-` and `_`.
  case invalidSessionID
}

extension QStashError: CustomStringConvertible {
  /// Plain words for a log line, without the token or an address.
  package var description: String {
    switch self {
    case .http(let error): error.description(naming: "QStash")
    case .refused(status: 401): "QStash refused: 401 (the token is wrong)"
    case .refused(status: 429): "QStash refused: 429 (its limit is reached)"
    case .refused(let status): "QStash refused: \(status)"
    case .invalidSessionID: "the session's id is not one to publish"
    }
  }
}
