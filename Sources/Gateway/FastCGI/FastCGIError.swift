// What can go wrong with a FastCGI connection.

package import SystemPackage

/// Why a request could not be begun, read or answered. The peer is the web server, so every case
/// ends the request and none of them ends the worker.
package enum FastCGIError: Error, Equatable {
  /// The peer hung up, sent something that is no FastCGI request, or sent part of one.
  case incompleteRequest
  /// The rest of the body never came: the client or the web server gave up (`FCGI_ABORT_REQUEST`
  /// and a closed connection look the same), or broke the protocol.
  case bodyTruncated
  /// The peer sent or took nothing for as long as the socket's timeout allows.
  case timedOut
  /// Reading or writing the connection failed.
  case connectionLost(Errno)
}

extension FastCGIError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .incompleteRequest: "the web server sent no complete FastCGI request"
    case .bodyTruncated: "the request's body ended early"
    case .timedOut: "the web server sent or took nothing for too long"
    case .connectionLost(let error): "the connection to the web server failed: \(error)"
    }
  }
}
