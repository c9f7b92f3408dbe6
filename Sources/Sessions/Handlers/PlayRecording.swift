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

  /// Sends the recording, or the part of it that is asked for, as it comes from storage.
  ///
  /// - Throws: only before the first byte was sent. What fails later breaks the answer off, and
  ///   its Content-Length tells the client.
  func play(
    _ key: ObjectKey, to exchange: inout some Exchange & ~Copyable, _ record: inout RequestRecord
  ) throws(Failure) {
    if exchange.variables.isRedirectWanted {
      let response = try handOver(key, record)
      return send(response, to: &exchange, &record)
    }
    let range = ByteRange(exchange.variables.range)
    do throws(Failure) {
      if record.isHead {
        let outcome = try storage(&record) { (deadline) throws(R2Error) in
          try storage.head(key, deadline: deadline)
        }
        send(Response(playing: outcome.head), to: &exchange, &record)
      } else {
        try stream(key, range, to: &exchange, &record)
      }
    } catch {
      guard record.status == 0 else {
        record.failure = error
        record.isCutOff = true
        return
      }
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

  private func stream(
    _ key: ObjectKey, _ range: ByteRange?, to exchange: inout some Exchange & ~Copyable,
    _ record: inout RequestRecord
  ) throws(Failure) {
    // The times are added up at the end, so that the closures have the record to themselves.
    let start = ContinuousClock.now
    defer { record.storage += start.duration(to: .now) }
    do throws(R2Error) {
      // A store that is silent must not hold a worker for as long as a recording may take.
      _ = try storage.get(
        key, range: range, deadline: SessionService.storageDeadline(for: 0),
        bodyLimits: SessionService.recordingLimits,
        onHead: { head in
          send(Response(playing: head), to: &exchange, &record)
          return record.isCutOff ? .stop : .proceed
        },
        onBody: { bytes in
          do throws(ExchangeError) {
            try exchange.write(bytes)
            record.bytesSent += bytes.count
            return .proceed
          } catch {
            record.isCutOff = true
            return .stop
          }
        })
    } catch {
      throw Failure(error)
    }
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
