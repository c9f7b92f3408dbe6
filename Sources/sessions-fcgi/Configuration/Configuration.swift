// The configuration: environment variables, checked as a whole.

internal import FoundationEssentials
internal import HTTPClient
internal import Logging
internal import Observability
internal import POSIX
internal import Postgres
internal import QStash
internal import R2
internal import R2Sign
internal import Sessions
internal import Webhook

/// Everything that the environment says, ready to use.
struct Configuration {
  let database: DatabaseURL
  let storage: R2Configuration
  /// Whether the id of the key pair is longer than its secret, as that of no store is.
  let isKeyPairSwapped: Bool
  /// A PEM file with authorities that are trusted besides the system's.
  let authorities: String?
  let service: SessionService.Settings
  /// How long an upload may take before it is given up.
  let uploadTimeout: Duration
  let retention: RetentionPolicy
  /// Who is to be told of uploads; nil where nobody is.
  let processing: QStashConfiguration?
  /// The same, for the app itself.
  let webhook: WebhookConfiguration?
  let logLevel: Logger.Level
  let logFormat: LogFormat
  /// Nil is standard error.
  let logFile: String?
  /// The file of settings, if it holds secrets and everybody may read it.
  private(set) var exposedFile: String?

  /// What is missing or wrong, all of it.
  struct Invalid: Error, CustomStringConvertible {
    let problems: [String]
    var description: String { "configuration: " + problems.joined(separator: "; ") }
  }

  /// Reads the environment of the process, and for what it does not say a file of settings, whose
  /// variables are in the environment from then on. No other thread may run yet.
  ///
  /// - Parameters:
  ///   - file: nil is the file that `SESSIONS_ENV_FILE` names, if it does.
  ///   - checksTemporaryDirectory: whether `TEMP_DIR` is a problem where nothing can be written to
  ///     it.
  static func fromEnvironment(
    file: String? = nil, checksTemporaryDirectory: Bool = true
  ) throws(Invalid) -> Configuration {
    let path = file ?? Diagnostics.variable("SESSIONS_ENV_FILE")
    let settings = try settings(in: path)
    settings?.addToEnvironment()
    var configuration = try Configuration(
      environmentVariables(), checksTemporaryDirectory: checksTemporaryDirectory)
    if let settings, settings.isReadableByAll,
      settings.variables.contains(where: { secretNames.contains($0.name) })
    {
      configuration.exposedFile = path
    }
    return configuration
  }

  private static let secretNames: Set = [
    "DATABASE_URL", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "R2_SESSION_TOKEN", "QSTASH_TOKEN",
    "PROCESS_SECRET",
  ]

  static func settings(in path: String?) throws(Invalid) -> EnvironmentFile? {
    guard let path else { return nil }
    do {
      return try EnvironmentFile(at: path)
    } catch {
      throw Invalid(problems: ["\(path): \(error)"])
    }
  }

  init(_ variables: [String: [UInt8]], checksTemporaryDirectory: Bool) throws(Invalid) {
    var reader = Reader(variables)
    let databaseURL = reader.secret("DATABASE_URL")
    let database = reader.parse("DATABASE_URL", databaseURL) { text throws(DatabaseURLError) in
      try DatabaseURL(text, for: .linked())
    }
    let bucket = reader.make("R2_BUCKET_NAME", reader.required("R2_BUCKET_NAME"), BucketName.init)
    let endpoint = reader.endpoint(of: bucket)
    let region = reader.make("R2_REGION", reader["R2_REGION"] ?? Region.auto.text, Region.init)
    let accessKeyID = reader.make(
      "R2_ACCESS_KEY_ID", reader.secret("R2_ACCESS_KEY_ID"), AccessKeyID.init)
    let secret = reader.secret("R2_SECRET_ACCESS_KEY")
    let secretAccessKey = reader.make("R2_SECRET_ACCESS_KEY", secret, SecretAccessKey.init)
    let sessionToken = reader.make(
      "R2_SESSION_TOKEN", reader.optionalSecret("R2_SESSION_TOKEN"), SessionToken.init)
    let caFile = reader.readableFile("R2_CA_FILE")
    let directory = reader["TEMP_DIR"] ?? "/var/tmp"
    if checksTemporaryDirectory { reader.requireWritable(directory, named: "TEMP_DIR") }
    let origins = reader.origins("ALLOWED_ORIGINS")
    let limits = UploadLimits(
      inFlight: reader.number("MAX_UPLOADS_IN_FLIGHT", standard: 5),
      perHour: reader.number("MAX_UPLOADS_PER_HOUR", standard: 100))
    let uploadTimeout = reader.number("UPLOAD_TIMEOUT_SECONDS", from: 1, standard: 900)
    let retention = reader.retention()
    let processing = reader.processing()
    let webhook = reader.webhook()
    let logLevel = reader.choice("LOG_LEVEL") ?? Logger.Level.info
    let logFormat = reader.choice("LOG_FORMAT") ?? LogFormat.text
    let pace = MinUploadSpeed(
      minBytesPerSecond: reader.number(
        "UPLOAD_MIN_BYTES_PER_SECOND", standard: MinUploadSpeed.standard.minBytesPerSecond),
      deadlineSeconds: reader.number(
        "UPLOAD_DEADLINE_SECONDS", standard: MinUploadSpeed.standard.deadlineSeconds))
    guard reader.problems.isEmpty, let database, let endpoint, let bucket, let region,
      let accessKeyID, let secret, let secretAccessKey
    else { throw Invalid(problems: reader.problems) }
    self.database = database
    var storage = R2Configuration(
      endpoint: endpoint, bucket: bucket,
      credentials: Credentials(
        accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken))
    storage.region = region
    self.storage = storage
    isKeyPairSwapped = accessKeyID.text.utf8.count > secret.utf8.count
    authorities = caFile
    var service = SessionService.Settings(
      temporaryDirectory: directory, allowedOrigins: origins, limits: limits)
    service.pace = pace
    self.service = service
    self.uploadTimeout = .seconds(uploadTimeout)
    self.retention = retention
    self.processing = processing
    self.webhook = webhook
    self.logLevel = logLevel
    self.logFormat = logFormat
    logFile = reader["LOG_FILE"]
  }
}
