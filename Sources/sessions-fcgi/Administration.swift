// What stands at the administration's socket: /healthz and /metrics.

internal import HTTPClient
internal import Logging
internal import Observability
internal import POSIX
internal import Postgres
internal import R2
internal import Sessions
internal import SystemPackage

/// The state of this process, for a load balancer and for Prometheus.
struct Administration: Sendable {
  let health: Health
  private let application: Application
  /// Connections of its own: that those of the requests are all in use is no fault.
  private let pool: ConnectionPool
  private let workers: Int
  private let parked: ParkedRequests

  /// For what a scrape asks of the database.
  private static let scrapeTimeout: Duration = .seconds(3)
  /// One for a check, one for a scrape.
  private static let poolSize = 2
  /// R2 takes 50 operations a second on a bucket, from all who use it.
  private static let storageFreshness: Duration = .seconds(10)

  /// - Parameter database: what it looks into, on connections of its own.
  init(
    _ application: Application, database: DatabaseURL, workers: Int, parked: ParkedRequests
  ) {
    self.application = application
    self.workers = workers
    self.parked = parked
    let pool = ConnectionPool(database, .init(size: Administration.poolSize, wait: nil))
    self.pool = pool
    health = Health(
      checks: [
        .init("database") { (deadline) throws(PostgresError) in
          try pool.execute("SELECT 1", until: deadline, repetition: .allowed)
        },
        .init("storage", freshness: Administration.storageFreshness) {
          (deadline) throws(StorageFailure) in
          _ = try application.explainingStorage { (storage) throws(R2Error) in
            try storage.checkBucket(deadline: deadline)
          }
        },
      ], log: application.log)
  }

  /// The response at `path`; nil where there is nothing.
  func response(at path: String) -> AdminResponse? {
    switch path {
    case "/healthz": return health.response()
    case "/metrics":
      return AdminResponse(status: 200, contentType: MetricsText.contentType, body: metrics())
    default: return nil
    }
  }

  private func metrics() -> [UInt8] {
    var text = MetricsText()
    application.service.metrics.write(to: &text)
    text.family("sessions_fcgi_build_info", .gauge, "Always 1; its label says what runs.")
    text.sample("sessions_fcgi_build_info", "", [("version", SessionsFCGI.version)], 1)
    text.single(
      "sessions_fcgi_workers", .gauge,
      "Worker threads: requests that can be served at the same time.", workers)
    text.single(
      "sessions_fcgi_requests_parked", .gauge,
      "Requests that wait for a place at storage, without a thread.", parked.count)
    let pool = application.pool.usage
    text.family(
      "sessions_fcgi_database_connections", .gauge, "Database connections of the pool, by state.")
    let unused = pool.size - pool.inUse - pool.idle
    for (state, count) in [("in_use", pool.inUse), ("idle", pool.idle), ("unused", unused)] {
      text.sample("sessions_fcgi_database_connections", "", [("state", state)], count)
    }
    text.single(
      "sessions_fcgi_database_pool_waiting", .gauge, "Threads waiting for a connection.",
      pool.waiting)
    text.single(
      "sessions_fcgi_database_pool_waits_total", .counter,
      "How often a thread had to wait for a connection.", pool.waitCount)
    writeStorage(to: &text)
    writeOutbox(to: &text)
    ProcessMetrics.write(to: &text)
    return text.bytes
  }

  private func writeStorage(to text: inout MetricsText) {
    let counters = application.storage.counters
    text.single(
      "sessions_fcgi_storage_attempts_total", .counter,
      "Requests to storage, retries included.", counters.attempts)
    text.single(
      "sessions_fcgi_storage_retries_total", .counter, "Retries of requests to storage.",
      counters.retries)
    text.family(
      "sessions_fcgi_storage_connections_total", .counter,
      "Connections used by requests to storage, by kind.")
    let connections = counters.connections
    for (kind, count) in [("opened", connections.opened), ("reused", connections.reused)] {
      text.sample("sessions_fcgi_storage_connections_total", "", [("kind", kind)], count)
    }
  }

  private static let outbox: Statement = """
    SELECT kind, count(attempts), count(*) FILTER (WHERE attempts > 0),
      greatest(0, extract(epoch FROM (now() AT TIME ZONE 'UTC') - min("createdAt")))::bigint
    FROM (VALUES ('delete'), ('publish'), ('upload'), ('webhook')) AS kinds (kind)
      LEFT JOIN (
        SELECT kind, attempts, "createdAt" FROM sessions_fcgi.jobs
        UNION ALL SELECT 'webhook', attempts, "createdAt" FROM sessions_fcgi.webhooks
      ) AS waiting USING (kind)
    GROUP BY kind ORDER BY kind
    """

  /// The outbox is everyone's, so each process of a site reports the same.
  private func writeOutbox(to text: inout MetricsText) {
    struct Kind {
      let name: String
      let count, retried, oldestSeconds: Int
    }
    var kinds: [Kind] = []
    var isReadable = true
    do throws(PostgresError) {
      let rows = try pool.execute(
        Administration.outbox, until: .after(Administration.scrapeTimeout), repetition: .allowed)
      for row in 0..<rows.rowCount {
        kinds.append(
          Kind(
            name: try rows.text(row, 0), count: try rows.int(row, 1),
            retried: try rows.int(row, 2), oldestSeconds: try rows.int(row, 3)))
      }
    } catch {
      application.log.debug("no outbox", metadata: ["cause": .string(error.description)])
      isReadable = false
    }
    text.single(
      "sessions_fcgi_outbox_readable", .gauge, "1 if the outbox could be read, 0 if not.",
      isReadable ? 1 : 0)
    guard isReadable else { return }
    let families: [(StaticString, StaticString, (Kind) -> Int)] = [
      ("sessions_fcgi_outbox_jobs", "Jobs in the outbox, by kind.", \.count),
      ("sessions_fcgi_outbox_retried_jobs", "Jobs that failed at least once, by kind.", \.retried),
      (
        "sessions_fcgi_outbox_oldest_seconds", "Age of the oldest job, by kind, in seconds.",
        \.oldestSeconds
      ),
    ]
    for (name, help, value) in families {
      text.family(name, .gauge, help)
      for kind in kinds { text.sample(name, "", [("kind", kind.name)], value(kind)) }
    }
  }
}
