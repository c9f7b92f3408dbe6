// Why a request is not signed.

/// Why a request cannot be signed. A store would answer each of these with a mere 403 or 400, if
/// the request got there at all.
public enum R2SignError: Error, Equatable, Sendable {
  /// The method is no token (RFC 9110 5.6.2), or not in upper case.
  case invalidMethod
  /// The path does not begin with `/`.
  case invalidPath
  /// A field's name is no token, or its value has something other than visible ASCII, spaces and
  /// tabs.
  case invalidHeader
  /// There is not exactly one `host` field, or it is empty.
  case invalidHost
  /// A field that the signer itself adds: `authorization`, `x-amz-content-sha256`, `x-amz-date`
  /// or `x-amz-security-token`, as in the result of an earlier signature. Sign the request that
  /// result was made of.
  case reservedHeader
  /// A query item that the signer itself adds, such as `X-Amz-Date` or `X-Amz-Signature`.
  case reservedQueryItem
  /// A presigned URL is good for 1 second to 7 days, in whole seconds.
  case invalidExpiry
}

extension R2SignError: CustomStringConvertible {
  /// Plain words for a log line.
  public var description: String {
    switch self {
    case .invalidMethod: "the method is no token in upper case"
    case .invalidPath: "the path does not begin with a slash"
    case .invalidHeader: "a header field cannot be signed: it is not plain ASCII"
    case .invalidHost: "there is not exactly one host field with a value"
    case .reservedHeader: "a header field is one that signing adds"
    case .reservedQueryItem: "a query item is one that signing adds"
    case .invalidExpiry: "a presigned URL must expire after 1 to 604800 whole seconds"
    }
  }
}
