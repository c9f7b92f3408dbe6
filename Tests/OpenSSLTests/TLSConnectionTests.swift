// TLS against a server that behaves badly, in the ways that servers do.

import OpenSSL
import POSIX
import TestSupport
import Testing

private func connect(
  to peer: TLSPeer, host: String = "127.0.0.1", trusting file: String? = nil,
  within limit: Duration = .seconds(60)
) throws -> TLSConnection {
  let deadline = Deadline.after(limit)
  let context = try TLSContext(additionalAuthorities: file ?? peer.authorityFile)
  let descriptor = try POSIX.connect(to: "127.0.0.1", port: peer.port, until: deadline)
  return try TLSConnection(over: descriptor, to: host, context: context, until: deadline)
}

/// All that comes until the end.
private func readAll(_ connection: borrowing TLSConnection) throws(OpenSSLError) -> [UInt8] {
  let deadline = Deadline.after(.seconds(60))
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1000)
  while true {
    var span = buffer.mutableSpan
    let count = try connection.read(into: &span, until: deadline)
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

@Suite struct `A TLS connection` {
  @Test(arguments: ["localhost", "127.0.0.1"])
  func `is made to a name or an address that the certificate has`(host: String) throws {
    let peer = try TLSPeer(script: #"[[["head"], ["send", "hello"], ["close"]]]"#)
    let connection = try connect(to: peer, host: host)
    let result = try connection.write(
      Array("GET\r\n\r\n".utf8).span, until: .after(.seconds(60)))
    #expect(result == .written)
    let answer = try readAll(connection)
    #expect(answer == Array("hello".utf8))
    // RFC 6066 3: no address in SNI.
    #expect(try peer.nextRequest().serverName == (host == "localhost" ? host : ""))
  }

  @Test(arguments: [
    (TLSPeer.Certificate.wrongName, "localhost", VerificationCode.hostNameMismatch),
    (.wrongName, "127.0.0.1", .addressMismatch),
    (.good, "other.example", .hostNameMismatch),
    (.expired, "localhost", .expired),
    (.selfSigned, "localhost", .selfSigned),
    (.unknownAuthority, "localhost", .unknownAuthority),
  ])
  func `is refused for a certificate that proves nothing`(
    certificate: TLSPeer.Certificate, host: String, code: VerificationCode
  ) throws {
    let peer = try TLSPeer(certificate, script: "[[]]")
    #expect(throws: OpenSSLError.certificateRefused(code)) {
      _ = try connect(to: peer, host: host)
    }
  }

  @Test func `the reasons for a refusal can be told apart in a log line`() {
    let texts = [
      VerificationCode.expired, .hostNameMismatch, .addressMismatch, .selfSigned,
      .unknownAuthority,
    ].map { OpenSSLError.certificateRefused($0).description }
    let expired = "certificate has expired, by this machine's clock (code 10)"
    #expect(texts[0] == "certificate refused: \(expired)")
    #expect(texts[1] == "certificate refused: hostname mismatch (code 62)")
    #expect(Set(texts).count == texts.count)
  }

  @Test func `an end without close_notify is not taken for an end`() throws {
    let peer = try TLSPeer(script: #"[[["send", "half"], ["drop"]]]"#)
    let connection = try connect(to: peer)
    #expect(throws: OpenSSLError.closedUnexpectedly) { _ = try readAll(connection) }
  }

  @Test func `a peer that sends nothing is given up at the deadline`() throws {
    let peer = try TLSPeer(script: "[[]]")
    let connection = try connect(to: peer)
    var buffer = [UInt8](repeating: 0, count: 10)
    #expect(throws: OpenSSLError.timedOut) {
      var span = buffer.mutableSpan
      _ = try connection.read(into: &span, until: .after(.milliseconds(200)))
    }
  }

  @Test func `a peer that does not complete the handshake is given up at the deadline`() throws {
    let peer = try TLSPeer(script: #"[[["raw"]]]"#)
    #expect(throws: OpenSSLError.timedOut) {
      _ = try connect(to: peer, within: .milliseconds(300))
    }
  }

  @Test func `close_notify instead of a handshake is an error`() throws {
    let peer = try TLSPeer(script: #"[[["refuse"]]]"#)
    #expect(throws: OpenSSLError.closedUnexpectedly) { _ = try connect(to: peer) }
  }

  @Test func `a peer that reads nothing is given up at the deadline`() throws {
    let peer = try TLSPeer(script: #"[[["stall"]]]"#)
    let connection = try connect(to: peer)
    let bytes = [UInt8](repeating: 1, count: 32 << 20)
    #expect(throws: OpenSSLError.timedOut) {
      _ = try connection.write(bytes.span, until: .after(.milliseconds(300)))
    }
  }

  @Test func `a peer that answers instead of reading ends the write`() throws {
    let peer = try TLSPeer(script: #"[[["head"], ["send", "no"], ["stall"]]]"#)
    let connection = try connect(to: peer)
    let deadline = Deadline.after(.seconds(60))
    _ = try connection.write(Array("PUT\r\n\r\n".utf8).span, until: deadline)
    let bytes = [UInt8](repeating: 1, count: 32 << 20)
    let result = try connection.write(bytes.span, until: deadline)
    #expect(result == .answered)
    var buffer = [UInt8](repeating: 0, count: 10)
    var span = buffer.mutableSpan
    let count = try connection.read(into: &span, until: deadline)
    #expect(count == 2)
    #expect(buffer.starts(with: "no".utf8))
  }

  @Test func `writing to a peer that has gone is an error, not a signal`() throws {
    let peer = try TLSPeer(script: #"[[["head"], ["reset"]]]"#)
    let connection = try connect(to: peer)
    let deadline = Deadline.after(.seconds(60))
    _ = try connection.write(Array("PUT\r\n\r\n".utf8).span, until: deadline)
    // Until the reset has arrived writes succeed; once it has, a second one would raise SIGPIPE.
    var failures = 0
    while failures < 3 {
      do throws(OpenSSLError) {
        _ = try connection.write([0].span, until: deadline)
      } catch {
        if error == .timedOut { break }
        failures += 1
      }
    }
    #expect(failures == 3)
  }

  @Test func `nothing counts as written once the peer has sent close_notify and gone`() throws {
    let peer = try TLSPeer(script: #"[[["head"], ["close"]]]"#)
    let connection = try connect(to: peer)
    let deadline = Deadline.after(.seconds(60))
    _ = try connection.write(Array("PUT\r\n\r\n".utf8).span, until: deadline)
    while !connection.hasResponse() && !deadline.hasPassed {}
    // The first may still leave; what answers it is the reset that the others meet.
    var results: [TLSConnection.WriteResult] = []
    while results.last != .answered && !deadline.hasPassed {
      results.append(try connection.write([0].span, until: deadline))
    }
    #expect(results.last == .answered)
  }

  @Test func `a kept connection shows that its peer has closed`() throws {
    let peer = try TLSPeer(script: #"[[["head"], ["send", "ok"], ["head"], ["close"]]]"#)
    let connection = try connect(to: peer)
    let deadline = Deadline.after(.seconds(60))
    _ = try connection.write(Array("a\r\n\r\n".utf8).span, until: deadline)
    var buffer = [UInt8](repeating: 0, count: 10)
    var span = buffer.mutableSpan
    let count = try connection.read(into: &span, until: deadline)
    #expect(count == 2)
    let before = (connection.isQuiet, connection.hasResponse())
    #expect(before == (true, false))
    _ = try connection.write(Array("b\r\n\r\n".utf8).span, until: deadline)
    while connection.isQuiet && !deadline.hasPassed {}
    let after = (connection.isQuiet, connection.hasResponse())
    #expect(after == (false, true))
  }

  @Test func `a connection cut at any byte is a typed error`() throws {
    var sizes = [0]
    var size = 1
    while size < 8192 {
      sizes.append(size)
      size *= 2
    }
    let steps = sizes.map { "[[\"cut\", \($0)], [\"send\", \"hello\"], [\"close\"]]" }
    let peer = try TLSPeer(
      script: "[\(steps.joined(separator: ",")), [[\"send\", \"hello\"], [\"close\"]]]")
    var successes: [Bool] = []
    for _ in sizes {
      do {
        let connection = try connect(to: peer)
        let answer = try readAll(connection)
        #expect(answer == Array("hello".utf8))
        successes.append(true)
      } catch let error as OpenSSLError {
        #expect(error != .timedOut)
        successes.append(false)
      } catch let error as ConnectError {
        #expect(error != .timedOut)
        successes.append(false)
      }
    }
    // The whole of it fits into the largest size.
    #expect(successes.first == false && successes.last == true)
    let answer = try readAll(connect(to: peer))
    #expect(answer == Array("hello".utf8))
  }
}

@Suite struct `A TLS context` {
  @Test(arguments: ["/nonexistent/ca.pem", #filePath])
  func `says that a file of authorities is unusable`(file: String) {
    #expect {
      _ = try TLSContext(additionalAuthorities: file)
    } throws: { error in
      if case OpenSSLError.authorityFileUnusable = error { true } else { false }
    }
  }

  @Test func `serves connections on many threads`() async throws {
    let peer = try TLSPeer(script: #"[[["send", "hello"], ["close"]]]"#)
    let context = try TLSContext(additionalAuthorities: peer.authorityFile)
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<16 {
        group.addTask {
          let deadline = Deadline.after(.seconds(60))
          let descriptor = try POSIX.connect(to: "127.0.0.1", port: peer.port, until: deadline)
          return try readAll(
            TLSConnection(over: descriptor, to: "localhost", context: context, until: deadline))
        }
      }
      for try await bytes in group { #expect(bytes == Array("hello".utf8)) }
    }
  }
}
