// The recording on its way to the client.

import Gateway
import Logging
import Observability
import POSIX
import Postgres
import R2
import TestSupport
import Testing

import enum HTTPClient.HTTPError

@testable import Sessions

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
