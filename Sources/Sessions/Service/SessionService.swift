// The service: from a request to its response and its line in the log.

package import Gateway
package import Logging
internal import Observability
internal import OpenSSL
internal import POSIX

/// Answers the requests of `/api/sessions`. One value serves all threads.
package struct SessionService: Sendable {
  package struct Settings: Sendable {
    /// Where recordings lie while they come in.
    package var temporaryDirectory: String
    /// Origins other than our own whose pages may do all that a user may.
    package var allowedOrigins: Set<Origin>
    package var limits: UploadLimits
    /// How slowly a recording may come in.
    package var pace = MinUploadSpeed.standard

    package init(
      temporaryDirectory: String, allowedOrigins: Set<Origin>, limits: UploadLimits
    ) {
      self.temporaryDirectory = temporaryDirectory
      self.allowedOrigins = allowedOrigins
      self.limits = limits
    }
  }

  package let settings: Settings
  let sessions: any SessionStore
  let recordings: any RecordingStorage
  let outbox: Outbox
  let leases: UploadLeases
  private let late: LateDatabase
  package let gate: StorageGate
  let files: TemporaryFiles
  package let metrics = RequestMetrics()
  private let log: Logger

  package init(
    settings: Settings, sessions: any SessionStore, recordings: any RecordingStorage,
    outbox: Outbox, leases: UploadLeases, late: LateDatabase, gate: StorageGate, log: Logger
  ) {
    self.settings = settings
    self.sessions = sessions
    self.recordings = recordings
    self.outbox = outbox
    self.leases = leases
    self.late = late
    self.gate = gate
    files = TemporaryFiles(in: settings.temporaryDirectory)
    self.log = log
  }

  /// Whether a request may take its time at storage: it needs a place of the gate. A deletion does
  /// not: it takes one if there is one, and leaves the rest to the outbox otherwise.
  package static func needsStorage(_ variables: MetaVariables) -> Bool {
    guard let route = try? Route(variables) else { return false }
    return route.kind == .create || route.kind == .play
  }

  /// Reads a request, answers it, and logs one line.
  ///
  /// - Parameter refusal: what the answer is to be, if it is decided already.
  package func serve(
    _ exchange: inout some Exchange & ~Copyable, refusing refusal: Refusal? = nil
  ) {
    var record = RequestRecord(exchange.variables)
    metrics.requestsInFlight.add()
    defer { metrics.requestsInFlight.add(-1) }
    do throws(RequestFailure) {
      let reply = try handle(&exchange, refusing: refusal, &record)
      send(reply, to: &exchange, &record)
    } catch {
      record.failure = error
      send(.response(error.refusal.response), to: &exchange, &record)
    }
    record.end()
    record.write(to: log)
    metrics.add(record)
  }

  /// What a handler gives back. It cannot send, so a head is sent once and before its body.
  enum Reply: ~Copyable {
    case response(Response)
    /// A recording, which is sent as it comes.
    case recording(any RecordingReader & ~Copyable)
  }

  private func handle(
    _ request: inout some Request & ~Copyable, refusing refusal: Refusal?,
    _ record: inout RequestRecord
  ) throws(RequestFailure) -> Reply {
    if CORS.isPreflight(request.variables) {
      return .response(try preflight(request.variables, &record))
    }
    let (identity, route) = try admit(request.variables, &record)
    if let refusal { throw RequestFailure(refusal) }
    if late.isAwaited {
      throw RequestFailure(.databaseUnavailable, cause: "the database is waited for")
    }
    switch route {
    case .create:
      metrics.uploadsInFlight.add()
      defer { metrics.uploadsInFlight.add(-1) }
      return .response(try create(&request, of: identity, &record))
    case .list: return .response(try list(request.variables, of: identity, &record))
    case .show(let id): return .response(try show(id, of: identity, &record))
    case .delete(let id): return .response(try delete(id, of: identity, &record))
    case .play(let id):
      return try play(id, of: identity, request.variables, &record)
    case .options(let allow): return .response(options(allow, request.variables))
    }
  }

  /// What a browser hears before it sends a request of another origin's page. Whose it is it does
  /// not say, so the path alone decides, and not what is there.
  private func preflight(
    _ variables: MetaVariables, _ record: inout RequestRecord
  ) throws(RequestFailure) -> Response {
    do throws(Refusal) {
      let resource = try Resource(variables)
      record.route = .options
      return options(resource.allow, variables)
    } catch {
      throw RequestFailure(error)
    }
  }

  private func options(_ allow: String, _ variables: MetaVariables) -> Response {
    var response = Response(status: 204)
    response.headers =
      [("Allow", allow)]
      + CORS.preflightHeaders(
        for: variables, allow: allow, allowedOrigins: settings.allowedOrigins)
    return response
  }

  /// Who asks, and for what; refused before anything is read or looked up.
  private func admit(
    _ variables: MetaVariables, _ record: inout RequestRecord
  ) throws(RequestFailure) -> (Identity, Route) {
    do throws(Refusal) {
      let identity = try Identity(variables)
      let route = try Route(variables)
      record.route = route.kind
      if route.changesSomething {
        try CSRFCheck.check(variables, allowedOrigins: settings.allowedOrigins)
      }
      return (identity, route)
    } catch {
      throw RequestFailure(error)
    }
  }
}
