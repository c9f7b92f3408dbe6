// Work whose instructions scripts/instructions counts: small, and the same each time.

internal import HTTPClient
internal import HTTPSyntax
internal import Multipart
internal import R2Sign

/// What is counted, by name. Each makes what it needs and hands over what is to be counted.
var countedWork: [(name: String, make: () throws -> () throws -> Void)] {
  [
    ("multipart", multipartWork), ("sign", signingWork), ("json", jsonWork),
    ("response", responseWork), ("list", listWork), ("upload", uploadWork),
  ]
}

/// Does it where callgrind counts: it is told to begin and to end with this function.
@inline(never)
func counted(_ work: () throws -> Void) throws { try work() }

/// Does the work of that name once uncounted, so that what is made once is there, then counted.
func count(_ name: String) throws {
  guard let entry = countedWork.first(where: { $0.name == name }) else {
    preconditionFailure("there is no work of that name")
  }
  let work = try entry.make()
  try work()
  try counted(work)
}

/// 1 MiB of random bytes in pieces of 8 KiB.
private func multipartWork() -> () throws -> Void {
  let body = randomBytes(1 << 20)
  return { _ = parse(body, boundary: browserBoundary) }
}

/// The headers of 100 PUTs within a day.
private func signingWork() throws -> () throws -> Void {
  guard let id = AccessKeyID("id"), let secret = SecretAccessKey("secret")
  else { preconditionFailure("a key that is wrong") }
  let timestamp = Timestamp(secondsSinceEpoch: 1_700_000_000)
  let signer = Signer(
    credentials: Credentials(accessKeyID: id, secretAccessKey: secret), region: .auto)
  let fields = [
    HeaderField(name: "host", value: "account.r2.cloudflarestorage.com"),
    HeaderField(name: "content-type", value: "audio/webm"),
  ]
  let request = SigningRequest(
    method: "PUT", path: "/bucket/sessions/a-user/a-session/audio.webm", headers: fields,
    payloadHash: .empty)
  return {
    for _ in 0..<100 { _ = try signer.headers(signing: request, at: timestamp) }
  }
}

/// 100 answers to an upload.
private func jsonWork() -> () throws -> Void {
  {
    for _ in 0..<100 {
      let object: JSONObject = [
        "id": "cm7b5x0kq0000abcd1234efgh", "status": "UPLOADED",
        "createdAt": "2026-02-18T22:55:18.123Z",
      ]
      precondition(object.bytes.count > 50)
    }
  }
}

/// 100 answers of a store.
private func responseWork() -> () throws -> Void {
  let answer = Array(
    """
    HTTP/1.1 200 OK\r
    Date: Wed, 18 Feb 2026 22:55:18 GMT\r
    ETag: "9bb58f26192e4ba00f01e2e7b136bbd8"\r
    Content-Length: 11\r
    Server: cloudflare\r
    \r
    hello world
    """.utf8)
  return {
    for _ in 0..<100 {
      var parser = ResponseParser(isHead: false)
      var position = 0
      while try parser.next(in: answer.span, at: &position) != .end {}
    }
  }
}

private func listWork() throws -> () throws -> Void {
  let service = try makeService()
  return { for _ in 0..<100 { serveList(service) } }
}

private func uploadWork() throws -> () throws -> Void {
  let service = try makeService()
  let pieces = form(recordingBytes: 100 << 10)
  return { serveUpload(service, pieces) }
}
