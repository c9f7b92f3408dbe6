// Every handler with a database and a storage that do what they are told.

import Gateway
import HTTPClient
import Logging
import Observability
import POSIX
import Postgres
import R2
import TestSupport
import Testing

@testable import Sessions

/// A service on fakes, and its log.
private struct Bench: ~Copyable {
  let sessions = FakeSessionStore()
  let recordings = FakeRecordingStorage()
  let leases: UploadLeases
  private let service: SessionService
  private let database: UnreachableDatabase
  private let directory: TemporaryDirectory

  init() throws {
    let database = try UnreachableDatabase()
    let directory = try TemporaryDirectory()
    let sink = try LogSink(path: directory.path(of: "log"))
    let log = Logger(label: "test") { _ in
      LineLogHandler(format: .text, level: .info, sink: sink)
    }
    let leases = try UploadLeases(pool: database.pool, log: log)
    let outbox = try Outbox(
      pool: database.pool, requests: database.pool, schema: .publicSchema,
      storage: try makeStorage(), publisher: nil, log: log)
    service = SessionService(
      settings: SessionService.Settings(
        temporaryDirectory: directory.path, allowedOrigins: [],
        limits: UploadLimits(inFlight: 0, perHour: 0)),
      sessions: sessions, recordings: recordings,
      outbox: outbox, leases: leases, log: log)
    self.leases = leases
    self.database = database
    self.directory = directory
  }

  func answer(_ exchange: inout FakeExchange) -> Answer {
    service.serve(&exchange)
    return Answer(exchange)
  }

  func answer(
    _ method: String, _ uri: String, user: String = FakeSessionStore.user,
    _ others: [(String, String)] = []
  ) -> Answer {
    var exchange = FakeExchange(method, uri, user: user, others)
    return answer(&exchange)
  }

  func upload(
    _ parts: [Part] = [.file(), .text("duration", "5")], _ others: [(String, String)] = []
  ) -> Answer {
    let headers = [("CONTENT_TYPE", Form.contentType)] + others
    var exchange = FakeExchange(
      "POST", "/api/sessions", headers, pieces: [Form(parts).complete])
    return answer(&exchange)
  }

  /// A session whose recording is there.
  func addSession(_ bytes: [UInt8] = Array(0..<10)) {
    sessions.change { $0.sessions["s"] = "sessions/u/s/audio.webm" }
    recordings.change {
      $0.objects["sessions/u/s/audio.webm"] = .init(bytes: bytes, contentType: "audio/webm")
    }
  }

  /// The lines that requests left in the log.
  func log() throws -> String {
    String(decoding: try directory.contents(of: "log"), as: UTF8.self)
  }
}

private let down = R2Error.http(.timedOut)

