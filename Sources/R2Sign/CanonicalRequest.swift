// Stage 1 of SigV4: the request in the one form that both sides hash.

internal import HTTPSyntax

/// The canonical request ("Task 1" of the specification):
///
///     METHOD
///     encoded path
///     encoded query, sorted
///     name:value of each header, sorted, each line ended
///     (empty line)
///     names of the headers
///     payload hash
///
/// All of `request.headers` are signed. Nothing is checked: that is `Signer`'s part.
public func canonicalRequest(_ request: SigningRequest) -> String {
  let headers = canonicalHeaders(request.headers)
  var text = "\(request.method)\n\(encodedPath(request.path))\n"
  text += canonicalQuery(request.query)
  text += "\n"
  for header in headers { text += "\(header.name):\(header.value)\n" }
  text += "\n\(signedHeaderNames(headers))\n\(request.payloadHash.text)"
  return text
}

/// The query as it is signed, and as it may go on the wire: encoded, then sorted by the bytes of
/// the names and, among equal names, of the values. A parameter without a value keeps its `=`.
///
/// The pairs are sorted, not the joined text: `=` sorts after `-`, so that text would put
/// `Param-3=` before `Param=`.
public func canonicalQuery(_ items: [QueryItem]) -> String {
  items
    .map { (name: encodedQueryComponent($0.name), value: encodedQueryComponent($0.value)) }
    .sorted { left, right in
      left.name == right.name
        ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
        : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
    .map { "\($0.name)=\($0.value)" }
    .joined(separator: "&")
}

/// The names of canonical `headers` as `SignedHeaders` lists them.
func signedHeaderNames(_ headers: [HeaderField]) -> String {
  headers.map(\.name).joined(separator: ";")
}

/// Names in lower case and in order of their bytes, values trimmed and their runs of spaces
/// collapsed; fields of one name become one, joined by commas in the order given.
func canonicalHeaders(_ fields: [HeaderField]) -> [HeaderField] {
  var canonical: [HeaderField] = []
  for field in fields {
    let name = lowercased(field.name)
    let value = collapsed(field.value)
    if let index = canonical.firstIndex(where: { $0.name == name }) {
      canonical[index] = HeaderField(name: name, value: "\(canonical[index].value),\(value)")
    } else {
      canonical.append(HeaderField(name: name, value: value))
    }
  }
  return canonical.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
}

/// The specification's `Trimall`.
private func collapsed(_ value: String) -> String {
  value.utf8.split(whereSeparator: \.isSpaceOrTab)
    .map { String(decoding: $0, as: UTF8.self) }
    .joined(separator: " ")
}
