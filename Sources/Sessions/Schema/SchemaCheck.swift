// Whether the database is one that this program can work with.

internal import POSIX
package import Postgres

/// What `serve` asks of the database at its start, and `check` in more detail. A newer schema is
/// fine: a program runs on that of the release after it.
package struct SchemaCheck: Sendable {
  private let pool: ConnectionPool
  private let schema: QuotedIdentifier

  /// - Parameter schema: the app's.
  package init(pool: ConnectionPool, schema: QuotedIdentifier) {
    self.pool = pool
    self.schema = schema
  }

  private static let timeout: Duration = .seconds(15)

  /// - Throws: a `SchemaError` that says what to do.
  package func requireSchema() throws(SchemaError) {
    let version: Int
    let isOurs: Bool
    do throws(PostgresError) {
      let result = try execute(
        """
        SELECT max(version), bool_and("appSchema" = $1) FROM sessions_fcgi.schema_version
        """, schema.quoted)
      version = try result.optionalInt(0, 0) ?? 0
      isOurs = try result.optionalBool(0, 1) ?? false
    } catch {
      guard error.state == .undefinedTable else { throw .database(error) }
      throw .missing
    }
    guard version >= Migration.latestVersion else { throw .older(version: version) }
    guard isOurs else { throw .otherApp }
    try requireAppTables()
  }

  private func requireAppTables() throws(SchemaError) {
    let names = try SchemaError.wrapping { () throws(PostgresError) in
      try execute(SchemaCheck.missingTables, schema.quoted).optionalText(0, 0)
    }
    if let names { throw .tablesMissing(names) }
  }

  /// One row: which of the four tables of the app, whose quoted schema is `$1`, are missing; NULL
  /// if none is.
  static let missingTables: Statement = """
    SELECT string_agg(name, ', ' ORDER BY name)
    FROM unnest(ARRAY['users', 'speaking_sessions', 'transcripts', 'insights']) AS name
    WHERE to_regclass($1 || '.' || name) IS NULL
    """

  /// - Throws: `.columnsMissing` or `.columnsUnknown` where the app's tables have become others
  ///   than those that our statements, and the trigger, are for.
  package func requireColumns() throws(SchemaError) {
    let (missing, unknown) = try SchemaError.wrapping { () throws(PostgresError) in
      let result = try execute(
        """
        WITH used (name, columns) AS (VALUES
          ('users', ARRAY['id', 'externalId', 'email', 'displayName', 'createdAt', 'updatedAt']),
          ('speaking_sessions', ARRAY['id', 'userId', 'status', 'durationSecs', 'language',
            'topic', 'audioUrl', 'audioDeletedAt', 'errorMessage', 'createdAt', 'updatedAt']),
          ('transcripts', ARRAY['sessionId']),
          ('insights', ARRAY['id', 'sessionId', 'severity'])),
        present AS (
          SELECT name, attname::text AS "column",
            attnotnull AND NOT atthasdef AND attidentity = '' AS demanded
          FROM used JOIN pg_catalog.pg_attribute ON attrelid = to_regclass($1 || '.' || name)
          WHERE attnum > 0 AND NOT attisdropped)
        SELECT
          (SELECT string_agg(name || '.' || needed, ', ' ORDER BY name, needed)
            FROM used, unnest(columns) AS needed
            WHERE (name, needed) NOT IN (SELECT name, "column" FROM present)),
          (SELECT string_agg(name || '.' || "column", ', ' ORDER BY name, "column")
            FROM used JOIN present USING (name)
            WHERE demanded AND name IN ('users', 'speaking_sessions')
              AND "column" <> ALL (columns))
        """, schema.quoted)
      return (try result.optionalText(0, 0), try result.optionalText(0, 1))
    }
    if let missing { throw .columnsMissing(missing) }
    if let unknown { throw .columnsUnknown(unknown) }
  }

  /// Whether deletions by others leave a job for the recording.
  package func hasTrigger() throws(SchemaError) -> Bool {
    try SchemaError.wrapping { () throws(PostgresError) in
      try execute(
        """
        SELECT EXISTS (
          SELECT FROM pg_catalog.pg_trigger
          WHERE tgrelid = to_regclass($1 || '.speaking_sessions')
            AND tgname = 'sessions_fcgi_deleted' AND tgenabled IN ('O', 'A'))
        """, schema.quoted
      ).bool(0, 0)
    }
  }

  /// - Throws: `.ruleMissing` where an upload has nothing to ask.
  /// - Returns: whether the rule for uploads is the owner's own.
  package func hasOwnersRule() throws(SchemaError) -> Bool {
    let isOwners = try SchemaError.wrapping { () throws(PostgresError) in
      let result = try pool.execute(
        """
        SELECT max(prosrc) <> 'SELECT NULL::text' FROM pg_catalog.pg_proc
        WHERE oid = to_regprocedure('sessions_fcgi.may_upload(text, text, integer)')
          AND prorettype = 'text'::regtype AND NOT proretset
        """, until: .after(SchemaCheck.timeout), repetition: .allowed)
      return try result.optionalBool(0, 0)
    }
    guard let isOwners else { throw .ruleMissing }
    return isOwners
  }

  /// - Throws: `.readOnly` or `.rightsMissing` where a statement of an upload or a deletion would
  ///   be refused.
  package func requireRights() throws(SchemaError) {
    let (isReadOnly, rights) = try SchemaError.wrapping { () throws(PostgresError) in
      let result = try execute(
        """
        WITH missing (name, needed) AS (
          SELECT name, needed
          FROM (VALUES
              ($1 || '.users', ARRAY['SELECT', 'INSERT', 'UPDATE']),
              ($1 || '.speaking_sessions', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
              ($1 || '.transcripts', ARRAY['SELECT']),
              ($1 || '.insights', ARRAY['SELECT']),
              ('sessions_fcgi.webhooks', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
              ('sessions_fcgi.jobs', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
              ('sessions_fcgi.uploads', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
              ('sessions_fcgi.retention', ARRAY['SELECT', 'UPDATE']))
            AS used (name, rights), unnest(rights) AS needed
          WHERE NOT has_table_privilege(name, needed)
          UNION ALL
          -- A trigger's function is executed for whoever changes the table.
          SELECT 'sessions_fcgi.' || proname, 'EXECUTE'
          FROM pg_catalog.pg_proc
          WHERE pronamespace = to_regnamespace('sessions_fcgi')
            AND prorettype <> 'trigger'::regtype AND NOT has_function_privilege(oid, 'EXECUTE'))
        SELECT current_setting('transaction_read_only')::bool,
          string_agg(needed || ' on ' || name, ', ' ORDER BY name, needed)
        FROM missing
        """, schema.quoted)
      return (try result.bool(0, 0), try result.optionalText(0, 1))
    }
    if isReadOnly { throw .readOnly }
    if let rights { throw .rightsMissing(rights) }
  }

  private func execute(
    _ statement: Statement, _ schema: String
  ) throws(PostgresError) -> QueryResult {
    try pool.execute(
      statement, [.text(schema)], until: .after(SchemaCheck.timeout), repetition: .allowed)
  }
}
