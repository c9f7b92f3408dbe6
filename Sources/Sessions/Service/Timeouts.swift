// Calls to the database and to storage: bounded, timed, and their errors told the same way.

internal import HTTPClient
internal import POSIX
internal import Postgres
internal import R2

extension SessionService {
  /// What one statement may take, waiting for a connection and connecting included.
  private static let databaseTimeout: Duration = .seconds(10)

  /// What an exchange with storage may take, without the recording's own time.
  private static let storageTimeout: Duration = .seconds(12)

  /// How long a deletion may wait for storage before the client hears that it is done: it will be.
  static let deletionTimeout: Duration = .seconds(5)

  /// The slowest that a recording may go to storage: 50 MiB then take 212 s, which together with
  /// all the rest stays below the 300 s that nginx waits.
  private static let minStorageBytesPerSecond = 256 * 1024

  /// Runs one statement.
  ///
  /// - Parameter function: an owner's that it calls.
  func database<Value: ~Copyable>(
    _ record: inout RequestRecord, calling function: String? = nil,
    _ work: (Deadline) throws(PostgresError) -> Value
  ) throws(RequestFailure) -> Value {
    let start = ContinuousClock.now
    defer { record.database += start.duration(to: .now) }
    do throws(PostgresError) {
      return try work(.after(SessionService.databaseTimeout))
    } catch {
      throw RequestFailure(error, calling: function)
    }
  }

  /// Does one thing in storage, which moves `byteCount` bytes.
  func storage<Value: ~Copyable>(
    _ record: inout RequestRecord, for byteCount: Int = 0,
    _ work: (Deadline) throws(R2Error) -> Value
  ) throws(RequestFailure) -> Value {
    let start = ContinuousClock.now
    defer { record.storage += start.duration(to: .now) }
    do throws(R2Error) {
      return try work(SessionService.storageDeadline(for: byteCount))
    } catch {
      throw RequestFailure(error)
    }
  }

  /// By when storage has to be done with moving `byteCount` bytes.
  static func storageDeadline(for byteCount: Int) -> Deadline {
    .after(storageTime(for: byteCount))
  }

  /// What the body of a recording that is played may take.
  static let recordingLimits = BodyLimits(
    whole: storageTime(for: RecordingSizeLimit.maxBytes), idleTimeout: .seconds(8),
    minBytesPerSecond: 64 * 1024)

  private static func storageTime(for byteCount: Int) -> Duration {
    storageTimeout + .seconds(byteCount / minStorageBytesPerSecond)
  }
}
