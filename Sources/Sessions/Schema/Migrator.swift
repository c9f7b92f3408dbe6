// Bringing a database to this program's schema.

package import POSIX
package import Postgres

/// Applies migrations, each of which is recorded in `sessions_fcgi.schema_version`.
///
/// It may be repeated, and may run beside the app and beside programs of the release before. Of two
/// that run at once the later one waits. All of a run is one transaction.
package struct Migrator: Sendable {
  private let pool: ConnectionPool
  private let schema: QuotedIdentifier

  /// - Parameter schema: the app's.
  package init(pool: ConnectionPool, schema: QuotedIdentifier) {
    self.pool = pool
    self.schema = schema
  }

  /// The latest version that this program knows.
  package static var latestVersion: Int { Migration.latestVersion }

  /// Makes the app's tables if none of them is there, and applies what is pending. Next to some of
  /// them the missing ones are the app's to make, and nothing is done before.
  ///
  /// - Throws: `SchemaError`; nothing was changed then.
  package func migrate(until deadline: Deadline) throws(SchemaError) {
    try inTransaction(until: deadline) { (connection) throws(SchemaError) in
      try makeAppSchema(on: &connection, until: deadline)
      try connection.run(RepeatedScript.schemaVersion, until: deadline)
      let records = try self.records(&connection, until: deadline)
      try verify(records)
      try connection.run(RepeatedScript.appTables, until: deadline)
      try requireAppTables(on: &connection, until: deadline)
      for migration in Migration.all where records.state(of: migration) == .pending {
        do throws(PostgresError) {
          try connection.executeScript(migration.script, until: deadline)
        } catch {
          throw .failed(version: migration.version, name: migration.name, error)
        }
        try record(migration, on: &connection, until: deadline)
      }
      try connection.run(RepeatedScript.mayUpload, until: deadline)
      try connection.run(RepeatedScript.trigger, until: deadline)
    }
  }

  /// Removes our schema and the trigger; the app's tables stay.
  ///
  /// - Parameter keep: gets the owner's rule, as SQL that makes it anew, before it goes with our
  ///   schema; false leaves everything as it is.
  package func uninstall(
    until deadline: Deadline, keepingRule keep: (String) -> Bool
  ) throws(SchemaError) {
    try inTransaction(until: deadline) { (connection) throws(SchemaError) in
      try refuseOtherApp(try records(&connection, until: deadline))
      if let rule = try ownersRule(on: &connection, until: deadline), !keep(rule) {
        throw .ruleNotKept
      }
      try connection.run(RepeatedScript.uninstall, until: deadline)
    }
  }

  /// The owner's rule as SQL; nil where it is the one that `migrate` made.
  private func ownersRule(
    on connection: inout Connection, until deadline: Deadline
  ) throws(SchemaError) -> String? {
    let rules: Statement = """
      SELECT string_agg(pg_get_functiondef(oid), ';\n' ORDER BY oid)
      FROM pg_catalog.pg_proc
      WHERE pronamespace = to_regnamespace('sessions_fcgi') AND proname = 'may_upload'
        AND prosrc <> 'SELECT NULL::text'
      """
    do {
      return try connection.execute(rules, until: deadline).optionalText(0, 0)
    } catch {
      throw .database(error)
    }
  }

  /// What this program and the database know of each migration, by version. Nothing is changed.
  package func status(until deadline: Deadline) throws(SchemaError) -> [MigrationStatus] {
    let records = try SchemaError.wrapping { () throws(PostgresError) in
      try pool.withConnection(until: deadline) { (connection) throws(PostgresError) in
        try MigrationRecord.all(&connection, until: deadline)
      }
    }
    try refuseOtherApp(records)
    let known = Migration.all.map { migration in
      MigrationStatus(
        version: migration.version, name: migration.name, state: records.state(of: migration))
    }
    let unknown = records.filter { $0.version > Migration.latestVersion }.map { record in
      MigrationStatus(version: record.version, name: record.name ?? "", state: .unknown)
    }
    return known + unknown
  }

  // MARK: - Steps

  /// The functions work on one app's tables. A second app in the same database, in a schema of its
  /// own, would silently get the first one's uploads.
  private func refuseOtherApp(_ records: [MigrationRecord]) throws(SchemaError) {
    for case let served? in records.map(\.appSchema) where served != schema.quoted {
      throw .servesAlready(served)
    }
  }

  private func verify(_ records: [MigrationRecord]) throws(SchemaError) {
    try refuseOtherApp(records)
    if let newest = records.map(\.version).max(), newest > Migration.latestVersion {
      throw .newer(version: newest)
    }
    for migration in Migration.all where records.state(of: migration) == .changed {
      throw .changed(version: migration.version, name: migration.name)
    }
  }

  private func record(
    _ migration: Migration, on connection: inout Connection, until deadline: Deadline
  ) throws(SchemaError) {
    let statement: Statement = """
      INSERT INTO sessions_fcgi.schema_version (version, name, checksum, "appSchema")
      VALUES ($1, $2, $3, $4)
      ON CONFLICT (version) DO UPDATE SET name = EXCLUDED.name, checksum = EXCLUDED.checksum,
        "appSchema" = EXCLUDED."appSchema", "installedAt" = EXCLUDED."installedAt"
      """
    let values: [Parameter] = [
      .integer(migration.version), .text(migration.name), .text(migration.checksum),
      .text(schema.quoted),
    ]
    try connection.run(statement, values, until: deadline)
  }

  private func records(
    _ connection: inout Connection, until deadline: Deadline
  ) throws(SchemaError) -> [MigrationRecord] {
    do { return try MigrationRecord.all(&connection, until: deadline) } catch {
      throw .database(error)
    }
  }

  /// Runs `body` in a transaction that no other `migrate` is beside, with a search path that leads
  /// to the app's tables.
  private func inTransaction(
    until deadline: Deadline, _ body: (inout Connection) throws(SchemaError) -> Void
  ) throws(SchemaError) {
    let outcome = try SchemaError.wrapping { () throws(PostgresError) in
      try pool.withConnection(until: deadline) { (connection) throws(PostgresError) in
        // The pool closes a connection whose transaction is open, and so rolls a failure back.
        Result { () throws(SchemaError) in
          // Whatever the database's default: what is read once the lock is there has to be what
          // its last owner left.
          try connection.run("BEGIN ISOLATION LEVEL READ COMMITTED", until: deadline)
          try connection.run("SELECT pg_advisory_xact_lock(7310591402236011)", until: deadline)
          // Unless it is named last, the schema of temporary tables would come first.
          try connection.run("SET LOCAL search_path TO \(schema), pg_temp", until: deadline)
          try body(&connection)
          try connection.run("COMMIT", until: deadline)
        }
      }
    }
    try outcome.get()
  }

  private func makeAppSchema(
    on connection: inout Connection, until deadline: Deadline
  ) throws(SchemaError) {
    // Not IF NOT EXISTS, which wants the right to make schemas even where this one is there.
    if try !isTrue(
      "SELECT to_regnamespace($1) IS NOT NULL", schema.quoted, on: &connection, until: deadline)
    {
      try connection.run("CREATE SCHEMA \(schema)", until: deadline)
    }
    guard
      try isTrue(
        "SELECT coalesce(current_schema() = $1, false)", schema.name, on: &connection,
        until: deadline)
    else { throw .unreachable(schema.quoted) }
  }

  private func requireAppTables(
    on connection: inout Connection, until deadline: Deadline
  ) throws(SchemaError) {
    let missing: String?
    do {
      missing = try connection.execute(
        SchemaCheck.missingTables, [.text(schema.quoted)], until: deadline
      ).optionalText(0, 0)
    } catch {
      throw .database(error)
    }
    if let missing { throw .tablesMissing(missing) }
  }

  private func isTrue(
    _ question: Statement, _ value: String, on connection: inout Connection,
    until deadline: Deadline
  ) throws(SchemaError) -> Bool {
    do {
      return try connection.execute(question, [.text(value)], until: deadline).bool(0, 0)
    } catch {
      throw .database(error)
    }
  }
}

