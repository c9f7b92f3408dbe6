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
  /// One row: our schema's version. Without our schema it fails with `undefinedTable`.
  package let installedVersion: Statement = "SELECT max(version) FROM sessions_fcgi.schema_version"
  /// One row: the names of those of the app's four tables that are missing, or NULL.
  package let missingTables: Statement
  /// One row: whether deletions by others leave a job for the recording. `prisma migrate reset`
  /// drops the trigger with its table.
  package let hasTrigger: Statement

  package init(schema: QuotedIdentifier) {
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
