// What is counted of requests.

package import Observability

/// Counters for all threads; nobody waits for anybody.
package final class RequestMetrics: Sendable {
  /// The statuses that there are; what is none of them counts as the last, 0.
  private static let statuses = [
    200, 201, 204, 206, 400, 401, 403, 404, 405, 408, 409, 413, 415, 416, 422, 429, 500, 503, 507,
    0,
  ]

  private struct RouteMetrics: Sendable {
    let responses = statuses.map { _ in Counter() }
    let durations = Histogram()
  }

  private let routes = Route.Kind.allCases.map { _ in RouteMetrics() }
  private let bytesReceived = Counter()
  private let bytesSent = Counter()
  private let cutOff = Counter()
  private let parsing = Histogram()
  private let database = Histogram()
  private let storage = Histogram()
  let requestsInFlight = Counter()
  let uploadsInFlight = Counter()

  package init() {}

  func add(_ record: borrowing RequestRecord) {
    let route = routes[record.route.rawValue]
    let status = record.status
    let place = RequestMetrics.statuses.firstIndex(of: status) ?? RequestMetrics.statuses.count - 1
    route.responses[place].add()
    route.durations.record(record.total)
    bytesReceived.add(record.bytesReceived)
    bytesSent.add(record.bytesSent)
    if record.isCutOff { cutOff.add() }
    if record.parsing > .zero { parsing.record(record.parsing) }
    if record.database > .zero { database.record(record.database) }
    if record.storage > .zero { storage.record(record.storage) }
  }

  /// Series that never counted anything are left out.
  package func write(to text: inout MetricsText) {
    let kinds = Route.Kind.allCases
    text.family("sessions_fcgi_requests_total", .counter, "Requests that got a response.")
    for (kind, route) in zip(kinds, routes) {
      for (status, count) in zip(RequestMetrics.statuses, route.responses) where count.value > 0 {
        let labels: [MetricsText.Label] = [
          ("route", kind.name.description), ("status", status == 0 ? "other" : "\(status)"),
        ]
        text.sample("sessions_fcgi_requests_total", "", labels, count.value)
      }
    }
    text.family(
      "sessions_fcgi_request_duration_seconds", .histogram,
      "From a request's head until its response was written.")
    for (kind, route) in zip(kinds, routes) where route.durations.count > 0 {
      route.durations.write(
        to: &text, "sessions_fcgi_request_duration_seconds",
        [("route", kind.name.description)])
    }
    text.family(
      "sessions_fcgi_phase_duration_seconds", .histogram,
      "Time that requests spent reading a body, in the database and in storage.")
    for (name, phase) in [("parsing", parsing), ("database", database), ("storage", storage)] {
      phase.write(to: &text, "sessions_fcgi_phase_duration_seconds", [("phase", name)])
    }
    text.single(
      "sessions_fcgi_received_bytes_total", .counter, "Bytes of request bodies.",
      bytesReceived.value)
    text.single(
      "sessions_fcgi_sent_bytes_total", .counter, "Bytes of response bodies.", bytesSent.value)
    text.single(
      "sessions_fcgi_cut_off_total", .counter,
      "Responses that broke off before they were written whole.",
      cutOff.value)
    text.single(
      "sessions_fcgi_requests_in_flight", .gauge, "Requests being served.",
      requestsInFlight.value)
    text.single(
      "sessions_fcgi_uploads_in_flight", .gauge, "Uploads being served.", uploadsInFlight.value)
  }
}
