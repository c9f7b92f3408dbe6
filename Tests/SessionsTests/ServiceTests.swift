// The service up to its database and its storage: what is answered without either.

import Gateway
import Testing

@testable import Sessions

private let form = ("CONTENT_TYPE", Form.contentType)

@Suite struct `Answers without database and storage` {
  @Test func `nobody is served without identity, whatever they ask for`() throws {
    let service = try UnreachableService()
    for (method, path) in [
      ("GET", "/api/sessions"), ("POST", "/api/sessions"), ("GET", "/other"),
      ("BREW", "/api/sessions"), ("OPTIONS", "/api/sessions"), ("DELETE", "/api/sessions/a"),
      ("GET", "/api/sessions?page=0"),
    ] {
      let answer = service.answer(FakeExchange(method, path, user: nil))
      #expect(answer.status == "401")
      #expect(answer.code == "UNAUTHORIZED")
    }
  }

  @Test func `a request header carries no identity`() throws {
    let service = try UnreachableService()
    let headers = [("HTTP_REMOTE_USER", "demo"), ("HTTP_AUTHORIZATION", "Basic ZGVtbzpkZW1v")]
    let answer = service.answer(FakeExchange("GET", "/api/sessions", user: nil, headers))
    #expect(answer.code == "UNAUTHORIZED")
    let twice = FakeExchange("GET", "/api/sessions", user: "demo", [("REMOTE_USER", "victim")])
    #expect(service.answer(twice).code == "UNAUTHORIZED")
  }

  @Test(arguments: [
    ("GET", "/other", "404", "NOT_FOUND"), ("GET", "/api/sessions/", "404", "NOT_FOUND"),
    ("PUT", "/api/sessions", "405", "METHOD_NOT_ALLOWED"),
    ("POST", "/api/sessions/a/audio", "405", "METHOD_NOT_ALLOWED"),
    ("GET", "/api/sessions?page=0", "400", "INVALID_PAGINATION"),
    ("GET", "/api/sessions?limit=101", "400", "INVALID_PAGINATION"),
    ("GET", "/api/sessions?cursor=x", "400", "INVALID_PAGINATION"),
    ("GET", "/api/sessions", "503", "DATABASE_UNAVAILABLE"),
    ("GET", "/api/sessions?cursor=", "503", "DATABASE_UNAVAILABLE"),
    ("GET", "/api/sessions/a", "503", "DATABASE_UNAVAILABLE"),
    ("GET", "/api/sessions/a/audio", "503", "DATABASE_UNAVAILABLE"),
    ("DELETE", "/api/sessions/a", "503", "DATABASE_UNAVAILABLE"),
  ])
  func `each failure has its status and its code`(
    method: String, path: String, status: String, code: String
  ) throws {
    let answer = try UnreachableService().answer(FakeExchange(method, path))
    #expect(answer.status == status)
    #expect(answer.code == code)
    #expect(answer["Content-Type"] == "application/json")
    #expect(answer["Content-Length"] == "\(answer.body.utf8.count)")
    #expect(answer["Cache-Control"] == "private, no-store")
    #expect(answer["X-Content-Type-Options"] == "nosniff")
    #expect((answer["Retry-After"] != nil) == (status == "503"))
    #expect((answer["Allow"] != nil) == (status == "405"))
    #expect(answer.head.first?.hasPrefix("Status: \(status) ") == true)
  }

  @Test func `options are told without a body`() throws {
    let answer = try UnreachableService().answer(FakeExchange("OPTIONS", "/api/sessions"))
    #expect(answer.status == "204")
    #expect(answer["Allow"] == "GET, HEAD, OPTIONS, POST")
    #expect(answer["Content-Length"] == nil)
    #expect(answer.body.isEmpty)
  }

  @Test func `HEAD gets the head of the answer to GET`() throws {
    let service = try UnreachableService()
    let id = [("REQUEST_ID", "one")]
    let get = service.answer(FakeExchange("GET", "/api/sessions?page=0", id))
    let head = service.answer(FakeExchange("HEAD", "/api/sessions?page=0", id))
    #expect(head.head == get.head)
    #expect(head.body.isEmpty)
    #expect(get.body.utf8.count > 0)
  }

