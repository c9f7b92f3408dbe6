// GET /api/sessions: a page of the list.

internal import Gateway
internal import Postgres

extension SessionService {
  /// A page of the user's sessions, newest first.
  func list(
    _ variables: MetaVariables, of identity: Identity, _ record: inout RequestRecord
  ) throws(RequestFailure) -> Response {
    let page: Page
    do {
      page = try Page(Query(variables.queryString))
    } catch {
      throw RequestFailure(error)
    }
    let json = try database(&record) { (deadline) throws(PostgresError) in
      try sessions.list(of: identity, page, until: deadline)
    }
    return Response(status: 200, jsonText: json)
  }
}
