// The signer's own promises: what it signs, what it refuses, and that it keeps secrets.

import R2Sign
import Testing

private let host = HeaderField(name: "host", value: "store.example")

private func credentials(secret: String = "very-secret") throws -> Credentials {
  Credentials(
    accessKeyID: try #require(AccessKeyID("key")),
    secretAccessKey: try #require(SecretAccessKey(secret)))
}

private func signer(secret: String = "very-secret") throws -> Signer {
  Signer(credentials: try credentials(secret: secret), region: .auto)
}

private func request(_ headers: [HeaderField]) -> SigningRequest {
  SigningRequest(method: "GET", path: "/a", headers: headers, payloadHash: .empty)
}

@Suite struct `The signer` {
  private let day = 86_400

  @Test func `headers that proxies may change are sent but not signed`() throws {
    let timestamp = Timestamp(secondsSinceEpoch: 0)
    let plain = try signer().headers(signing: request([host]), at: timestamp)
    let more = try signer().headers(
      signing: request([
        host, HeaderField(name: "Accept", value: "*/*"),
        HeaderField(name: "Content-Length", value: "12"),
      ]), at: timestamp)
    #expect(plain.last == more.last)
    #expect(more.contains(HeaderField(name: "content-length", value: "12")))
  }

  @Test(arguments: ["Host", "content-type", "range", "x-amz-meta-a"])
  func `headers that matter are signed`(name: String) throws {
    func authorization(_ value: String) throws -> HeaderField? {
      let field = HeaderField(name: name, value: value)
      return try signer().headers(
        signing: request(name == "Host" ? [field] : [host, field]),
        at: Timestamp(secondsSinceEpoch: 0)
      ).last
    }
    #expect(try authorization("a") != authorization("b"))
  }

  @Test func `the signing key of one day is not used on the next`() throws {
    let signer = try signer()
    for seconds in [0, day - 1, day, 3 * day, day] {
      let timestamp = Timestamp(secondsSinceEpoch: seconds)
      let kept = try signer.headers(signing: request([host]), at: timestamp)
      let fresh = try R2SignTests.signer().headers(signing: request([host]), at: timestamp)
      #expect(kept == fresh)
    }
  }

  @Test(arguments: [
    HeaderField(name: "x-amz-meta-a", value: "a\r\nx-evil: 1"),
    HeaderField(name: "x-amz-meta-a", value: "a\nb"),
    HeaderField(name: "x-amz-meta-a", value: "é"),
    HeaderField(name: "x-amz-meta-a", value: "\u{0}"),
    HeaderField(name: "x amz", value: "a"),
    HeaderField(name: "", value: "a"),
    HeaderField(name: "a:b", value: "c"),
  ])
  func `a field that could not be sent as it is is refused`(field: HeaderField) throws {
    let signer = try signer()
    let timestamp = Timestamp(secondsSinceEpoch: 0)
    #expect(throws: R2SignError.invalidHeader) {
      try signer.headers(signing: request([host, field]), at: timestamp)
    }
    #expect(throws: R2SignError.invalidHeader) {
      try signer.presignedTarget(for: request([host, field]), at: timestamp, expiry: .seconds(1))
    }
  }

  @Test(arguments: [(0, false), (1, true), (604_800, true), (604_801, false), (-1, false)])
  func `presigned URLs are good for one second to seven days`(seconds: Int, good: Bool) throws {
    let signer = try signer()
    let timestamp = Timestamp(secondsSinceEpoch: 0)
    if good {
      _ = try signer.presignedTarget(
        for: request([host]), at: timestamp, expiry: .seconds(seconds))
    } else {
      #expect(throws: R2SignError.invalidExpiry) {
        try signer.presignedTarget(for: request([host]), at: timestamp, expiry: .seconds(seconds))
      }
    }
  }

  @Test(arguments: [Duration.milliseconds(1500), .seconds(2) + .nanoseconds(1)])
  func `presigned URLs are good for whole seconds`(expiry: Duration) throws {
    let signer = try signer()
    #expect(throws: R2SignError.invalidExpiry) {
      try signer.presignedTarget(
        for: request([host]), at: Timestamp(secondsSinceEpoch: 0), expiry: expiry)
    }
  }

  @Test func `secrets do not show when printed or dumped`() throws {
    let credentials = try credentials(secret: "very-secret")
    let key = SigningKey(
      credentials.secretAccessKey,
      scope: CredentialScope(Timestamp(secondsSinceEpoch: 0), region: .auto))
    var text = "\(credentials) \(credentials.secretAccessKey) \(key)"
    text += String(reflecting: credentials.secretAccessKey)
    let token = try #require(SessionToken("secret-token"))
    let temporary = Credentials(
      accessKeyID: credentials.accessKeyID, secretAccessKey: credentials.secretAccessKey,
      sessionToken: token)
    text += "\(temporary) \(token) \(String(reflecting: token))"
    dump(temporary, to: &text)
    dump(credentials, to: &text)
    dump(key, to: &text)
    #expect(text.contains("<redacted>"))
    #expect(
      !text.contains("very-secret") && !text.contains("secret-token") && !text.contains("AWS4"))
  }

  @Test(arguments: [
    ("AKIA123", true), ("dev:uploader", true), ("", false), ("a/b", false), ("a,b", false),
    ("a b", false), ("é", false), ("a\n", false), (String(repeating: "a", count: 256), false),
  ])
  func `access key ids that would break the header are refused`(text: String, good: Bool) {
    #expect((AccessKeyID(text) != nil) == good)
  }

  @Test(arguments: [("abc/+=", true), ("", false), ("abc\n", false), ("a b", false)])
  func `secrets with a line end or nothing in them are refused`(text: String, good: Bool) {
    #expect((SecretAccessKey(text) != nil) == good)
  }

  @Test(arguments: [
    (1, true), (8192, true), (0, false), (8193, false),
  ])
  func `session tokens have 1 to 8192 bytes`(count: Int, good: Bool) {
    #expect((SessionToken(String(repeating: "t", count: count)) != nil) == good)
  }

  @Test(arguments: ["a b", "a\n", "é", "\u{7f}"])
  func `session tokens that would break a header are refused`(text: String) {
    #expect(SessionToken(text) == nil)
  }

  @Test(arguments: [("auto", true), ("us-east-1", true), ("", false), ("a/b", false)])
  func `regions are letters, digits and hyphens`(text: String, good: Bool) {
    #expect((Region(text) != nil) == good)
  }

  @Test(arguments: [
    (0, "19700101T000000Z"), (951_782_400, "20000229T000000Z"), (-5, "19700101T000000Z"),
    (4_107_542_399, "21000228T235959Z"), (4_107_542_400, "21000301T000000Z"),
    (253_402_300_799, "99991231T235959Z"), (Int.max, "99991231T235959Z"),
  ])
  func `times are written in the basic format`(seconds: Int, text: String) {
    #expect(Timestamp(secondsSinceEpoch: seconds).basicFormat == text)
  }
}
