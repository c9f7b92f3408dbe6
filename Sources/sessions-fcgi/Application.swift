// The parts of the service, put together.

internal import Glibc
internal import Logging
internal import Observability
internal import OpenSSL
internal import POSIX
internal import Postgres
internal import QStash
internal import R2
internal import Sessions
internal import SystemPackage
internal import Webhook

/// What a process needs to answer requests, made once from the configuration.
struct Application: Sendable {
  let service: SessionService
  let outbox: Outbox
  let leases: UploadLeases
  let late: LateDatabase
  let pool: ConnectionPool
  let storage: R2Client
  private let isKeyPairSwapped: Bool
  let schema: QuotedIdentifier
  let migrator: Migrator
  let schemaCheck: SchemaCheck
  let sink: LogSink
  let log: Logger

  /// Connections to the database where the URL names no limit. A request holds one only while a
  /// statement runs, so a few serve many workers.
  static let standardPoolSize = 8

  /// Why a process cannot do its work.
  enum StartError: Error, CustomStringConvertible {
    case configuration(Configuration.Invalid)
    case tls(OpenSSLError)
    case system(Errno)

    var description: String {
      switch self {
      case .configuration(let error): error.description
      case .tls(let error): error.description
      case .system(let error): error.description
      }
    }
  }

  /// How long the server may work on a statement, where no pooler is between: somewhat longer than
  /// the longest deadline of a request, of the outbox, and of a command such as `migrate`.
  private static let requestServerTimeout: Duration = .seconds(20)
  private static let outboxServerTimeout: Duration = .seconds(40)
  static let commandServerTimeout: Duration = .seconds(660)

  /// - Parameters:
  ///   - poolSize: connections to the database, whatever DATABASE_URL says.
  ///   - serverTimeout: how long the server may work on a statement, if not as on a request's.
  ///   - storagePlaces: requests that may be at storage at the same time.
  ///   - isBrief: whether the process may end without having needed storage.
  init(
    _ configuration: Configuration, poolSize: Int? = nil, serverTimeout: Duration? = nil,
    storagePlaces: Int = 1, isBrief: Bool = false
  ) throws(StartError) {
    sink = try Application.openLog(configuration.logFile)
    log = Application.logger(configuration.logLevel, configuration.logFormat, to: sink)
    let database = configuration.database
    pool = ConnectionPool(
      database,
      .init(
        size: poolSize ?? database.poolSize ?? Application.standardPoolSize,
        wait: database.poolWait,
        serverTimeout: serverTimeout ?? Application.requestServerTimeout))
    let tls: TLSContext
    do {
      tls =
        isBrief
        ? TLSContext(readingWhenNeeded: configuration.authorities)
        : try TLSContext(additionalAuthorities: configuration.authorities)
    } catch {
      throw .tls(error)
    }
    storage = R2Client(configuration.storage, tls: tls)
    isKeyPairSwapped = configuration.isKeyPairSwapped
    schema = database.schema
    migrator = Migrator(pool: pool, schema: schema)
    schemaCheck = SchemaCheck(pool: pool, schema: schema)
    let publisher = configuration.processing.map { QStashPublisher($0, tls: tls) }
    do {
      outbox = try Outbox(
        pool: ConnectionPool(
          database,
          .init(
            size: 1, wait: database.poolWait, serverTimeout: Application.outboxServerTimeout)),
        requests: pool,
        schema: database.schema, storage: storage, publisher: publisher,
        webhooks: configuration.webhook.map { WebhookSender($0, tls: tls) },
        retention: configuration.retention, log: log)
      leases = try UploadLeases(pool: pool, log: log)
      late = try LateDatabase()
    } catch {
      throw .system(error)
    }
    service = SessionService(
      settings: configuration.service,
      sessions: PostgresSessionStore(pool: pool, schema: database.schema), recordings: storage,
      outbox: outbox, leases: leases, late: late,
      gate: StorageGate(places: storagePlaces, movedBytes: { [storage] in storage.movedBytes }),
      log: log)
    if !database.droppedParameters.isEmpty {
      log.notice(
        "DATABASE_URL has parameters that mean nothing here",
        metadata: ["names": .string(database.droppedParameters.joined(separator: ", "))])
    }
    if let file = configuration.exposedFile {
      log.warning(
        "everybody on this machine may read the file with the secrets: chmod o-r",
        metadata: ["file": .string(file)])
    }
  }

  static func logger(_ level: Logger.Level, _ format: LogFormat, to sink: LogSink) -> Logger {
    Logger(label: "sessions-fcgi") { _ in
      LineLogHandler(format: format, level: level, sink: sink)
    }
  }

  static func openLog(_ path: String?) throws(StartError) -> LogSink {
    guard let path else { return LogSink(journal: Diagnostics.variable("JOURNAL_STREAM")) }
    do {
      return try LogSink(path: path)
    } catch {
      throw .configuration(.init(problems: ["LOG_FILE cannot be opened: \(error)"]))
    }
  }
}

extension Application {
  /// What `work` makes of the storage; what it throws is told with the setting to look at.
  func explainingStorage<Value>(
    _ work: (R2Client) throws(R2Error) -> Value
  ) throws(StorageFailure) -> Value {
    do throws(R2Error) {
      return try work(storage)
    } catch {
      throw StorageFailure(error, isKeyPairSwapped: isKeyPairSwapped)
    }
  }

  /// On a tmpfs an upload's temporary file takes memory, and only looks as if it took none.
  func warnOfMemoryBackedFiles() {
    let directory = service.settings.temporaryDirectory
    guard (try? isMemoryBacked(directory)) == true else { return }
    log.warning(
      "TEMP_DIR is in memory (tmpfs): every upload in progress takes its size of it",
      metadata: ["directory": .string(directory)])
  }
}

/// What the program says without its log: one line on standard error.
enum Diagnostics {
  static func report(_ error: any Error) { report("\(error)") }

  /// Why `serve` ends, as a line of the log: whoever reads that reads standard error so.
  static func log(_ error: any Error) {
    let format = variable("LOG_FORMAT").flatMap(LogFormat.init) ?? .text
    let sink = LogSink(journal: variable("JOURNAL_STREAM"))
    Logger(label: "sessions-fcgi") { _ in
      LineLogHandler(format: format, level: .critical, sink: sink)
    }.critical("cannot serve", metadata: ["cause": .string("\(error)")])
  }

  /// A variable of the environment.
  static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  static func report(_ text: String) {
    let line = Array("sessions-fcgi: \(text)\n".utf8)
    // Where standard error cannot be written, there is nowhere else to report to.
    _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
