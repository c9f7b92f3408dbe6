// Connections that do not come about, and those that break on the way.

import POSIX
import SystemPackage
import TestSupport
import Testing

@testable import Postgres

@Suite struct ConnectingTests {
  /// The reason why `url` gives no connection; nil if it does.
  private func reason(
    _ url: String, until deadline: Deadline = soon()
  ) throws -> ConnectionFailure.Reason? {
    let url = try databaseURL(url)
    do {
      _ = try Connection.open(url, until: deadline)
      return nil
    } catch {
      #expect(error.isUnavailable)
      let text = "\(error) \(String(reflecting: error))"
      #expect(
        !text.contains("hunter2") && !text.contains("carla") && !text.contains("://"), "\(text)")
      guard case .connectionFailed(let failure) = error else { throw error }
      return failure.reason
    }
  }

  @Test func socketAndTCPLetUsIn() throws {
    let server = try TemporaryPostgres.shared()
    #expect(try reason(server.socketURL) == nil)
    #expect(
      try reason(
        server.url(user: "locked", database: "postgres")
          .replacing("locked@", with: "locked:s3cret-pa55%2Fword@")) == nil)
  }

  @Test func nothingListensIsRefused() throws {
    #expect(try reason("postgres://carla:hunter2@127.0.0.1:\(freePort())/x") == .refused)
    #expect(try reason("postgres://carla:hunter2@/x?host=/nonexistent") == .noSocket)
  }

  @Test func unknownHostIsNamedAsSuch() throws {
    #expect(try reason("postgres://carla:hunter2@nowhere.invalid/x") == .hostNotFound)
  }

  @Test(arguments: [
    "connection to server at \"127.0.0.1\", port 5432 failed: could not create socket: ",
    "could not translate host name \"db\" to address: System error: ",
    "could not open certificate file \"/x\": ",
  ])
  func descriptorsThatHaveRunOutAreToldWhereverLibpqMeetsIt(text: String) {
    for ending in ["Too many open files\n", "Too many open files in system\n"] {
      let reason = ConnectionFailure.Reason(message: text + ending, secrets: [])
      #expect(reason == .noDescriptor)
      let error = PostgresError.connectionFailed(ConnectionFailure(reason: reason, endpoint: "x"))
      #expect(error.isShortage)
    }
  }

  @Test(arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem])
  func descriptorsThatHaveRunOutForTheResolverAreNoUnknownHost(error: Errno) throws {
    let found = try FaultInjection.$current.withValue(FaultInjection(error)) {
      try reason("postgres://carla:hunter2@nowhere.invalid/x")
    }
    #expect(found == .noDescriptor)
  }

  @Test func wrongPasswordUserAndDatabaseAreTold() throws {
    let server = try TemporaryPostgres.shared()
    let port = server.port
    #expect(
      try reason("postgres://locked:hunter2@127.0.0.1:\(port)/postgres")
        == .server(.invalidPassword))
    #expect(
      try reason("postgres://carla:hunter2@127.0.0.1:\(port)/postgres")
        == .server(.invalidAuthorization))
    #expect(
      try reason("postgres://postgres:hunter2@127.0.0.1:\(port)/carla")
        == .server(.invalidDatabase))
    #expect(
      try reason("postgres://postgres:hunter2@127.0.0.1:\(port)/postgres?options=-c%20carla%3D1")
        != nil)
  }

  @Test func certificateIsCheckedWhereTheURLSaysStrict() throws {
    let server = try TemporaryPostgres.shared()
    func url(_ host: String, _ parameters: String) -> String {
      "postgres://postgres:hunter2@\(host):\(server.port)/postgres?\(parameters)"
    }
    let trusted = "sslaccept=strict&sslcert=\(server.certificate)"
    #expect(try reason(url("localhost", trusted)) == nil)
    #expect(try reason(url("127.0.0.1", trusted)) == .certificateRejected)
    #expect(try reason(url("localhost", "sslaccept=strict")) == .certificateRejected)
    #expect(try reason(url("127.0.0.1", "sslmode=require")) == nil)
    let pooler = try TemporaryPgBouncer.shared()
    let plain = "postgres://carla:hunter2@127.0.0.1:\(pooler.port)/postgres?sslmode=require"
    #expect(try reason(plain) == .tlsUnavailable)
  }

  @Test func silentServerEndsByTheDeadline() throws {
    let listener = try LoopbackListener()
    let url = "postgres://carla:hunter2@127.0.0.1:\(listener.port)/x"
    #expect(try reason(url, until: .after(.milliseconds(50))) == .timedOut)
    #expect(try reason(url + "?connect_timeout=1") == .timedOut)
  }

  @Test func nextHostIsTriedWhereOneIsSilentOrRefuses() throws {
    let server = try TemporaryPostgres.shared()
    let listener = try LoopbackListener()
    let hosts = try "127.0.0.1:\(freePort()),127.0.0.1:\(listener.port),127.0.0.1:\(server.port)"
    #expect(try reason("postgres://postgres@\(hosts)/postgres?connect_timeout=1") == nil)
  }

  @Test func peerThatSpeaksSomethingElseIsNoServer() throws {
    let listener = try LoopbackListener()
    let port = listener.port
    let peer = try Thread.start(name: "peer") {
      guard let socket = try? listener.accept(until: soon()) else { return }
      try? socket.writeAll(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).span)
    }
    #expect(try reason("postgres://carla:hunter2@127.0.0.1:\(port)/x?sslmode=disable") != nil)
    peer.join()
  }

  /// Cuts the server's answers at ever later bytes: in the handshake, in the rows, at the end.
  @Test(arguments: ["disable", "require"])
  func connectionCutAtAnyByteIsATypedErrorAndNothingHangs(sslmode: String) throws {
    let server = try TemporaryPostgres.shared()
    var limit = 0
    var losses = 0
    var isDone = false
    while !isDone, limit < 1_000_000 {
      let proxy = try CuttingProxy(to: server.port, limit: limit)
      isDone = try proxy.run {
        let url = try databaseURL(
          "postgres://postgres@127.0.0.1:\(proxy.port)/postgres?sslmode=\(sslmode)")
        do {
          var connection = try Connection.open(url, until: soon())
          let result = try connection.execute(
            "SELECT repeat('x', 5000) FROM generate_series(1, 3)", until: soon())
          return result.rowCount == 3 && connection.isIdle
        } catch let error as PostgresError {
          #expect(error.isUnavailable && error != .timedOut, "\(limit): \(error)")
          losses += 1
          return false
        }
      }
      limit = limit < 2 ? limit + 1 : limit * 2
    }
    #expect(isDone && losses > 8)
  }
}
