// The tables: the app's own, where there are none, and our schema beside them.

package import Postgres

/// What `migrate` does and what `serve` asks for at its start.
package struct Migration: Sendable {
  /// The version of our schema that this program works with.
  package static let version = 1

  /// Makes what is missing, in one transaction. Repeating it changes nothing, and of two that
  /// run at once the later one waits.
  package let script: Statement
  /// One row: our schema's version. Without our schema it fails with `undefinedTable`.
  package let installedVersion: Statement
  /// One row: the names of those of the app's four tables that are missing, or NULL.
  package let missingTables: Statement

  package init(schema: QuotedIdentifier) {
    installedVersion = "SELECT max(version) FROM sessions_fcgi.schema_version"
    missingTables = """
      SELECT string_agg(name, ', ' ORDER BY name)
      FROM unnest(ARRAY['users', 'speaking_sessions', 'transcripts', 'insights']) AS name
      WHERE to_regclass($schema$\(schema).$schema$ || name) IS NULL
      """
    script = """
      BEGIN;
      SELECT pg_advisory_xact_lock(7310591402236011);
      \(Migration.appTables(schema))
      DO $migrate$
      BEGIN
        IF to_regnamespace('sessions_fcgi') IS NULL THEN
          CREATE SCHEMA sessions_fcgi;
        END IF;
      END
      $migrate$;
      CREATE TABLE IF NOT EXISTS sessions_fcgi.schema_version (
        version integer PRIMARY KEY,
        "installedAt" timestamp(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'));
      INSERT INTO sessions_fcgi.schema_version (version) VALUES (1) ON CONFLICT DO NOTHING;
      COMMIT;
      """
  }

  /// The app's tables as its own migrations make them, so that the program works alone and the
  /// app may take the database over later. Made only where none of them is there: next to some
  /// of them the missing ones are the app's to make.
  private static func appTables(_ schema: QuotedIdentifier) -> Statement {
    """
    DO $migrate$
    BEGIN
      IF to_regclass($table$\(schema).users$table$) IS NOT NULL
        OR to_regclass($table$\(schema).speaking_sessions$table$) IS NOT NULL
        OR to_regclass($table$\(schema).transcripts$table$) IS NOT NULL
        OR to_regclass($table$\(schema).insights$table$) IS NOT NULL
      THEN
        RETURN;
      END IF;
      IF to_regnamespace($schema$\(schema)$schema$) IS NULL THEN
        CREATE SCHEMA \(schema);
      END IF;
      CREATE TYPE \(schema)."SessionStatus" AS ENUM
        ('CREATED', 'UPLOADED', 'TRANSCRIBING', 'ANALYZING', 'DONE', 'FAILED');
      CREATE TABLE \(schema).users (
        id text NOT NULL,
        "externalId" text NOT NULL,
        email text,
        "displayName" text,
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL,
        CONSTRAINT users_pkey PRIMARY KEY (id));
      CREATE UNIQUE INDEX "users_externalId_key" ON \(schema).users ("externalId");
      CREATE TABLE \(schema).speaking_sessions (
        id text NOT NULL,
        "userId" text NOT NULL,
        status \(schema)."SessionStatus" NOT NULL DEFAULT 'CREATED',
        "durationSecs" integer,
        language text NOT NULL DEFAULT 'en',
        topic text,
        "promptUsed" text,
        "audioUrl" text,
        "audioDeletedAt" timestamp(3),
        "errorMessage" text,
        "focusNext" text,
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL,
        CONSTRAINT speaking_sessions_pkey PRIMARY KEY (id),
        CONSTRAINT "speaking_sessions_userId_fkey" FOREIGN KEY ("userId")
          REFERENCES \(schema).users (id) ON DELETE CASCADE ON UPDATE CASCADE);
      CREATE INDEX "speaking_sessions_userId_createdAt_idx"
        ON \(schema).speaking_sessions ("userId", "createdAt");
      CREATE TABLE \(schema).transcripts (
        id text NOT NULL,
        "sessionId" text NOT NULL,
        text text NOT NULL,
        "wordCount" integer,
        CONSTRAINT transcripts_pkey PRIMARY KEY (id),
        CONSTRAINT "transcripts_sessionId_fkey" FOREIGN KEY ("sessionId")
          REFERENCES \(schema).speaking_sessions (id) ON DELETE CASCADE ON UPDATE CASCADE);
      CREATE UNIQUE INDEX "transcripts_sessionId_key" ON \(schema).transcripts ("sessionId");
      CREATE TABLE \(schema).insights (
        id text NOT NULL,
        "sessionId" text NOT NULL,
        category text NOT NULL,
        pattern text NOT NULL,
        detail text NOT NULL,
        frequency integer,
        severity text,
        examples jsonb,
        suggestion text,
        CONSTRAINT insights_pkey PRIMARY KEY (id),
        CONSTRAINT "insights_sessionId_fkey" FOREIGN KEY ("sessionId")
          REFERENCES \(schema).speaking_sessions (id) ON DELETE CASCADE ON UPDATE CASCADE);
      CREATE INDEX "insights_sessionId_idx" ON \(schema).insights ("sessionId");
    END
    $migrate$;
    """
  }
}
