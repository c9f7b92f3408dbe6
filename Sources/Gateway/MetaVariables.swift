// The request's meta-variables (RFC 3875, section 4.1), as FastCGI and CGI pass them.

internal import HTTPSyntax

/// What the web server says of a request. Values are kept as the bytes that came.
///
/// Identity comes only from variables that the web server itself sets; a request header can
/// never reach them, since headers arrive under names that begin with `HTTP_`.
package struct MetaVariables: Sendable {
  package var requestMethod: [UInt8] = []
  package var requestURI: [UInt8]?
  package var scriptName: [UInt8] = []
  package var pathInfo: [UInt8] = []
  package var queryString: [UInt8] = []
  package var contentType: [UInt8] = []
  package var contentLength: [UInt8] = []
  package var contentEncoding: [[UInt8]] = []
  /// Whether the body came in chunks, which the web server has put together.
  package var isChunked = false
  /// Each value that came, since an identity that is given twice is none.
  package var remoteUser: [[UInt8]] = []
  package var remoteEmail: [[UInt8]] = []
  package var remoteName: [[UInt8]] = []
  /// Whether `REMOTE_NAME` is percent-encoded (`REMOTE_NAME_ENCODING percent`), as an app has to
  /// send it that cannot put UTF-8 into a header.
  package var isRemoteNamePercentEncoded = false
  package var requestID: [UInt8] = []
  /// What may prove who it is, for `authorize`; the service itself is never sent it.
  package var cookie: [[UInt8]] = []
  package var authorization: [[UInt8]] = []
  /// Whether the client speaks HTTPS with the web server (`HTTPS on`).
  package var isHTTPS = false
  package var host: [[UInt8]] = []
  package var origin: [[UInt8]] = []
  package var secFetchSite: [[UInt8]] = []
  package var accessControlRequestMethod: [[UInt8]] = []
  package var range: [[UInt8]] = []
  /// Whether the web server fetches recordings from storage when it is told where (`X_ACCEL on`).
  /// Only its own configuration can say so: a client's header would come as `HTTP_X_ACCEL`.
  package var isRedirectWanted = false
  package var idempotencyKey: [[UInt8]] = []
  package var traceparent: [[UInt8]] = []

  package init() {}

  /// Takes one variable; those that nothing here reads are passed over.
  package mutating func set(_ name: Span<UInt8>, to value: Span<UInt8>) {
    if name == "REQUEST_METHOD" {
      requestMethod = Array(copying: value)
    } else if name == "REQUEST_URI" {
      requestURI = Array(copying: value)
    } else if name == "SCRIPT_NAME" {
      scriptName = Array(copying: value)
    } else if name == "PATH_INFO" {
      pathInfo = Array(copying: value)
    } else if name == "QUERY_STRING" {
      queryString = Array(copying: value)
    } else if name == "CONTENT_TYPE" {
      contentType = Array(copying: value)
    } else if name == "CONTENT_LENGTH" {
      contentLength = Array(copying: value)
    } else if name == "HTTP_TRANSFER_ENCODING" {
      isChunked = isChunked || containsToken(Array(copying: value)[...], "chunked")
    } else if name == "HTTP_CONTENT_ENCODING" {
      contentEncoding.append(Array(copying: value))
    } else if name == "REMOTE_USER" {
      remoteUser.append(Array(copying: value))
    } else if name == "REMOTE_EMAIL" {
      remoteEmail.append(Array(copying: value))
    } else if name == "REMOTE_NAME" {
      remoteName.append(Array(copying: value))
    } else if name == "REMOTE_NAME_ENCODING" {
      isRemoteNamePercentEncoded = value == "percent"
    } else if name == "REQUEST_ID" {
      requestID = Array(copying: value)
    } else if name == "HTTP_COOKIE" {
      cookie.append(Array(copying: value))
    } else if name == "HTTP_AUTHORIZATION" {
      authorization.append(Array(copying: value))
    } else if name == "HTTPS" {
      isHTTPS = !(value.isEmpty || value == "off")
    } else if name == "HTTP_HOST" {
      host.append(Array(copying: value))
    } else if name == "HTTP_ORIGIN" {
      origin.append(Array(copying: value))
    } else if name == "HTTP_SEC_FETCH_SITE" {
      secFetchSite.append(Array(copying: value))
    } else if name == "HTTP_ACCESS_CONTROL_REQUEST_METHOD" {
      accessControlRequestMethod.append(Array(copying: value))
    } else if name == "HTTP_RANGE" {
      range.append(Array(copying: value))
    } else if name == "X_ACCEL" {
      isRedirectWanted = value == "on"
    } else if name == "HTTP_IDEMPOTENCY_KEY" {
      idempotencyKey.append(Array(copying: value))
    } else if name == "HTTP_TRACEPARENT" {
      traceparent.append(Array(copying: value))
    }
  }

  /// The decoded path: `REQUEST_URI` up to `?`, else `SCRIPT_NAME` and `PATH_INFO`, which the web
  /// server has decoded. Nil when it has a bad escape.
  package var path: [UInt8]? {
    guard let requestURI else { return scriptName + pathInfo }
    return percentDecoded(requestURI.prefix { $0 != UInt8(ascii: "?") })
  }

  /// The web server's id of the request, where it can stand in a header and in a log as it is.
  package var usableRequestID: String? {
    (1...64).contains(requestID.count) && requestID.allSatisfy(\.isIDByte)
      ? String(decoding: requestID, as: UTF8.self) : nil
  }

  /// The announced length of the body; nil when there is none, as in a chunked request that the
  /// web server passes on while it comes.
  package var announcedLength: Int? { DecimalDigits.parse(contentLength[...]) }
}
