// A TLS server in a process of its own that does as it is told: Peer/tls_peer.py.

internal import Glibc
internal import POSIX
internal import Synchronization
internal import SystemPackage

/// A TLS server on 127.0.0.1 that follows a script, and ends with this object.
///
/// It is no work of OpenSSL's client side nor of ours, so that both sides cannot share an error.
package final class TLSPeer: Sendable {
  /// What the server shows of itself.
  package enum Certificate: String, Sendable, CaseIterable {
    /// Of the CA in `authorityFile`, for localhost and 127.0.0.1.
    case good
    case wrongName = "wrong-name"
    case expired
    case selfSigned = "self-signed"
    case unknownAuthority = "unknown-ca"
  }

  /// A request as the server saw it.
  package struct Request: Sendable, Equatable {
    /// Which connection it came on, from 0.
    package let connection: Int
    /// The name asked for by SNI, empty without one.
    package let serverName: String
    /// Request line and fields.
    package let lines: [String]
    package let bodyByteCount: Int
    package let bodySHA256: String
  }

  package let port: UInt16
  /// The PEM file of the CA that issued the good certificate.
  package let authorityFile: String

  private let process: pid_t
  private let input: Mutex<OwnedDescriptor?>
  private let output: Mutex<LineReader>

  /// - Parameter script: JSON, as tls_peer.py explains.
  package init(_ certificate: Certificate = .good, script: String) throws {
    let input = try SocketPair()
    let output = try SocketPair()
    let program = "\(#filePath)".replacingLastPathComponent(with: "Peer/tls_peer.py")
    process = try spawn(
      ["python3", "-I", program, certificate.rawValue, script], input: input.far.number,
      output: output.far.number)
    self.input = Mutex(input.near)
    var reader = LineReader(output.near)
    guard let port = UInt16(try reader.next()) else { throw Errno.badFileDescriptor }
    self.port = port
    authorityFile = try reader.next()
    self.output = Mutex(reader)
  }

  deinit {
    // The end of its input is the end of the server.
    input.withLock { $0 = nil }
    _ = try? retrying { waitpid(process, nil, 0) }
  }

  /// The next request that the server has read; waits for it for 10 s.
  package func nextRequest() throws -> Request {
    let line = try output.withLock { try $0.next() }
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 5, let connection = Int(fields[0]), let count = Int(fields[3]) else {
      throw Errno.badMessage
    }
    return Request(
      connection: connection, serverName: fields[1],
      lines: fields[2].split(separator: "|", omittingEmptySubsequences: false).map(String.init),
      bodyByteCount: count, bodySHA256: fields[4])
  }
}

/// Lines from a descriptor.
private struct LineReader: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor
  private var bytes: [UInt8] = []

  init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

  mutating func next() throws(Errno) -> String {
    let deadline = Deadline.after(.seconds(60))
    while true {
      if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
        defer { bytes.removeFirst(end + 1) }
        return String(decoding: bytes[..<end], as: UTF8.self)
      }
      guard try wait(for: .readable, on: descriptor.number, until: deadline) else {
        throw .timedOut
      }
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = try retrying { unsafe Glibc.read(descriptor.number, &piece, piece.count) }
      guard count > 0 else { throw .brokenPipe }
      bytes += piece[..<count]
    }
  }
}

extension String {
  fileprivate func replacingLastPathComponent(with component: String) -> String {
    "\(prefix(upTo: lastIndex(of: "/") ?? startIndex))/\(component)"
  }
}
