// GET and HEAD /api/sessions/:id/audio: the recording, streamed from storage.

internal import Gateway
internal import HTTPClient
internal import POSIX
internal import Postgres
internal import R2

extension SessionService {
  /// The recording, or the part of it that is asked for, ready to be sent as it comes from
  /// storage; to HEAD, and where the web server fetches it itself, a head alone.
  func play(
    _ id: String, of identity: Identity, _ variables: MetaVariables, _ record: inout RequestRecord
  ) throws(RequestFailure) -> Reply {
    let key = try findRecording(id, of: identity, &record)
    do throws(RequestFailure) {
      // The condition is ours to look at: not every store knows it.
      if variables.isRedirectWanted, variables.ifRange.isEmpty {
        // Cut off in what the web server fetches, a recording without a length would look whole.
        try requireRecording(try head(key, &record))
        return .response(try redirect(to: key, record))
      }
      if record.isHead {
        let head = try head(key, &record)
        try requireRecording(head)
        return .response(Response(playing: head))
      }
      let range = try wantedRange(of: key, variables, &record)
      let reader = try storage(&record) { (deadline) throws(R2Error) in
        // A store that is silent must not hold a worker for as long as a recording may take.
        try recordings.get(
          key, range: range, until: deadline,
          bodyLimits: SessionService.recordingLimits)
      }
      try requireRecording(reader.head, isPartWanted: range != nil)
      return .recording(reader)
    } catch {
      switch error.storageStatus {
      case 404: throw RequestFailure(.sessionNotFound, cause: error.cause)
      case 416:
        // The size is for a response that is a refusal either way.
        let byteCount = (try? head(key, &record))?.contentLength
        throw RequestFailure(.rangeNotSatisfiable(byteCount: byteCount))
      default: throw error
      }
    }
  }

  /// The part that is asked for. Whoever has some of a recording wants the rest of that one only
  /// (RFC 9110, section 13.1.5); all that is no strong validator is held for none.
  private func wantedRange(
    of key: ObjectKey, _ variables: MetaVariables, _ record: inout RequestRecord
  ) throws(RequestFailure) -> ByteRange? {
    guard let range = ByteRange(variables.range) else { return nil }
    if variables.ifRange.isEmpty { return range }
    guard variables.ifRange.count == 1, let etag = try head(key, &record).etag,
      etag.utf8.elementsEqual(variables.ifRange[0]), !etag.hasPrefix("W/")
    else { return nil }
    return range
  }

  private func findRecording(
    _ id: String, of identity: Identity, _ record: inout RequestRecord
  ) throws(RequestFailure) -> ObjectKey {
    let found = try database(&record) { (deadline) throws(PostgresError) in
      try sessions.find(id, of: identity, until: deadline)
    }
    guard case .session(let text?) = found, let key = ObjectKey(text) else {
      throw RequestFailure(.sessionNotFound)
    }
    record.sessionID = id
    return key
  }

  /// Cut off, a recording without a length could not be told from a whole one; and a success of
  /// another kind, or a part that nobody asked for, is no recording.
  private func requireRecording(
    _ head: ResponseHead, isPartWanted: Bool = false
  ) throws(RequestFailure) {
    guard head.status == 200 || (head.status == 206 && isPartWanted) else {
      throw RequestFailure(
        .storageUnavailable, cause: "object storage answered \(head.status) for a recording")
    }
    guard head.contentLength != nil else {
      throw RequestFailure(.storageUnavailable, cause: "object storage told no length")
    }
  }

  private func head(
    _ key: ObjectKey, _ record: inout RequestRecord
  ) throws(RequestFailure) -> ResponseHead {
    try storage(&record) { (deadline) throws(R2Error) in
      try recordings.head(key, until: deadline)
    }
  }
}
