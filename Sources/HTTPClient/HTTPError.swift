// Why a request got no usable answer.

internal import Glibc
package import OpenSSL
package import POSIX
package import SystemPackage

package enum HTTPError: Error, Equatable, Sendable {
  /// No connection could be made.
  case unreachable(ConnectError)
  /// The TLS handshake failed; a refused certificate says why.
  case tls(OpenSSLError)
  /// The connection was lost before the first byte of a response.
  case connectionLost(OpenSSLError)
  /// The response is not HTTP, is cut short, or claims success for a body it has not read.
  case garbled(ResponseError)
  /// The connection was lost in the middle of the response.
  case responseLost(OpenSSLError)
  /// The server claims success before it had all of the request.
  case answeredEarly
  /// Nobody wants the response any more.
  case abandoned
  /// The deadline passed after the connection was made.
  case timedOut
  /// The file to upload cannot be read.
  case file(Errno)
  /// The file to upload has fewer bytes than it was said to have.
  case fileTooShort
}

extension HTTPError {
  /// Whether the same request, if it is idempotent, is worth repeating.
  package var isRetryable: Bool {
    switch self {
    case .connectionLost(let error): error != .timedOut
    case .tls(.system), .tls(.closedUnexpectedly): true
    case .unreachable(.refused), .unreachable(.unresolved(code: EAI_AGAIN)): true
    // One may come free meanwhile.
    case .unreachable(.noDescriptor): true
    case .unreachable, .tls, .garbled, .responseLost, .answeredEarly, .abandoned, .timedOut, .file,
      .fileTooShort:
      false
    }
  }

  /// Whether this process had too little of something, so that the server was not asked.
  package var isShortage: Bool {
    if case .unreachable(.noDescriptor) = self { true } else { false }
  }

  /// A description for the log, in which the server is called `name`.
  package func description(naming name: String) -> String {
    switch self {
    // Its state is unknown: it was not asked.
    case .unreachable(.noDescriptor(let error)):
      "no file descriptor is left for \(name): \(error.description)"
    case .unreachable(let error): "\(name) cannot be reached: \(error)"
    case .tls(let error): "\(name): \(error)"
    case .connectionLost(let error): "\(name) did not answer: \(error)"
    case .garbled(let error): "\(name) answered nonsense: \(error)"
    case .responseLost(let error): "\(name) stopped inside its response: \(error)"
    case .answeredEarly: "\(name) claimed success before it had the whole body"
    case .abandoned: "nobody waited for \(name) any more"
    case .timedOut: "\(name) took too long"
    case .file(let error): "the file to upload cannot be read: \(error.description)"
    case .fileTooShort: "the file to upload is shorter than it was"
    }
  }
}

extension HTTPError: CustomStringConvertible {
  package var description: String { description(naming: "the server") }
}