/// A migration and whether it is in the database.
package struct MigrationStatus: Sendable, Equatable {
  package enum State: Sendable, Equatable {
    case pending
    /// When, by PostgreSQL's clock in UTC, as ISO 8601 has it.
    case applied(at: String)
    /// Applied with another text than this program's.
    case changed
    /// Of a newer program.
    case unknown
  }

  package let version: Int
  package let name: String
  package let state: State
}

/// A row of `sessions_fcgi.schema_version`.
private struct MigrationRecord {
  let version: Int
  let name: String?
  /// Nil in a row of the first version, which applied everything as version 1.
  let checksum: String?
  let appSchema: String?
  let appliedAt: String

  /// Read by way of JSON, since in a database of the first version some columns are missing.
  private static let all: Statement = """
    SELECT version, record->>'name', record->>'checksum', record->>'appSchema',
      to_char("installedAt", 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    FROM sessions_fcgi.schema_version AS row, to_jsonb(row) AS record ORDER BY version
    """

  static func all(
    _ connection: inout Connection, until deadline: Deadline
  ) throws(PostgresError) -> [MigrationRecord] {
    let isThere = try connection.execute(
      "SELECT to_regclass('sessions_fcgi.schema_version') IS NOT NULL", until: deadline
    ).bool(0, 0)
    guard isThere else { return [] }
    let result = try connection.execute(all, until: deadline)
    var records: [MigrationRecord] = []
    for row in 0..<result.rowCount {
      records.append(
        MigrationRecord(
          version: try result.int(row, 0), name: try result.optionalText(row, 1),
          checksum: try result.optionalText(row, 2), appSchema: try result.optionalText(row, 3),
          appliedAt: try result.text(row, 4)))
    }
    return records
  }
}

extension [MigrationRecord] {
  fileprivate func state(of migration: Migration) -> MigrationStatus.State {
    guard let record = first(where: { $0.version == migration.version }),
      let checksum = record.checksum
    else { return .pending }
    return checksum == migration.checksum ? .applied(at: record.appliedAt) : .changed
  }
}

extension Connection {
  fileprivate mutating func run(
    _ script: Statement, until deadline: Deadline
  ) throws(SchemaError) {
    do { try executeScript(script, until: deadline) } catch { throw .database(error) }
  }

  fileprivate mutating func run(
    _ statement: Statement, _ values: [Parameter], until deadline: Deadline
  ) throws(SchemaError) {
    do { _ = try execute(statement, values, until: deadline) } catch { throw .database(error) }
  }
}
