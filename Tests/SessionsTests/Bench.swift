// A service on fakes of its database and its storage.

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

/// A service on fakes, and its log.
struct Bench: ~Copyable {
  let sessions = FakeSessionStore()
  let recordings = FakeRecordingStorage()
  let outbox: Outbox
  let leases: UploadLeases
  private let service: SessionService
  private let database: UnreachableDatabase
  private let directory: TemporaryDirectory

  init(allowedOrigins: Set<Origin> = []) throws {
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
        temporaryDirectory: directory.path, allowedOrigins: allowedOrigins,
        limits: UploadLimits(inFlight: 0, perHour: 0)),
      sessions: sessions, recordings: recordings,
      outbox: outbox, leases: leases, late: try LateDatabase(),
      gate: StorageGate(places: 1, movedBytes: { 0 }), log: log)
    self.outbox = outbox
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

/// Storage does not answer in time.
let down = R2Error.http(.timedOut)
