// From a handler's reply to the bytes of the response.

internal import Gateway
internal import HTTPClient
internal import Multipart
internal import R2

extension SessionService {
  /// Sends a reply, its head first. What fails on the way breaks the response off, and its
  /// Content-Length tells the client.
  func send(
    _ reply: consuming Reply, to exchange: inout some Exchange & ~Copyable,
    _ record: inout RequestRecord
  ) {
    switch consume reply {
    case .response(let response): send(response, to: &exchange, &record)
    case .recording(let reader): stream(reader, to: &exchange, &record)
    }
  }

  /// Sends a response; to HEAD, its head alone.
  private func send(
    _ response: Response, to exchange: inout some Exchange & ~Copyable,
    _ record: inout RequestRecord
  ) {
    var response = response
    if record.isHead { response.body = [] }
    response.headers += CORS.headers(
      for: exchange.variables, allowedOrigins: settings.allowedOrigins)
    record.status = response.status
    let head = response.head(requestID: record.id)
    do {
      try exchange.write(head.span)
      if !response.body.isEmpty { try exchange.write(response.body.span) }
      record.bytesSent += response.body.count
    } catch {
      // The work is done whether the client hears of it or not; only the log can tell. Of
      // a response that the exchange keeps until its end nobody can: to send it at once would cost
      // every request a system call.
      record.isCutOff = true
    }
  }

  private func stream(
    _ reader: consuming some RecordingReader & ~Copyable,
    to exchange: inout some Exchange & ~Copyable, _ record: inout RequestRecord
  ) {
    let start = ContinuousClock.now
    defer { record.storage += start.duration(to: .now) }
    send(Response(playing: reader.head), to: &exchange, &record)
    while !record.isCutOff {
      do throws(R2Error) {
        guard try reader.receiveBody(unless: { exchange.isPeerGone }) else { break }
      } catch {
        record.failure = RequestFailure(error)
        record.isCutOff = true
        break
      }
      do throws(ExchangeError) {
        try reader.withBody { (bytes) throws(ExchangeError) in
          try exchange.write(bytes)
          record.bytesSent += bytes.count
        }
      } catch {
        record.isCutOff = true
      }
    }
    reader.end()
  }
}

extension Response {
  /// The head of a recording as storage describes it.
  init(playing head: ResponseHead) {
    self.init(
      status: head.status == 206 ? 206 : 200, streamedByteCount: head.contentLength)
    headers = [
      ("Content-Type", Response.recordingType(head.contentType)), ("Accept-Ranges", "bytes"),
      // Whatever the object is, it is no page of ours.
      ("Content-Security-Policy", "sandbox; default-src 'none'"),
    ]
    if let range = head.contentRange, status == 206 { headers.append(("Content-Range", range)) }
    if let etag = head.etag { headers.append(("ETag", etag)) }
    if let date = head.lastModified { headers.append(("Last-Modified", date)) }
  }

  /// The type that storage has for a recording, if it is one that no browser runs.
  private static func recordingType(_ stored: String?) -> String {
    let unknown = "application/octet-stream"
    guard let stored, let type = try? MediaType(Array(stored.utf8).span),
      type.type == "audio" || type.type == "video"
    else { return unknown }
    return stored
  }
}
