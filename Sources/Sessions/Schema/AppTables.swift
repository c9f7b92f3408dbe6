// The app's own tables, for a database where the app has never been.

internal import Postgres

enum AppTables {
  /// The app's tables as its own migrations make them, so that the program works alone and the
  /// app may take the database over later. Made only where none of them is there: next to some
  /// of them the missing ones are the app's to make.
  static func script(_ schema: QuotedIdentifier) -> Statement {
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