@Suite struct `Uploading` {
  @Test func `a recording is stored, and its session told of`() throws {
    let bench = try Bench()
    let parts = [
      Part.file("audio", [9, 8, 7], type: "audio/ogg;codecs=opus"), .text("duration", "61.5"),
      .text("topic", "Birds"), .text("language", "pt-BR"),
    ]
    let answer = bench.upload(parts, [("HTTP_IDEMPOTENCY_KEY", "k1")])
    #expect(answer.status == "201")
    let id = try #require(bench.sessions.now.sessions.keys.first)
    #expect(answer["Location"] == "/api/sessions/\(id)")
    #expect(
      answer.body
        == #"{"id":"\#(id)","status":"UPLOADED","#
        + #""createdAt":"\#(FakeSessionStore.createdAt)","estimatedWaitSecs":30}"#)
    #expect(bench.sessions.now.calls == ["begin demo 62 pt-BR Birds k1", "finish"])
    #expect(bench.sessions.now.statuses[id] == "UPLOADED")
    let key = "sessions/u/\(id)/audio.ogg"
    #expect(bench.sessions.now.sessions[id] == key)
    #expect(
      bench.recordings.now.objects
        == [key: .init(bytes: [9, 8, 7], contentType: "audio/ogg;codecs=opus")])
  }

  @Test func `an upload holds its lease while it is stored, and no longer`() throws {
    let bench = try Bench()
    let (leases, sessions) = (bench.leases, bench.sessions)
    bench.recordings.change { state in
      state.whileStoring = {
        sessions.change { $0.calls.append("leased \(leases.ids.count)") }
      }
    }
    _ = bench.upload()
    #expect(bench.sessions.now.calls.contains("leased 1"))
    #expect(bench.leases.ids.isEmpty)
  }

  @Test(arguments: [
    (UploadBeginning.replayed(id: "old", createdAt: "then"), "201", String?.none),
    (.mismatch, "422", "IDEMPOTENCY_MISMATCH"),
    (.inProgress(retryAfterSeconds: 7), "409", "IDEMPOTENCY_IN_PROGRESS"),
    (.limited(retryAfterSeconds: 7), "429", "RATE_LIMITED"),
  ])
  func `what the database does not begin is not stored`(
    beginning: UploadBeginning, status: String, code: String?
  ) throws {
    let bench = try Bench()
    bench.sessions.change { $0.beginning = beginning }
    let answer = bench.upload()
    #expect(answer.status == status)
    #expect(answer.code == code)
    #expect(answer["Retry-After"] == (["409", "429"].contains(status) ? "7" : nil))
    #expect(answer["Location"] == (status == "201" ? "/api/sessions/old" : nil))
    #expect(bench.recordings.now.objects.isEmpty)
    #expect(bench.sessions.now.calls.count == 1)
  }

  @Test func `a recording that storage does not take fails its session`() throws {
    let bench = try Bench()
    bench.recordings.change { $0.failure = down }
    let answer = bench.upload()
    #expect(answer.code == "STORAGE_UNAVAILABLE")
    #expect(Array(bench.sessions.now.statuses.values) == ["FAILED"])
    #expect(bench.leases.ids.isEmpty)
  }

  @Test func `the first failure is answered, and both are logged`() throws {
    let bench = try Bench()
    bench.recordings.change { $0.failure = down }
    bench.sessions.change { $0.failures["fail"] = .timedOut }
    #expect(bench.upload().code == "STORAGE_UNAVAILABLE")
    let log = try bench.log()
    #expect(log.contains("\(down)"))
    #expect(log.contains("\(PostgresError.timedOut)"))
  }

  @Test(arguments: [
    (UploadEnding.deleted, "404", "SESSION_NOT_FOUND"),
    (.givenUp, "503", "STORAGE_UNAVAILABLE"),
  ])
  func `what became of the session meanwhile is told`(
    ending: UploadEnding, status: String, code: String
  ) throws {
    let bench = try Bench()
    bench.sessions.change { $0.ending = ending }
    let answer = bench.upload()
    #expect(answer.status == status)
    #expect(answer.code == code)
  }

  @Test func `a lost answer of the database leaves the session to its job`() throws {
    let bench = try Bench()
    bench.sessions.change { $0.failures["finish"] = .timedOut }
    #expect(bench.upload().code == "DATABASE_UNAVAILABLE")
    #expect(bench.sessions.now.calls.last == "finish")
  }
}

@Suite struct `Looking at sessions` {
  @Test func `a page of the list is the database's own text`() throws {
    let bench = try Bench()
    let answer = bench.answer("GET", "/api/sessions?page=3&limit=20")
    #expect(answer.status == "200")
    #expect(answer["Content-Type"] == "application/json")
    #expect(answer.body == #"{"sessions":[]}"#)
    #expect(bench.sessions.now.calls == ["list demo 3 20"])
  }

  @Test func `a session is the database's own text`() throws {
    let bench = try Bench()
    bench.addSession()
    let answer = bench.answer("GET", "/api/sessions/s")
    #expect(answer.status == "200")
    #expect(answer.body == #"{"id":"s"}"#)
  }

  @Test(arguments: ["/api/sessions", "/api/sessions/s"])
  func `HEAD gets the length and no body`(uri: String) throws {
    let bench = try Bench()
    bench.addSession()
    let get = bench.answer("GET", uri)
    let head = bench.answer("HEAD", uri)
    #expect(head.status == "200")
    #expect(head["Content-Length"] == "\(get.body.utf8.count)")
    #expect(head.body.isEmpty)
  }

  @Test(arguments: [
    ("GET", "/api/sessions/s", "USER_NOT_FOUND"), ("DELETE", "/api/sessions/s", "USER_NOT_FOUND"),
    ("GET", "/api/sessions/s/audio", "SESSION_NOT_FOUND"),
  ])
  func `another user's session is not there`(method: String, uri: String, code: String) throws {
    let bench = try Bench()
    bench.addSession()
    let answer = bench.answer(method, uri, user: "other")
    #expect(answer.status == "404")
    #expect(answer.code == code)
    #expect(bench.recordings.now.objects.count == 1)
  }

