// A client for a scripted peer, and what it uploads.

import HTTPClient
import OpenSSL
import POSIX
import R2
import R2Sign
import SystemPackage
import TestSupport
import Testing

/// 2026-02-18T22:55:18Z.
let moment = 1_771_455_318
let momentInHTTP = "Wed, 18 Feb 2026 22:55:18 GMT"

func makeClient(
  to peer: TLSPeer, host: String = "127.0.0.1",
  configure: (inout R2Configuration) -> Void = { _ in }
) throws -> R2Client {
  try makeClient(
    "https://\(host):\(peer.port)", authorities: peer.authorityFile, configure: configure)
}

func makeClient(
  _ endpoint: String, authorities: String?, configure: (inout R2Configuration) -> Void = { _ in }
) throws -> R2Client {
  var configuration = R2Configuration(
    endpoint: try #require(Endpoint(endpoint)), bucket: try #require(BucketName("recordings")),
    credentials: Credentials(
      accessKeyID: try #require(AccessKeyID("AKID")),
      secretAccessKey: try #require(SecretAccessKey("very-secret"))))
  configuration.backoffBase = .milliseconds(1)
  configuration.rateLimitBackoffBase = .milliseconds(1)
  configuration.now = { Timestamp(secondsSinceEpoch: moment) }
  configure(&configuration)
  return R2Client(configuration, tls: try TLSContext(additionalAuthorities: authorities))
}

extension BodyLimits {
  static let generous = BodyLimits(
    whole: .seconds(60), idleTimeout: .seconds(20), minBytesPerSecond: 1)
}

extension Deadline {
  /// Long enough that only a fault reaches it.
  static var generous: Deadline { .after(.seconds(60)) }
}

func key(_ text: String = "sessions/u/s/audio.svg+xml") throws -> ObjectKey {
  try #require(ObjectKey(text))
}

/// A file to upload, with its digest.
struct Upload: ~Copyable {
  let file: OwnedDescriptor
  let byteCount: Int
  let sha256: SHA256Digest

  init(byteCount: Int) throws {
    // A prime number of bytes, so that no two pieces of the file are alike.
    let pattern = (0..<8191).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 5) }
    var bytes: [UInt8] = []
    while bytes.count < byteCount { bytes += pattern.prefix(byteCount - bytes.count) }
    let file = try OwnedDescriptor.temporaryFile(in: "/tmp")
    try file.writeAll(bytes.span)
    self.file = file
    self.byteCount = byteCount
    sha256 = SHA256.hash(bytes.span)
  }
}

extension R2Client {
  func put(_ upload: borrowing Upload, deadline: Deadline = .generous) throws(R2Error) -> R2Outcome
  {
    guard let key = ObjectKey("sessions/u/s/audio.svg+xml") else { throw .http(.fileTooShort) }
    return try put(
      file: upload.file, byteCount: upload.byteCount, sha256: upload.sha256, key: key,
      contentType: "audio/webm;codecs=opus", deadline: deadline)
  }

  /// The whole answer to GET.
  func getAll(
    _ key: ObjectKey, range: ByteRange? = nil, deadline: Deadline = .generous,
    bodyLimits: BodyLimits = .generous
  ) throws(R2Error) -> (head: ResponseHead, attempts: Int, body: [UInt8]) {
    var body: [UInt8] = []
    var reader = try get(key, range: range, deadline: deadline, bodyLimits: bodyLimits)
    while try reader.receiveBody() {
      reader.withBody { piece in for index in piece.indices { body.append(piece[index]) } }
    }
    let (head, attempts) = (reader.head, reader.attempts)
    reader.end()
    return (head, attempts, body)
  }
}

/// The error that `body` throws.
func refusal(_ body: () throws -> Void) -> R2Error? {
  do {
    try body()
    return nil
  } catch {
    return error as? R2Error
  }
}

/// A refusal as stores send it.
func error(_ status: Int, _ code: String) -> String {
  answer(status, "<Error><Code>\(code)</Code><Key>hidden</Key></Error>")
}
