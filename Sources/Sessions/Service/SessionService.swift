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
      switch try answer(&exchange, &record) {
      case .response(let response): send(response, to: &exchange, &record)
      case .recording(let reader): stream(reader, to: &exchange, &record)
      }
    } catch {
      record.failure = error
      send(error.refusal.response, to: &exchange, &record)
    }
    record.end()
    record.write(to: log)
    metrics.add(record)
  }

  /// What a handler gives back. Only `serve` sends, so a head is sent once and before its body.
  enum Reply: ~Copyable {
    case response(Response)
    /// A recording, which is sent as it comes.
    case recording(ObjectReader)
  }

  private func answer(
    _ exchange: inout some Exchange & ~Copyable, _ record: inout RequestRecord
  ) throws(Failure) -> Reply {
    let (identity, route) = try admit(exchange.variables, &record)
    switch route {
    case .create:
      metrics.uploadsInFlight.add()
      defer { metrics.uploadsInFlight.add(-1) }
      return .response(try create(&exchange, of: identity, &record))
    case .list: return .response(try list(exchange.variables, of: identity, &record))
    case .show(let id): return .response(try show(id, of: identity, &record))
    case .delete(let id): return .response(try delete(id, of: identity, &record))
    case .play(let id):
      let key = try findRecording(id, of: identity, &record)
      return try play(key, exchange.variables, &record)
    case .options(let allow):
      var response = Response(status: 204)
      response.headers = [("Allow", allow)]
      return .response(response)
    }
  }

  /// Who asks, and for what; refused before anything is read or looked up.
  private func admit(
    _ variables: MetaVariables, _ record: inout RequestRecord
  ) throws(Failure) -> (Identity, Route) {
    do throws(Refusal) {
      let identity = try Identity(variables)
      let route = try Route(variables)
      record.route = route.kind
      if route.changesSomething {
        try CSRFCheck.check(variables, allowedOrigins: settings.allowedOrigins)
      }
      return (identity, route)
    } catch {
      throw Failure(error)
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