  @Test func `a request keeps its id, or gets one`() throws {
    let service = try UnreachableService()
    func id(_ text: String) -> String? {
      service.answer(FakeExchange("GET", "/other", [("REQUEST_ID", text)]))["X-Request-Id"]
    }
    #expect(id("0123456789abcdef0123456789ABCDEF") == "0123456789abcdef0123456789ABCDEF")
    for bad in ["", "a b", "a\r\nX-Evil: 1", "é", String(repeating: "a", count: 65)] {
      let made = try #require(id(bad))
      #expect(made.utf8.count == 32)
      #expect(made.utf8.allSatisfy { $0 < 0x80 && Character(UnicodeScalar($0)).isHexDigit })
      #expect(id(bad) != made)
    }
  }

  @Test func `an answer that nobody takes is sent once`() throws {
    var exchange = FakeExchange("GET", "/other")
    exchange.writeError = .connectionLost
    _ = try UnreachableService().answer(&exchange)
    #expect(exchange.writeCount == 1)
  }
}

@Suite struct `Cross-site answers` {
  @Test(arguments: ["POST /api/sessions", "DELETE /api/sessions/a"])
  func `another site changes nothing, and its body is not read`(line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    let headers = [("HTTP_HOST", "a"), ("HTTP_ORIGIN", "https://evil.example"), form]
    var exchange = FakeExchange(words[0], words[1], headers, pieces: [[1]])
    let answer = try UnreachableService().answer(&exchange)
    #expect(answer.status == "403")
    #expect(answer.code == "CSRF_REJECTED")
    #expect(exchange.readCount == 0)
  }

  @Test func `reading is never refused`() throws {
    let headers = [("HTTP_SEC_FETCH_SITE", "cross-site"), ("HTTP_ORIGIN", "null")]
    let answer = try UnreachableService().answer(
      FakeExchange("GET", "/api/sessions?page=0", headers))
    #expect(answer.code == "INVALID_PAGINATION")
  }

  @Test func `an allowed origin passes`() throws {
    let service = try UnreachableService(allowedOrigins: origins("https://app.example"))
    let headers = [("HTTP_HOST", "a"), ("HTTP_ORIGIN", "https://app.example")]
    #expect(service.answer(FakeExchange("POST", "/api/sessions", headers)).status == "415")
  }
}

@Suite struct `Answers to uploads` {
  @Test(arguments: [
    "", "application/json", "multipart/mixed; boundary=B", "application/x-www-form-urlencoded",
    "audio/webm", "multipart/form-datax; boundary=B",
  ])
  func `a body that is no form is not read`(type: String) throws {
    var exchange = FakeExchange(
      "POST", "/api/sessions", [("CONTENT_TYPE", type)], pieces: [[1]])
    let answer = try UnreachableService().answer(&exchange)
    #expect(answer.status == "415")
    #expect(answer.code == "UNSUPPORTED_MEDIA_TYPE")
    #expect(exchange.readCount == 0)
  }

  @Test(arguments: ["gzip", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "compress", "é"])
  func `a body in a content coding is not read`(coding: String) throws {
    var exchange = FakeExchange(
      "POST", "/api/sessions", [form, ("HTTP_CONTENT_ENCODING", coding)], pieces: [[1]])
    let answer = try UnreachableService().answer(&exchange)
    #expect(answer.status == "415")
    #expect(answer.code == "UNSUPPORTED_MEDIA_TYPE")
    #expect(answer.body.contains("Content-Encoding"))
    #expect(exchange.readCount == 0)
  }

  @Test(arguments: ["", "identity", "Identity"])
  func `a content coding that is none counts as none`(coding: String) throws {
    let whole = Form([.file(), .text("duration", "5")]).complete
    #expect(try post([whole], [("HTTP_CONTENT_ENCODING", coding)]).code == "DATABASE_UNAVAILABLE")
  }

  @Test func `what is wrong with a body that came whole is not told as an early end`() throws {
    let other = bytes("------WebKitFormBoundaryabc\r\nContent-Disposition: form-data\r\n\r\n")
    for body in [other, bytes("{\"audio\":1}"), bytes("--undefined\r\n")] {
      let answer = try post([body], [("CONTENT_LENGTH", "\(body.count)")])
      #expect(answer.code == "INVALID_MULTIPART")
      #expect(answer.body.contains("is the boundary in Content-Type the one in the body?"))
    }
    for length in [[("CONTENT_LENGTH", "0")], []] {
      let empty = try post([], length)
      #expect(empty.code == "INVALID_MULTIPART")
      #expect(empty.body.contains("the body is empty"))
    }
    let encoded =
      "--B\r\nContent-Disposition: form-data; name=audio\r\n"
      + "Content-Transfer-Encoding: base64\r\n\r\nAA==\r\n--B--\r\n"
    #expect(try post([bytes(encoded)]).body.contains("7bit, 8bit and binary"))
  }

