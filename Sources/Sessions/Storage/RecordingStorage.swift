// The recordings, wherever they are kept.

package import HTTPClient
package import POSIX
package import R2
package import R2Sign

/// Keeps recordings by key. Each call ends by its deadline.
package protocol RecordingStorage: Sendable {
  /// Stores a recording; the storage refuses other bytes than those that were hashed.
  func put(
    _ recording: borrowing TemporaryRecording, as key: ObjectKey, contentType: String,
    until deadline: Deadline
  ) throws(R2Error)

  /// A recording or a part of it.
  ///
  /// - Parameters:
  ///   - deadline: by when its head has to be there.
  ///   - bodyLimits: for what follows it.
  func get(
    _ key: ObjectKey, range: ByteRange?, until deadline: Deadline, bodyLimits: BodyLimits
  ) throws(R2Error) -> any RecordingReader & ~Copyable

  /// What `get` would say of the recording before its bytes.
  func head(_ key: ObjectKey, until deadline: Deadline) throws(R2Error) -> ResponseHead

  /// Removes a recording. That it was not there is a success too.
  func delete(_ key: ObjectKey, until deadline: Deadline) throws(R2Error)

  /// A URL with which anyone may GET or HEAD the recording until `expiry` from now.
  func presignedURL(
    _ method: R2Client.PresignedMethod, _ key: ObjectKey, expiry: Duration
  ) throws(R2SignError) -> String
}

/// A recording on its way from storage.
package protocol RecordingReader: ~Copyable {
  var head: ResponseHead { get }

  /// Waits for the next piece, which `withBody` then lends; false at the end.
  ///
  /// - Parameter isAbandoned: asked now and then while nothing comes: whether nobody wants the
  ///   recording any more.
  mutating func receiveBody(unless isAbandoned: () -> Bool) throws(R2Error) -> Bool

  /// Lends the piece that came last; it is valid only during the call.
  func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value

  /// Says that no more will be read.
  consuming func end()
}

extension ObjectReader: RecordingReader {}

extension R2Client: RecordingStorage {
  package func put(
    _ recording: borrowing TemporaryRecording, as key: ObjectKey, contentType: String,
    until deadline: Deadline
  ) throws(R2Error) {
    _ = try put(
      file: recording.file.descriptor, byteCount: recording.byteCount, sha256: recording.sha256,
      key: key, contentType: contentType, deadline: deadline)
  }

  package func get(
    _ key: ObjectKey, range: ByteRange?, until deadline: Deadline, bodyLimits: BodyLimits
  ) throws(R2Error) -> any RecordingReader & ~Copyable {
    let reader: ObjectReader = try get(
      key, range: range, deadline: deadline, bodyLimits: bodyLimits)
    return reader
  }

  package func head(_ key: ObjectKey, until deadline: Deadline) throws(R2Error) -> ResponseHead {
    try head(key, deadline: deadline).head
  }

  package func delete(_ key: ObjectKey, until deadline: Deadline) throws(R2Error) {
    let _: R2Outcome = try delete(key, deadline: deadline)
  }
}
