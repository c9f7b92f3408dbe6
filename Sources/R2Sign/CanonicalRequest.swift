// Stage 1 of SigV4: the request in the one form that both sides hash.

internal import HTTPSyntax

extension SigningRequest {
  /// The canonical request, step 1 of
  /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>:
  ///
  ///     METHOD
  ///     encoded path
  ///     encoded query, sorted
  ///     name:value of each header, sorted, each line ended
  ///     (empty line)
  ///     names of the headers
  ///     payload hash
  ///
  /// All of `headers` are in it. Nothing is checked: that is the part of ``Signer``.
  public var canonicalRequest: String {
    String(decoding: canonicalRequest(of: canonicalHeaders(headers)), as: UTF8.self)
  }

  /// The same of `headers` that are canonical already, in place of its own.
  func canonicalRequest(of headers: [HeaderField]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(512)
    func add(_ part: String, _ end: StaticString = "\n") {
      text.append(copying: part.utf8.span)
      text.append(end)
    }
    for line in [method, encodedPath, encodedQuery] { add(line) }
    for header in headers {
      add(header.name, ":")
      add(header.value)
    }
    add("")
    add(signedHeaderNames(headers))
    add(payloadHash.text, "")
    return text
  }

  /// The request target as it goes on the wire (RFC 9112 section 3.2.1): `encodedPath`, and
  /// `encodedQuery` if there is a query.
  public var target: String { query.isEmpty ? encodedPath : "\(encodedPath)?\(encodedQuery)" }

  /// The path with every byte percent-encoded but `A-Z a-z 0-9 - . _ ~` and `/`.
  ///
  /// S3 encodes a path once and normalises nothing, so this is both what the request line has to
  /// carry and what is signed; `+` becomes `%2B` in both.
  public var encodedPath: String { percentEncoded(path, keeping: { $0 == ASCII.slash }) }

  /// The query as it is signed, and as it may go on the wire: names and values with every byte
  /// percent-encoded but `A-Z a-z 0-9 - . _ ~`, then sorted by the bytes of the names and, among
  /// equal names, of the values. A parameter without a value keeps its `=`.
  public var encodedQuery: String {
    // The pairs are sorted, not the joined text: `=` sorts after `-`, so that text would put
    // `Param-3=` before `Param=`.
    query
      .map { (name: encoded($0.name), value: encoded($0.value)) }
      .sorted { left, right in
        left.name == right.name
          ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
          : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
      }
      .map { "\($0.name)=\($0.value)" }
      .joined(separator: "&")
  }
}

private func encoded(_ text: String) -> String { percentEncoded(text, keeping: { _ in false }) }

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
  guard value.utf8.contains(where: \.isSpaceOrTab) else { return value }
  return value.utf8.split(whereSeparator: \.isSpaceOrTab)
    .map { String(decoding: $0, as: UTF8.self) }
    .joined(separator: " ")
}
