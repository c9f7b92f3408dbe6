// The service: from a request to its response and its line in the log.

package import Gateway
package import Logging
internal import Observability
internal import OpenSSL
internal import POSIX
package import R2
internal import R2Sign

/// Answers the requests of `/api/sessions`. One value serves all threads.
package struct SessionService: Sendable {
  package struct Settings: Sendable {
    /// Where recordings lie while they come in.
    package var temporaryDirectory: String
    /// Origins other than our own whose pages may change things.
    package var allowedOrigins: Set<String>
    package var limits: UploadLimits
    /// How slowly a recording may come in.
    package var pace = UploadRate.standard

    package init(
      temporaryDirectory: String, allowedOrigins: Set<String>, limits: UploadLimits
    ) {
      self.temporaryDirectory = temporaryDirectory
      self.allowedOrigins = allowedOrigins
      self.limits = limits
    }
  }

  package let settings: Settings
  let store: SessionStore
  let storage: R2Client
  let outbox: Outbox
  let uploads: UploadLeases
  package let metrics = RequestMetrics()
  private let log: Logger

  package init(
    settings: Settings, store: SessionStore, storage: R2Client, outbox: Outbox,
    uploads: UploadLeases, log: Logger
  ) {
    self.settings = settings
    self.store = store
    self.storage = storage
    self.outbox = outbox
    self.uploads = uploads
    self.log = log
  }

  /// Reads a request, answers it, and logs one line.
  package func serve(_ exchange: inout some Exchange & ~Copyable) {
    var record = RequestRecord(exchange.variables)
    metrics.requestsInFlight.add()
    defer { metrics.requestsInFlight.add(-1) }
    do throws(Failure) {
      let reply = try answer(&exchange, &record)
      switch reply {
      case .response(let response): send(response, to: &exchange, &record)
      case .recording(let key): try play(key, to: &exchange, &record)
      }
    } catch {
      record.failure = error
      send(error.refusal.response, to: &exchange, &record)
    }
    record.end()
    record.write(to: log)
    metrics.add(record)
  }

  private enum Reply {
    case response(Response)
    /// The recording with this key, which is sent as it comes.
    case recording(key: ObjectKey)
  }

  private func answer(
    _ exchange: inout some Exchange & ~Copyable, _ record: inout RequestRecord
  ) throws(Failure) -> Reply {
    do {
      let identity = try Identity(exchange.variables)
      let route = try Route(exchange.variables)
      record.route = route.kind
      if route.changesSomething {
        try CSRFCheck.check(exchange.variables, allowedOrigins: settings.allowedOrigins)
      }
      switch route {
      case .create:
        metrics.uploadsInFlight.add()
        defer { metrics.uploadsInFlight.add(-1) }
        return .response(try create(&exchange, of: identity, &record))
      case .list: return .response(try list(exchange.variables, of: identity, &record))
      case .show(let id): return .response(try show(id, of: identity, &record))
      case .delete(let id): return .response(try delete(id, of: identity, &record))
      case .play(let id): return .recording(key: try findRecording(id, of: identity, &record))
      case .options(let allow):
        var response = Response(status: 204)
        response.headers = [("Allow", allow)]
        return .response(response)
      }
    } catch let refusal as Refusal {
      throw Failure(refusal)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.internalError, cause: "unexpected error")
    }
  }

  /// Sends a response; to HEAD, its head alone.
  func send(
    _ response: Response, to exchange: inout some Exchange & ~Copyable,
    _ record: inout RequestRecord
  ) {
    var response = response
    if record.isHead { response.body = [] }
    record.status = response.status
    let bytes = response.serialized(requestID: record.id)
    do {
      try exchange.write(bytes.span)
      record.bytesSent += response.body.count
    } catch {
      // The work is done whether the client hears of it or not; only the log can tell. Of
      // an answer that the exchange keeps until its end nobody can: to send it at once would cost
      // every request a system call.
      record.isCutOff = true
    }
  }
}
