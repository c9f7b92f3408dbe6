// What a list and an upload cost in the process itself: no web server, no database, no storage.

internal import Gateway
internal import Glibc
internal import HTTPClient
internal import Logging
internal import OpenSSL
internal import POSIX
internal import Postgres
internal import R2
internal import R2Sign
internal import Sessions

func listBenchmark() throws {
  let service = try makeService()
  let count = 20_000
  let time = cpuTime {
    for _ in 0..<count { serveList(service) }
  }
  print("list: \(microseconds(time, per: count)) us of CPU time a request, a page of 10")
}

func uploadBenchmark() throws {
  let service = try makeService()
  for (mebibytes, count) in [(1, 100), (50, 4)] {
    let pieces = form(recordingBytes: mebibytes << 20)
    let time = cpuTime {
      for _ in 0..<count { serveUpload(service, pieces) }
    }
    print("upload: \(microseconds(time, per: count)) us of CPU time for \(mebibytes) MiB")
  }
}

func serveList(_ service: SessionService) {
  var exchange = BenchmarkExchange("GET", pieces: [])
  service.serve(&exchange)
  precondition(exchange.writtenCount > 2000)
}

func serveUpload(_ service: SessionService, _ pieces: [[UInt8]]) {
  var exchange = BenchmarkExchange("POST", pieces: pieces)
  service.serve(&exchange)
  precondition(exchange.status == "201")
}

private func cpuTime(_ work: () -> Void) -> Duration {
  func now() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
  let start = now()
  work()
  return now() - start
}

private func microseconds(_ time: Duration, per count: Int) -> Double {
  Double(Int(time / .nanoseconds(10 * count))) / 100
}

/// A form as nginx hands it on, in pieces of the size that FastCGI has.
func form(recordingBytes count: Int) -> [[UInt8]] {
  let head =
    "--b\r\nContent-Disposition: form-data; name=\"duration\"\r\n\r\n61\r\n"
    + "--b\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.webm\"\r\n"
    + "Content-Type: audio/webm\r\n\r\n"
  var body = Array(head.utf8)
  var state: UInt64 = 1
  body.reserveCapacity(count + 1000)
  for _ in 0..<count {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    body.append(UInt8(truncatingIfNeeded: state >> 56))
  }
  body += Array("\r\n--b--\r\n".utf8)
  return stride(from: 0, to: body.count, by: 8192).map {
    Array(body[$0..<min($0 + 8192, body.count)])
  }
}

func makeService() throws -> SessionService {
  let log = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
  let url = try DatabaseURL("postgres://u:p@127.0.0.1:1/d", for: .linked())
  let pool = ConnectionPool(url, .init(size: 1, wait: nil))
  guard let endpoint = Endpoint("https://127.0.0.1:1"), let bucket = BucketName("b"),
    let id = AccessKeyID("k"), let secret = SecretAccessKey("s")
  else { preconditionFailure("a configuration that is wrong") }
  let storage = R2Client(
    R2Configuration(
      endpoint: endpoint, bucket: bucket,
      credentials: Credentials(accessKeyID: id, secretAccessKey: secret)),
    tls: try TLSContext())
  return SessionService(
    settings: .init(
      temporaryDirectory: "/tmp", allowedOrigins: [],
      limits: UploadLimits(inFlight: 0, perHour: 0)),
    sessions: BenchmarkStore(), recordings: BenchmarkStorage(),
    outbox: try Outbox(
      pool: pool, requests: pool, schema: .publicSchema, storage: storage, publisher: nil,
      log: log),
    leases: try UploadLeases(pool: pool, log: log),
    late: try LateDatabase(),
    gate: StorageGate(places: 1, movedBytes: { 0 }), log: log)
}

/// A request whose body is at hand, and a response that only counts.
private struct BenchmarkExchange: Exchange {
  let variables: MetaVariables
  private let pieces: [[UInt8]]
  private var next = 0
  let isPeerGone = false
  private(set) var writtenCount = 0
  private(set) var status = ""

  init(_ method: String, pieces: [[UInt8]]) {
    var variables = MetaVariables()
    for (name, value) in [
      ("REQUEST_METHOD", method), ("REQUEST_URI", "/api/sessions"), ("REMOTE_USER", "demo"),
      ("CONTENT_TYPE", "multipart/form-data; boundary=b"), ("HTTP_HOST", "a.example"),
      ("HTTP_ORIGIN", "https://a.example"), ("HTTPS", "on"),
    ] {
      variables.set(Array(name.utf8).span, to: Array(value.utf8).span)
    }
    self.variables = variables
    self.pieces = pieces
  }

  mutating func receiveBody() throws(ExchangeError) -> Bool {
    guard next < pieces.count else { return false }
    next += 1
    return true
  }

  func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let piece = pieces[next - 1]
    return try body(piece.span)
  }

  mutating func write(_ bytes: Span<UInt8>) throws(ExchangeError) {
    if status.isEmpty { status = String(decoding: (8..<11).map { bytes[$0] }, as: UTF8.self) }
    writtenCount += bytes.count
  }
}

private struct BenchmarkStore: SessionStore {
  /// About as long as a page of ten sessions.
  private static let page = Array(#"{"sessions":["#.utf8) + [UInt8](repeating: 0x20, count: 4000)

  func begin(
    _ id: String, of identity: Identity, newUserID: String, _ upload: borrowing Upload,
    _ key: IdempotencyKey?, _ limits: UploadLimits, until deadline: Deadline
  ) throws(PostgresError) -> UploadBeginning {
    .begun(audioKey: "sessions/u/\(id)/audio.webm")
  }

  func finish(
    _ id: String, _ key: ObjectKey, _ announcement: Announcement, until deadline: Deadline
  ) throws(PostgresError) -> UploadEnding { .uploaded(createdAt: "2026-02-18T22:55:18.123Z") }

  func fail(_ id: String, message: String, until deadline: Deadline) throws(PostgresError) {}

  func list(
    of identity: Identity, _ page: Page, until deadline: Deadline
  ) throws(PostgresError) -> [UInt8] { BenchmarkStore.page }

  func show(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> ShownSession { .noSession }

  func find(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession { .noSession }

  func delete(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession { .noSession }
}

private struct BenchmarkStorage: RecordingStorage {
  func put(
    _ recording: borrowing TemporaryRecording, as key: ObjectKey, contentType: String,
    until deadline: Deadline
  ) throws(R2Error) {}

  func get(
    _ key: ObjectKey, range: ByteRange?, until deadline: Deadline, bodyLimits: BodyLimits
  ) throws(R2Error) -> any RecordingReader & ~Copyable { throw .http(.timedOut) }

  func head(_ key: ObjectKey, until deadline: Deadline) throws(R2Error) -> ResponseHead {
    throw .http(.timedOut)
  }

  func delete(_ key: ObjectKey, until deadline: Deadline) throws(R2Error) {}

  func presignedURL(
    _ method: R2Client.PresignedMethod, _ key: ObjectKey, expiry: Duration
  ) throws(R2SignError) -> String { "" }
}