  @Test(arguments: [
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a ",
    "multipart/form-data; boundary=a; boundary=b",
    "multipart/form-data; boundary=" + String(repeating: "a", count: 201),
  ])
  func `a form without a usable boundary is malformed`(type: String) throws {
    let answer = try UnreachableService().answer(
      FakeExchange("POST", "/api/sessions", [("CONTENT_TYPE", type)]))
    #expect(answer.status == "400")
    #expect(answer.code == "INVALID_MULTIPART")
  }

  @Test(arguments: [
    ([Part.text("duration", "5")], "400", "MISSING_AUDIO"),
    ([.file()], "400", "INVALID_DURATION"),
    ([.file("audio", []), .text("duration", "5")], "400", "INVALID_FILE"),
    ([.file(type: "text/plain"), .text("duration", "5")], "400", "INVALID_FILE"),
    ([.file(), .text("duration", "5"), .text("topic", "\u{1}")], "400", "INVALID_FIELD"),
    (
      [.file(), .text("duration", "\u{FEFF}5"), .text("topic", "a\nb")], "503",
      "DATABASE_UNAVAILABLE"
    ),
    ([.file(), .text("duration", "5"), .text("language", "en_US")], "503", "DATABASE_UNAVAILABLE"),
    ([.file(), .text("duration", "5"), .text("language", "?")], "400", "INVALID_FIELD"),
    ([.file(), .text("duration", "5")], "503", "DATABASE_UNAVAILABLE"),
  ])
  func `a form is judged when it is complete`(
    parts: [Part], status: String, code: String
  ) throws {
    let answer = try post([Form(parts).complete])
    #expect(answer.status == status)
    #expect(answer.code == code)
  }

  @Test func `a body that ends early is malformed, whoever notices`() throws {
    let whole = Form([.file(), .text("duration", "5")]).complete
    #expect(try post([Array(whole.dropLast(6))]).code == "INVALID_MULTIPART")
    let length = ("CONTENT_LENGTH", "\(whole.count + 1)")
    #expect(try post([whole], [length]).code == "INVALID_MULTIPART")
    #expect(try post([whole], ending: .bodyTruncated).code == "INVALID_MULTIPART")
    let right = ("CONTENT_LENGTH", "\(whole.count)")
    #expect(try post([whole], [right]).code == "DATABASE_UNAVAILABLE")
    #expect(try post([whole], [("CONTENT_LENGTH", "")]).code == "DATABASE_UNAVAILABLE")
  }

  @Test func `a body that stops coming is a timeout`() throws {
    let answer = try post([Form([.file()]).bytes], ending: .timedOut)
    #expect(answer.status == "408")
    #expect(answer.code == "REQUEST_TIMEOUT")
  }

  @Test func `a recording that is too large stops the reading at once`() throws {
    let chunk = [UInt8](repeating: 0x55, count: 1 << 20)
    let pieces = [Form.head(.file())] + [[UInt8]](repeating: chunk, count: 60)
    var exchange = FakeExchange("POST", "/api/sessions", [form], pieces: pieces)
    let answer = try UnreachableService().answer(&exchange)
    #expect(answer.status == "413")
    #expect(answer.code == "INVALID_FILE")
    // The head, 50 MiB, and the piece that was too much.
    #expect(exchange.readCount == 52)
  }

  @Test func `a malformed form stops the reading at once`() throws {
    let pieces = [bytes("--B\nbare"), bytes("more"), bytes("more")]
    var exchange = FakeExchange("POST", "/api/sessions", [form], pieces: pieces)
    #expect(try UnreachableService().answer(&exchange).code == "INVALID_MULTIPART")
    #expect(exchange.readCount == 1)
  }

  @Test func `a temporary directory that is missing is our fault`() throws {
    let service = try UnreachableService(temporaryDirectory: "/tmp/no-such-directory-here")
    let pieces = [Form([.file(), .text("duration", "5")]).complete]
    let answer = service.answer(FakeExchange("POST", "/api/sessions", [form], pieces: pieces))
    #expect(answer.status == "500")
    #expect(answer.code == "INTERNAL_ERROR")
    #expect(!answer.body.contains("/tmp"))
  }

  private func post(
    _ pieces: [[UInt8]], _ others: [(String, String)] = [], ending: ExchangeError? = nil
  ) throws -> Answer {
    var exchange = FakeExchange("POST", "/api/sessions", [form] + others, pieces: pieces)
    exchange.bodyError = ending
    return try UnreachableService().answer(&exchange)
  }
}
