// Results in records of TLS as other servers cut them.

import TestSupport
import Testing

@testable import Postgres

@Suite struct TLSRecordTests {
  /// PostgreSQL itself sends at most 8 KiB in one, for which libpq always has room. Of a larger one
  /// it takes what there is room for, and the socket tells nobody of the rest.
  @Test(arguments: [1, 4_999, 5_000, 8_192, 9_999])
  func restOfARecordIsNotWaitedFor(firstByteCount: Int) throws {
    let row = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
    let text = [UInt8](repeating: 0, count: 6) + integer(25) + [0xFF, 0xFF] + integer(-1) + [0, 0]
    let rows = message("D", [0, 1] + integer(row.count) + row)
    let result =
      message("1") + message("2") + message("T", [0, 1] + Array("c\0".utf8) + text) + rows + rows
      + message("C", Array("SELECT 2\0".utf8)) + message("Z", Array("I".utf8))
    let peer = try TLSPeer(
      script: script([
        #"["postgres"]"#, #"["some"]"#,
        send(bytes: message("R", integer(0)) + message("Z", Array("I".utf8))),
        #"["some"]"#, send(bytes: result[..<firstByteCount]),
        send(bytes: result[firstByteCount...]),
      ]))
    var connection = try Connection.open(
      try databaseURL("postgres://carla:hunter2@127.0.0.1:\(peer.port)/x?sslmode=require"),
      until: soon())
    let answer = try connection.execute("SELECT", until: soon())
    #expect(answer.rowCount == 2)
    for number in 0..<2 {
      #expect(try Array(answer.text(number, 0).utf8) == row)
    }
  }

  /// PostgreSQL, "55.7. Message Formats".
  private func message(_ type: Unicode.Scalar, _ body: [UInt8] = []) -> [UInt8] {
    [UInt8(ascii: type)] + integer(body.count + 4) + body
  }

  private func integer(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
