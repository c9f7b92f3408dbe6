// The words beside a status code.

/// Reason phrases of the codes that are used here (RFC 9110, section 15).
package enum ReasonPhrase {
  /// The web server copies the `Status` field into its status line, where RFC 9112 wants at least
  /// a space after the code.
  package static func of(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 204: "No Content"
    case 206: "Partial Content"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 500: "Internal Server Error"
    case 503: "Service Unavailable"
    case 507: "Insufficient Storage"
    default: preconditionFailure("a status that no response of ours has")
    }
  }
}
