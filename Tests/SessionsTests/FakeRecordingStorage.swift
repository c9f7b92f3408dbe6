// The recordings of a test, in memory.

import HTTPClient
import OpenSSL
import POSIX
import R2
import R2Sign
import Synchronization
import SystemPackage

@testable import Sessions

/// Keeps recordings by key, and fails where it is told to.
final class FakeRecordingStorage: RecordingStorage {
  struct Object: Equatable {
    var bytes: [UInt8]
    var contentType: String?
    var tellsLength = true
  }

  struct State {
    var objects: [String: Object] = [:]
    /// What every call fails with.
    var failure: R2Error?
    /// What reading fails with after the first piece.
    var readFailure: R2Error?
    /// Runs while a recording is stored.
    var whileStoring: @Sendable () -> Void = {}
    /// Readers that were given back.
    var endedReaders = 0
  }

  static let pieceBytes = 4

  private let state = Mutex(State())

  var now: State { state.withLock { $0 } }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  private func object(_ key: ObjectKey) throws(R2Error) -> Object {
    let now = now
    if let failure = now.failure { throw failure }
    guard let object = now.objects[key.text] else { throw refused(404, "NoSuchKey") }
    return object
  }

  private func refused(_ status: Int, _ code: String) -> R2Error {
    .refused(R2Refusal(status: status, code: code, clockSkewSeconds: nil))
  }

  private func head(_ object: Object, status: Int = 200) -> ResponseHead {
    var head = ResponseHead(status: status)
    head.contentLength = object.tellsLength ? object.bytes.count : nil
    head.contentType = object.contentType
    head.etag = "\"tag\""
    head.lastModified = "Wed, 18 Feb 2026 22:55:18 GMT"
    return head
  }

  func put(
    _ recording: borrowing TemporaryRecording, as key: ObjectKey, contentType: String,
    until deadline: Deadline
  ) throws(R2Error) {
    now.whileStoring()
    if let failure = now.failure { throw failure }
    var bytes = [UInt8](repeating: 0, count: recording.byteCount)
    var room = bytes.mutableSpan
    let count = try? unsafe room.withUnsafeMutableBytes { (room) throws(Errno) in
      try unsafe recording.file.descriptor.read(at: 0, into: room)
    }
    guard count == bytes.count, SHA256.hash(bytes.span) == recording.sha256 else {
      throw refused(400, "XAmzContentSHA256Mismatch")
    }
    change { $0.objects[key.text] = Object(bytes: bytes, contentType: contentType) }
  }

  func get(
    _ key: ObjectKey, range: ByteRange?, until deadline: Deadline, bodyLimits: BodyLimits
  ) throws(R2Error) -> any RecordingReader & ~Copyable {
    let object = try object(key)
    let count = object.bytes.count
    let part: Range<Int>
    switch range {
    case nil: part = 0..<count
    case .from(let first): part = min(first, count)..<count
    case .closed(let first, let last): part = min(first, count)..<min(last + 1, count)
    case .suffix(let length): part = max(count - length, 0)..<count
    }
    guard !part.isEmpty || range == nil else { throw refused(416, "InvalidRange") }
    var head = head(object, status: range == nil ? 200 : 206)
    head.contentLength = object.tellsLength ? part.count : nil
    if range != nil {
      head.contentRange = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(count)"
    }
    return Reader(head: head, rest: object.bytes[part], storage: self)
  }

  func head(_ key: ObjectKey, until deadline: Deadline) throws(R2Error) -> ResponseHead {
    head(try object(key))
  }

  func delete(_ key: ObjectKey, until deadline: Deadline) throws(R2Error) {
    if let failure = now.failure { throw failure }
    change { $0.objects[key.text] = nil }
  }

  func presignedURL(
    _ method: R2Client.PresignedMethod, _ key: ObjectKey, expiry: Duration
  ) throws(R2SignError) -> String {
    "https://storage.example/\(key.text)?\(method.rawValue)&\(expiry.components.seconds)"
  }

  private struct Reader: ~Copyable, RecordingReader {
    let head: ResponseHead
    var rest: ArraySlice<UInt8>
    let storage: FakeRecordingStorage
    private var piece: [UInt8] = []

    init(head: ResponseHead, rest: ArraySlice<UInt8>, storage: FakeRecordingStorage) {
      self.head = head
      self.rest = rest
      self.storage = storage
    }

    mutating func receiveBody(unless isAbandoned: () -> Bool) throws(R2Error) -> Bool {
      if isAbandoned() { throw .http(.abandoned) }
      if !piece.isEmpty, let failure = storage.now.readFailure { throw failure }
      piece = Array(rest.prefix(FakeRecordingStorage.pieceBytes))
      rest = rest.dropFirst(piece.count)
      return !piece.isEmpty
    }

    func withBody<Value: ~Copyable, Failure: Error>(
      _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
      try body(piece.span)
    }

    consuming func end() { storage.change { $0.endedReaders += 1 } }
  }
}