  @Test(arguments: [
    ("GET", "/api/sessions/x"), ("DELETE", "/api/sessions/x"), ("GET", "/api/sessions/x/audio"),
  ])
  func `an unknown session is not there`(method: String, uri: String) throws {
    let answer = try Bench().answer(method, uri)
    #expect(answer.status == "404")
    #expect(answer.code == "SESSION_NOT_FOUND")
  }
}

@Suite struct `Deleting` {
  @Test func `a session goes, its recording with it, and nothing is left to do`() throws {
    let bench = try Bench()
    bench.addSession()
    let answer = bench.answer("DELETE", "/api/sessions/s")
    #expect(answer.status == "200")
    #expect(answer.body == #"{"ok":true}"#)
    #expect(bench.sessions.now.sessions.isEmpty)
    #expect(bench.recordings.now.objects.isEmpty)
    #expect(bench.sessions.now.deletionJobs.isEmpty)
  }

  @Test func `while storage is down the job stays, and the log says why`() throws {
    let bench = try Bench()
    bench.addSession()
    bench.recordings.change { $0.failure = down }
    #expect(bench.answer("DELETE", "/api/sessions/s").status == "200")
    #expect(bench.sessions.now.deletionJobs == ["sessions/u/s/audio.webm"])
    #expect(try bench.log().contains("\(down)"))
  }

  @Test func `a job that cannot be removed does no harm`() throws {
    let bench = try Bench()
    bench.addSession()
    bench.sessions.change { $0.failures["forgetDeletion"] = .timedOut }
    #expect(bench.answer("DELETE", "/api/sessions/s").status == "200")
    #expect(bench.recordings.now.objects.isEmpty)
    #expect(try bench.log().contains("\(PostgresError.timedOut)"))
  }

  @Test func `a session without a recording leaves storage alone`() throws {
    let bench = try Bench()
    bench.sessions.change { $0.sessions["s"] = .some(nil) }
    bench.recordings.change { $0.failure = down }
    #expect(bench.answer("DELETE", "/api/sessions/s").status == "200")
    #expect(try !bench.log().contains("postponed"))
  }
}

@Suite struct `Playing` {
  private let uri = "/api/sessions/s/audio"

  @Test func `a recording comes whole, with what storage says of it`() throws {
    let bench = try Bench()
    bench.addSession(Array("recording".utf8))
    let answer = bench.answer("GET", uri)
    #expect(answer.status == "200")
    #expect(answer.body == "recording")
    #expect(answer["Content-Length"] == "9")
    #expect(answer["Content-Type"] == "audio/webm")
    #expect(answer["Accept-Ranges"] == "bytes")
    #expect(answer["ETag"] == "\"tag\"")
    #expect(answer["Last-Modified"] == "Wed, 18 Feb 2026 22:55:18 GMT")
    #expect(answer["Content-Range"] == nil)
    #expect(bench.recordings.now.endedReaders == 1)
  }

  @Test(arguments: [
    ("bytes=2-4", "cor", "bytes 2-4/9"), ("bytes=7-", "ng", "bytes 7-8/9"),
    ("bytes=-3", "ing", "bytes 6-8/9"),
  ])
  func `a part comes alone`(range: String, body: String, contentRange: String) throws {
    let bench = try Bench()
    bench.addSession(Array("recording".utf8))
    let answer = bench.answer("GET", uri, [("HTTP_RANGE", range)])
    #expect(answer.status == "206")
    #expect(answer.body == body)
    #expect(answer["Content-Range"] == contentRange)
  }

  @Test func `a part that is not there is told with the size`() throws {
    let bench = try Bench()
    bench.addSession()
    let answer = bench.answer("GET", uri, [("HTTP_RANGE", "bytes=10-")])
    #expect(answer.status == "416")
    #expect(answer["Content-Range"] == "bytes */10")
  }

  @Test func `HEAD reads nothing`() throws {
    let bench = try Bench()
    bench.addSession()
    let answer = bench.answer("HEAD", uri)
    #expect(answer.status == "200")
    #expect(answer["Content-Length"] == "10")
    #expect(answer.body.isEmpty)
    #expect(bench.recordings.now.endedReaders == 0)
  }

