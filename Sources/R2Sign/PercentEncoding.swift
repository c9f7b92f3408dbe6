// The specification's UriEncode: one table for paths and queries, on the wire and in the signature.

internal import HTTPSyntax

/// `path` with every byte percent-encoded but `A-Z a-z 0-9 - . _ ~` and `/`.
///
/// S3 encodes a path once and normalises nothing, so the result is both what the request line has
/// to carry and what is signed; `+` becomes `%2B` in both.
public func encodedPath(_ path: String) -> String {
  percentEncoded(path, keeping: { $0 == ASCII.slash })
}

/// `text` with every byte percent-encoded but `A-Z a-z 0-9 - . _ ~`, for names and values of a
/// query.
public func encodedQueryComponent(_ text: String) -> String {
  percentEncoded(text, keeping: { _ in false })
}
