// What the signer refuses, since a store would answer its signature with a mere 403.

import R2Sign
import Testing

private let host = HeaderField(name: "host", value: "store.example")
private let moment = Timestamp(secondsSinceEpoch: 0)

/// A request that can be signed, unless a test says otherwise.
private func request(
  _ method: String = "GET", path: String = "/a", query: [String] = [],
  headers: [HeaderField] = [host]
) -> SigningRequest {
  SigningRequest(
    method: method, path: path, query: query.map { QueryItem(name: $0, value: "1") },
    headers: headers, payloadHash: .empty)
}

/// Expects the same of both kinds of signature.
private func expectRefusal(_ request: SigningRequest, _ error: R2SignError?) throws {
  let signer = Signer(
    credentials: Credentials(
      accessKeyID: try #require(AccessKeyID("key")),
      secretAccessKey: try #require(SecretAccessKey("very-secret"))),
    region: .auto)
  func outcome<Result>(_ body: () throws(R2SignError) -> Result) -> R2SignError? {
    do throws(R2SignError) { _ = try body() } catch { return error }
    return nil
  }
  let ofHeaders = outcome { () throws(R2SignError) in
    try signer.headers(signing: request, at: moment)
  }
  let ofTarget = outcome { () throws(R2SignError) in
    try signer.presignedTarget(for: request, at: moment, expiry: .seconds(1))
  }
  #expect(ofHeaders == error)
  #expect(ofTarget == error)
}

@Suite struct `A request that cannot be signed` {
  @Test(arguments: ["", "get", "Get", "GET\n", "GET\nX", "GE T", "GÉT", "GET\u{0}"])
  func `has a method that is no token in upper case`(method: String) throws {
    try expectRefusal(request(method), .invalidMethod)
  }

  @Test(arguments: ["GET", "PUT", "M-SEARCH"])
  func `is not one with a method in upper case`(method: String) throws {
    try expectRefusal(request(method), nil)
  }

  @Test(arguments: ["", "a", "a/b", " /a", "https://store.example/a", "?a", "\n/"])
  func `has a path without its first slash`(path: String) throws {
    try expectRefusal(request(path: path), .invalidPath)
  }

  // A combining character makes one Character with the slash, which is one byte all the same.
  @Test(arguments: ["/", "//", "/../", "/\u{301}", "/\n"])
  func `is not one with a path from its slash on`(path: String) throws {
    try expectRefusal(request(path: path), nil)
  }

  @Test(arguments: [
    [], [HeaderField(name: "x-host", value: "store.example")],
    [HeaderField(name: "host", value: "")], [HeaderField(name: "host", value: " \t ")],
    [host, host], [host, HeaderField(name: "HOST", value: "other.example")],
  ])
  func `has no host, or two`(headers: [HeaderField]) throws {
    try expectRefusal(request(headers: headers), .invalidHost)
  }

  @Test(arguments: [
    "authorization", "x-amz-date", "x-amz-content-sha256", "Authorization", "X-Amz-Date",
    "X-AMZ-CONTENT-SHA256", "x-amz-security-token", "X-Amz-Security-Token",
  ])
  func `has a field that signing adds`(name: String) throws {
    try expectRefusal(
      request(headers: [host, HeaderField(name: name, value: "1")]), .reservedHeader)
  }

  @Test func `has the fields of an earlier signature`() throws {
    let signer = Signer(
      credentials: Credentials(
        accessKeyID: try #require(AccessKeyID("key")),
        secretAccessKey: try #require(SecretAccessKey("very-secret"))),
      region: .auto)
    let fields = try signer.headers(signing: request(), at: moment)
    try expectRefusal(request(headers: fields), .reservedHeader)
  }

  @Test(arguments: [
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
    "X-Amz-Signature", "X-Amz-Content-Sha256", "x-amz-date",
  ])
  func `has a query item that signing adds`(name: String) throws {
    try expectRefusal(request(query: ["prefix", name]), .reservedQueryItem)
  }

  // Checksums and the like are in queries too.
  @Test(arguments: ["x-amz-checksum-mode", "x-id", "X-Amz", ""])
  func `is not one with any other query item`(name: String) throws {
    try expectRefusal(request(query: [name]), nil)
  }
}