  @Test func `a recording that storage has lost is not there`() throws {
    let bench = try Bench()
    bench.addSession()
    bench.recordings.change { $0.objects = [:] }
    #expect(bench.answer("GET", uri).code == "SESSION_NOT_FOUND")
  }

  @Test func `a recording that was deleted by the app is not there`() throws {
    let bench = try Bench()
    bench.sessions.change { $0.sessions["s"] = .some(nil) }
    #expect(bench.answer("GET", uri).code == "SESSION_NOT_FOUND")
  }

  @Test func `storage that breaks off breaks the response off`() throws {
    let bench = try Bench()
    bench.addSession()
    bench.recordings.change { $0.readFailure = down }
    let answer = bench.answer("GET", uri)
    #expect(answer.status == "200")
    #expect(answer["Content-Length"] == "10")
    #expect(answer.body.utf8.count == FakeRecordingStorage.pieceBytes)
    #expect(try bench.log().contains("cut_off"))
    #expect(bench.recordings.now.endedReaders == 1)
  }

  @Test(arguments: [0, 1, 2])
  func `a client that goes ends the reading`(writes: Int) throws {
    let bench = try Bench()
    bench.addSession()
    var exchange = FakeExchange("GET", uri)
    exchange.writeError = .connectionLost
    exchange.writesBeforeError = writes
    _ = bench.answer(&exchange)
    #expect(exchange.writeCount == writes + 1)
    #expect(bench.recordings.now.endedReaders == 1)
    #expect(try bench.log().contains("cut_off"))
  }

  @Test(arguments: [
    ("audio/ogg", "audio/ogg"), ("video/webm; codecs=opus", "video/webm; codecs=opus"),
    ("Audio/MP4", "Audio/MP4"), ("text/html", nil), ("image/svg+xml", nil),
    ("application/pdf", nil),
    ("text/html, audio/ogg", nil), ("audio", nil), ("audio/", nil), ("", nil), (nil, nil),
    ("multipart/x-mixed-replace", nil), ("text/xml; audio/ogg", nil),
  ])
  func `what is no recording goes out as bytes, in a sandbox`(
    stored: String?, sent: String?
  ) throws {
    let bench = try Bench()
    bench.addSession()
    bench.recordings.change { state in
      for key in state.objects.keys { state.objects[key]?.contentType = stored }
    }
    for method in ["GET", "HEAD"] {
      let answer = bench.answer(method, uri)
      #expect(answer["Content-Type"] == sent ?? "application/octet-stream")
      #expect(answer["Content-Security-Policy"] == "sandbox; default-src 'none'")
      #expect(answer["X-Content-Type-Options"] == "nosniff")
    }
  }

  @Test(arguments: [[], [("X_ACCEL", "on")], [("HTTP_RANGE", "bytes=2-")]] as [[(String, String)]])
  func `a recording without a length is refused`(headers: [(String, String)]) throws {
    let bench = try Bench()
    bench.addSession()
    bench.recordings.change { state in
      for key in state.objects.keys { state.objects[key]?.tellsLength = false }
    }
    for method in ["GET", "HEAD"] {
      let answer = bench.answer(method, uri, headers)
      #expect(answer.status == "503")
      #expect(answer["X-Accel-Redirect"] == nil)
    }
  }

  @Test func `a client that has gone ends the wait for storage`() throws {
    let bench = try Bench()
    bench.addSession()
    var exchange = FakeExchange("GET", uri)
    exchange.isPeerGone = true
    _ = bench.answer(&exchange)
    #expect(exchange.writeCount == 1)
    #expect(bench.recordings.now.endedReaders == 1)
    #expect(try bench.log().contains("nobody waited"))
  }

  @Test func `a web server that fetches it itself is told where`() throws {
    let bench = try Bench()
    bench.addSession()
    let answer = bench.answer("GET", uri, [("X_ACCEL", "on")])
    #expect(answer["X-Accel-Redirect"] == "@sessions_recording")
    #expect(
      answer["X-Sessions-Recording"]
        == "https://storage.example/sessions/u/s/audio.webm?GET&60")
    #expect(answer.body.isEmpty)
    #expect(try !bench.log().contains("storage.example"))
  }
}
