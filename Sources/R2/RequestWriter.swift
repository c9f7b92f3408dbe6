// The bytes of a request up to its body.

internal import R2Sign

/// The head of an HTTP/1.1 request (RFC 9112 3) for the very path, query and fields that were
/// signed.
///
/// - Parameter contentLength: nil where the request has no body.
func requestHead(
  _ request: SigningRequest, fields: [HeaderField], contentLength: Int?
) -> [UInt8] {
  var head: [UInt8] = []
  head.reserveCapacity(1024)
  head += "\(request.method) \(encodedPath(request.path))".utf8
  if !request.query.isEmpty { head += "?\(canonicalQuery(request.query))".utf8 }
  head += " HTTP/1.1\r\n".utf8
  for field in fields { head += "\(field.name): \(field.value)\r\n".utf8 }
  if let contentLength { head += "content-length: \(contentLength)\r\n".utf8 }
  head += "\r\n".utf8
  return head
}
