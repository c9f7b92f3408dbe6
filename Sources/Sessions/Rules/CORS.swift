// What pages of other origins may do and see: CORS, as the Fetch standard has it.

internal import Gateway
internal import HTTPSyntax

/// The headers by which a browser lets the pages of `allowedOrigins` read our responses. No other
/// page gets any of them.
enum CORS {
  /// What a page may see beside the headers that every page may.
  private static let exposedHeaders =
    "Location, Retry-After, X-Request-Id, Content-Range, Accept-Ranges"

  /// What a page may send beside the headers that every page may.
  private static let requestHeaders =
    "Content-Type, Idempotency-Key, Authorization, Range, traceparent"

  /// For how long a browser need not ask again; Chromium takes no longer time. An origin that is
  /// taken off the list is refused at once all the same: the request itself is judged, too.
  private static let maxAgeSeconds = "7200"

  /// Whether the browser asks by this request if a page may send another one. It sends no
  /// credentials with it.
  static func isPreflight(_ variables: MetaVariables) -> Bool {
    variables.requestMethod.span == "OPTIONS"
      && variables.origin.contains { !$0.isEmpty }
      && variables.accessControlRequestMethod.contains { !$0.isEmpty }
  }

  /// What goes with every response.
  static func headers(
    for variables: MetaVariables, allowedOrigins: Set<Origin>
  ) -> [(name: String, value: String)] {
    if allowedOrigins.isEmpty { return [] }
    // No cache may give the response for one origin to another.
    guard let origin = allowedOrigins.origin(of: variables) else { return [("Vary", "Origin")] }
    return [
      ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"),
      ("Access-Control-Expose-Headers", exposedHeaders), ("Vary", "Origin"),
    ]
  }

  /// What goes with the response to a preflight besides, where the methods are those of `allow`.
  static func preflightHeaders(
    for variables: MetaVariables, allow: String, allowedOrigins: Set<Origin>
  ) -> [(name: String, value: String)] {
    guard isPreflight(variables), allowedOrigins.origin(of: variables) != nil else { return [] }
    return [
      ("Access-Control-Allow-Methods", allow), ("Access-Control-Allow-Headers", requestHeaders),
      ("Access-Control-Max-Age", maxAgeSeconds),
    ]
  }
}
