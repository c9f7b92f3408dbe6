// Preparing the database, and asking whether it is.

package import Postgres

/// What `migrate` does and what `serve` asks for at its start.
package struct Migration: Sendable {
  /// The version of our schema that this program works with.
  package static let version = 1

  /// Makes what is missing, in one transaction. Repeating it changes nothing, and of two that
  /// run at once the later one waits.
  package let script: Statement
  /// Removes our schema and trigger; the app's tables stay.
  package let uninstallScript: Statement
  /// One row: our schema's version, and whether it serves the app's schema. Without our schema it
  /// fails with `undefinedTable`, with one that knows of no app's with `undefinedColumn`.
  package let installed: Statement
  /// One row: the names of those of the app's four tables that are missing, or NULL.
  package let missingTables: Statement
  /// One row: whether deletions by others leave a job for the recording. `prisma migrate reset`
  /// drops the trigger with its table.
  package let hasTrigger: Statement
  /// One row: whether the database only reads, as a standby does; and the rights that the role
  /// lacks, or NULL.
  package let rights: Statement

  package init(schema: QuotedIdentifier) {
    installed = """
      SELECT max(version), bool_and("appSchema" = $app$\(schema)$app$)
      FROM sessions_fcgi.schema_version
      """
    rights = """
      SELECT current_setting('transaction_read_only')::bool,
        string_agg(needed || ' on ' || name, ', ' ORDER BY name, needed)
      FROM (VALUES
          ($app$\(schema).users$app$, ARRAY['SELECT', 'INSERT', 'UPDATE']),
          ($app$\(schema).speaking_sessions$app$, ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
          ($app$\(schema).transcripts$app$, ARRAY['SELECT']),
          ($app$\(schema).insights$app$, ARRAY['SELECT']),
          ('sessions_fcgi.jobs', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
          ('sessions_fcgi.uploads', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']))
        AS used (name, rights), unnest(rights) AS needed
      WHERE NOT has_table_privilege(name, needed)
      """
    missingTables = """
      SELECT string_agg(name, ', ' ORDER BY name)
      FROM unnest(ARRAY['users', 'speaking_sessions', 'transcripts', 'insights']) AS name
      WHERE to_regclass($schema$\(schema).$schema$ || name) IS NULL
      """
    hasTrigger = """
      SELECT EXISTS (
        SELECT FROM pg_catalog.pg_trigger
        WHERE tgrelid = to_regclass($table$\(schema).speaking_sessions$table$)
          AND tgname = 'sessions_fcgi_deleted' AND tgenabled <> 'D')
      """
    script = """
      BEGIN;
      SELECT pg_advisory_xact_lock(7310591402236011);
      \(AppTables.script(schema))
      \(OwnSchema.script(schema))
      COMMIT;
      """
    uninstallScript = OwnSchema.uninstallScript(schema)
  }
}
