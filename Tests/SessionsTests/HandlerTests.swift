// Every handler with a database and a storage that do what they are told.

import Gateway
import HTTPClient
import Logging
import Observability
import POSIX
import Postgres
import R2
import Synchronization
import TestSupport
import Testing

@testable import Sessions

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

  @Test(arguments: try ClientForm.all())
  func `a client's form is stored, however it is cut`(form: ClientForm) throws {
    for pieces in [[form.body], form.body.map { [$0] }] {
      let bench = try Bench()
      var exchange = FakeExchange(
        "POST", "/api/sessions", [("CONTENT_TYPE", form.contentType)], pieces: pieces)
      let answer = bench.answer(&exchange)
      #expect(answer.status == "201", "\(answer.body)")
      #expect(bench.sessions.now.calls == ["begin demo 12 pt-BR one two \u{E9} -", "finish"])
      #expect(bench.recordings.now.objects.values.map(\.bytes) == [form.audio])
    }
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
    #expect(bench.outbox.finishedDeletions.withLock { $0 } == ["sessions/u/s/audio.webm"])
  }

  @Test func `while storage is down the job stays, and the log says why`() throws {
    let bench = try Bench()
    bench.addSession()
    bench.recordings.change { $0.failure = down }
    #expect(bench.answer("DELETE", "/api/sessions/s").status == "200")
    #expect(bench.outbox.finishedDeletions.withLock { $0.isEmpty })
    #expect(try bench.log().contains("\(down)"))
  }

  @Test func `a session without a recording leaves storage alone`() throws {
    let bench = try Bench()
    bench.sessions.change { $0.sessions["s"] = .some(nil) }
    bench.recordings.change { $0.failure = down }
    #expect(bench.answer("DELETE", "/api/sessions/s").status == "200")
    #expect(try !bench.log().contains("postponed"))
  }
}
