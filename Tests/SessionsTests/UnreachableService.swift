// A service that reaches nothing.

import Logging
import OpenSSL
import POSIX
import Postgres
import R2
import R2Sign
import TestSupport
import Testing

import struct HTTPClient.Endpoint

@testable import Sessions

/// A port without a listener, and what would speak with a database there.
struct UnreachableDatabase: ~Copyable {
  let pool: ConnectionPool
  /// Keeps the port from others.
  private let port: LoopbackSocket

  init() throws {
    let port = try LoopbackSocket(listens: false)
    let url = try DatabaseURL("postgres://u:p@127.0.0.1:\(port.port)/d", for: .linked())
    pool = ConnectionPool(url, ConnectionPool.Limits(size: 1, wait: .seconds(1)))
    self.port = port
  }
}

/// A service whose database refuses connections and whose storage is nowhere.
struct UnreachableService: ~Copyable {
  private let service: SessionService
  private let database: UnreachableDatabase

  init(temporaryDirectory: String = "/tmp", allowedOrigins: Set<Origin> = []) throws {
    let database = try UnreachableDatabase()
    let pool = database.pool
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let storage = try makeStorage()
    service = SessionService(
      settings: SessionService.Settings(
        temporaryDirectory: temporaryDirectory, allowedOrigins: allowedOrigins,
        limits: UploadLimits(inFlight: 0, perHour: 0)),
      sessions: PostgresSessionStore(pool: pool, schema: .publicSchema), recordings: storage,
      outbox: try Outbox(
        pool: pool, requests: pool, schema: .publicSchema, storage: storage, publisher: nil,
        log: log),
      leases: try UploadLeases(pool: pool, log: log),
      late: try LateDatabase(),
      gate: StorageGate(places: 1, movedBytes: { 0 }), log: log)
    self.database = database
  }

  func answer(_ exchange: inout FakeExchange) -> Answer {
    service.serve(&exchange)
    return Answer(exchange)
  }

  func answer(_ exchange: FakeExchange) -> Answer {
    var exchange = exchange
    return answer(&exchange)
  }
}

/// Read once: the system's authorities take longer than a test.
private let tls = Result { try TLSContext() }

func makeStorage() throws -> R2Client {
  let credentials = Credentials(
    accessKeyID: try #require(AccessKeyID("key")),
    secretAccessKey: try #require(SecretAccessKey("secret")))
  return R2Client(
    R2Configuration(
      endpoint: try #require(Endpoint("https://127.0.0.1:1")),
      bucket: try #require(BucketName("bucket")), credentials: credentials),
    tls: try tls.get())
}
