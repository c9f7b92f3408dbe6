// GET and HEAD /api/sessions/:id/audio: the recording, streamed from storage.

internal import Gateway
internal import HTTPClient
internal import POSIX
internal import Postgres
internal import R2
internal import R2Sign

extension SessionService {
  /// The key of the user's recording.
  func findRecording(
    _ id: String, of identity: Identity, _ record: inout RequestRecord
  ) throws(Failure) -> ObjectKey {
    let found = try database(&record) { (deadline) throws(PostgresError) in
      try store.find(id, of: identity, until: deadline)
    }
    guard case .session(let text?) = found, let key = ObjectKey(text) else {
      throw Failure(.sessionNotFound)
    }
    record.sessionID = id
    return key
  }

  /// The recording, or the part of it that is asked for, ready to be sent as it comes from
  /// storage; to HEAD, and where the web server fetches it itself, a head alone.
  func play(
    _ key: ObjectKey, _ variables: MetaVariables, _ record: inout RequestRecord
  ) throws(Failure) -> Reply {
    if variables.isRedirectWanted { return .response(try redirect(to: key, record)) }
    do throws(Failure) {
      if record.isHead {
        let outcome = try storage(&record) { (deadline) throws(R2Error) in
          try storage.head(key, deadline: deadline)
        }
        return .response(Response(playing: outcome.head))
      }
      let reader = try storage(&record) { (deadline) throws(R2Error) in
        // A store that is silent must not hold a worker for as long as a recording may take.
        try storage.get(
          key, range: ByteRange(variables.range), deadline: deadline,
          bodyLimits: SessionService.recordingLimits)
      }
      return .recording(reader)
    } catch {
      switch error.storageStatus {
      case 404: throw Failure(.sessionNotFound, cause: error.cause)
      case 416: throw Failure(.rangeNotSatisfiable(byteCount: byteCount(of: key, &record)))
      default: throw error
      }
    }
  }

  /// The recording's size, for an answer that is a refusal either way.
  private func byteCount(of key: ObjectKey, _ record: inout RequestRecord) -> Int? {
    let outcome = try? storage(&record) { (deadline) throws(R2Error) in
      try storage.head(key, deadline: deadline)
    }
    return outcome?.head.contentLength
  }

  /// Sends a recording. What fails on the way breaks the answer off, and its Content-Length tells
  /// the client.
  func stream(
    _ reader: consuming ObjectReader, to exchange: inout some Exchange & ~Copyable,
    _ record: inout RequestRecord
  ) {
    let start = ContinuousClock.now
    defer { record.storage += start.duration(to: .now) }
    send(Response(playing: reader.head), to: &exchange, &record)
    do {
      while !record.isCutOff, try reader.receiveBody() {
        try reader.withBody { (bytes) throws(ExchangeError) in
          try exchange.write(bytes)
          record.bytesSent += bytes.count
        }
      }
    } catch let error as R2Error {
      record.failure = Failure(error)
      record.isCutOff = true
    } catch {
      record.isCutOff = true
    }
    reader.end()
  }
}

extension Response {
  /// The head of a recording as storage describes it.
  fileprivate init(playing head: ResponseHead) {
    self.init(
      status: head.status == 206 ? 206 : 200, streamedByteCount: head.contentLength)
    headers = [
      ("Content-Type", head.contentType ?? "application/octet-stream"), ("Accept-Ranges", "bytes"),
    ]
    if let range = head.contentRange, status == 206 { headers.append(("Content-Range", range)) }
    if let etag = head.etag { headers.append(("ETag", etag)) }
    if let date = head.lastModified { headers.append(("Last-Modified", date)) }
  }
}
