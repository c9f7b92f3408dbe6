// The request's meta-variables (RFC 3875, section 4.1), as FastCGI and CGI pass them.

internal import HTTPSyntax

/// What the web server says of a request. Values are kept as the bytes that came.
///
/// Identity comes only from variables that the web server itself sets; a request header can
/// never reach them, since headers arrive under names that begin with `HTTP_`.
package struct MetaVariables: Sendable {
  private struct Variable {
    var name: Name
    var value: [UInt8]
  }

  /// In the order in which they came. One array, so that a copy of all of them costs nothing.
  private var variables: [Variable] = []

  package init() {}

  /// Takes one variable; those that nothing here reads are passed over.
  package mutating func set(_ name: Span<UInt8>, to value: Span<UInt8>) {
    guard let name = Name(name) else { return }
    if variables.isEmpty { variables.reserveCapacity(16) }
    variables.append(Variable(name: name, value: Array(copying: value)))
  }

  /// Each value that came under that name: an identity that is given twice is none.
  private func all(_ name: Name) -> [[UInt8]] {
    variables.compactMap { $0.name == name ? $0.value : nil }
  }

  private func last(_ name: Name) -> [UInt8]? {
    variables.last { $0.name == name }?.value
  }
}

extension MetaVariables {
  /// What is read.
  private enum Name {
    case requestMethod, requestURI, scriptName, pathInfo, queryString, contentType, contentLength
    case transferEncoding, contentEncoding, remoteUser, remoteEmail, remoteName, remoteNameEncoding
    case requestID, cookie, authorization, https, host, origin, secFetchSite
    case accessControlRequestMethod, range, ifRange, xAccel, idempotencyKey, traceparent

    /// Looked for by length first: a web server sends some thirty with each request.
    init?(_ name: Span<UInt8>) {
      switch name.count {
      case 5 where name == "HTTPS": self = .https
      case 7 where name == "X_ACCEL": self = .xAccel
      case 9 where name == "PATH_INFO": self = .pathInfo
      case 9 where name == "HTTP_HOST": self = .host
      case 10 where name == "REQUEST_ID": self = .requestID
      case 10 where name == "HTTP_RANGE": self = .range
      case 11 where name == "REQUEST_URI": self = .requestURI
      case 11 where name == "SCRIPT_NAME": self = .scriptName
      case 11 where name == "REMOTE_USER": self = .remoteUser
      case 11 where name == "REMOTE_NAME": self = .remoteName
      case 11 where name == "HTTP_COOKIE": self = .cookie
      case 11 where name == "HTTP_ORIGIN": self = .origin
      case 12 where name == "QUERY_STRING": self = .queryString
      case 12 where name == "CONTENT_TYPE": self = .contentType
      case 12 where name == "REMOTE_EMAIL": self = .remoteEmail
      case 13 where name == "HTTP_IF_RANGE": self = .ifRange
      case 14 where name == "REQUEST_METHOD": self = .requestMethod
      case 14 where name == "CONTENT_LENGTH": self = .contentLength
      case 16 where name == "HTTP_TRACEPARENT": self = .traceparent
      case 18 where name == "HTTP_AUTHORIZATION": self = .authorization
      case 19 where name == "HTTP_SEC_FETCH_SITE": self = .secFetchSite
      case 20 where name == "REMOTE_NAME_ENCODING": self = .remoteNameEncoding
      case 20 where name == "HTTP_IDEMPOTENCY_KEY": self = .idempotencyKey
      case 21 where name == "HTTP_CONTENT_ENCODING": self = .contentEncoding
      case 22 where name == "HTTP_TRANSFER_ENCODING": self = .transferEncoding
      case 34 where name == "HTTP_ACCESS_CONTROL_REQUEST_METHOD":
        self = .accessControlRequestMethod
      default: return nil
      }
    }
  }

  package var requestMethod: [UInt8] { last(.requestMethod) ?? [] }
  package var requestURI: [UInt8]? { last(.requestURI) }
  package var queryString: [UInt8] { last(.queryString) ?? [] }
  package var contentType: [UInt8] { last(.contentType) ?? [] }
  package var contentEncoding: [[UInt8]] { all(.contentEncoding) }
  package var remoteUser: [[UInt8]] { all(.remoteUser) }
  package var remoteEmail: [[UInt8]] { all(.remoteEmail) }
  package var remoteName: [[UInt8]] { all(.remoteName) }
  /// What may prove who it is, for `authorize`; the service itself is never sent it.
  package var cookie: [[UInt8]] { all(.cookie) }
  package var authorization: [[UInt8]] { all(.authorization) }
  package var host: [[UInt8]] { all(.host) }
  package var origin: [[UInt8]] { all(.origin) }
  package var secFetchSite: [[UInt8]] { all(.secFetchSite) }
  package var accessControlRequestMethod: [[UInt8]] { all(.accessControlRequestMethod) }
  package var range: [[UInt8]] { all(.range) }
  package var ifRange: [[UInt8]] { all(.ifRange) }
  package var idempotencyKey: [[UInt8]] { all(.idempotencyKey) }
  package var traceparent: [[UInt8]] { all(.traceparent) }

  /// Whether `REMOTE_NAME` is percent-encoded (`REMOTE_NAME_ENCODING percent`), as an app has to
  /// send it that cannot put UTF-8 into a header.
  package var isRemoteNamePercentEncoded: Bool {
    last(.remoteNameEncoding).map { $0.span == "percent" } ?? false
  }

  /// Whether the body came in chunks, which the web server has put together.
  package var isChunked: Bool {
    all(.transferEncoding).contains { containsToken($0[...], "chunked") }
  }

  /// Whether the client speaks HTTPS with the web server (`HTTPS on`).
  package var isHTTPS: Bool {
    last(.https).map { !($0.isEmpty || $0.span == "off") } ?? false
  }

  /// Whether the web server fetches recordings from storage when it is told where (`X_ACCEL on`).
  /// Only its own configuration can say so: a client's header would come as `HTTP_X_ACCEL`.
  package var isRedirectWanted: Bool { last(.xAccel).map { $0.span == "on" } ?? false }

  /// The decoded path: `REQUEST_URI` up to `?`, else `SCRIPT_NAME` and `PATH_INFO`, which the web
  /// server has decoded. Nil when it has a bad escape.
  package var path: [UInt8]? {
    guard let requestURI else { return (last(.scriptName) ?? []) + (last(.pathInfo) ?? []) }
    return percentDecoded(requestURI.prefix { $0 != UInt8(ascii: "?") })
  }

  /// The web server's id of the request, where it can stand in a header and in a log as it is.
  package var usableRequestID: String? {
    guard let id = last(.requestID), (1...64).contains(id.count), id.allSatisfy(\.isIDByte)
    else { return nil }
    return String(decoding: id, as: UTF8.self)
  }

  /// The announced length of the body; nil when there is none, as in a chunked request that the
  /// web server passes on while it comes.
  package var announcedLength: Int? {
    last(.contentLength).flatMap { DecimalDigits.parse($0[...]) }
  }
}
