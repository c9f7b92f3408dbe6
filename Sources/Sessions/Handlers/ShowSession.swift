// GET /api/sessions/:id: one session with its transcript and insights.

internal import Gateway
internal import Postgres

extension SessionService {
  /// Every column of the session, its transcript and its insights.
  func show(
    _ id: String, of identity: Identity, _ record: inout RequestRecord
  ) throws(RequestFailure) -> Response {
    let shown = try database(&record) { (deadline) throws(PostgresError) in
      try sessions.show(id, of: identity, until: deadline)
    }
    switch shown {
    case .unknownUser: throw RequestFailure(.userNotFound)
    case .noSession: throw RequestFailure(.sessionNotFound)
    case .session(let json): return Response(status: 200, jsonText: json)
    }
  }
}
