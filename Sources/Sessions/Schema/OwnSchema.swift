// Our schema, `sessions_fcgi`: the outbox, the memory of uploads, and the functions that keep both
// in step with the app's tables.

internal import Postgres

/// What `migrate` makes in `sessions_fcgi`, and what `migrate --uninstall` removes.
///
/// - `jobs` is the outbox: what still has to be done, whatever happens to the process that wrote
///   it down. An `upload` job says that its key may exist in storage without a session; it becomes
///   a `delete` job when the upload fails or is given up. `publish` jobs tell the processing.
/// - `uploads` remembers each upload for 24 hours: for idempotency keys and for limits.
///
/// Where rows of several tables are locked, the job's comes first. The functions are PL/pgSQL, as
/// each statement in them sees what was committed while the one before waited for a lock; in one
/// plain statement a limit counted after such a wait would count the past.
enum OwnSchema {
  static func script(_ app: QuotedIdentifier) -> Statement {
    """
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
    ALTER TABLE sessions_fcgi.schema_version ADD COLUMN IF NOT EXISTS "appSchema" text;
    \(refuseOtherApp(app))
    \(tables)
    \(beginUpload(app))
    \(finishUpload(app))
    \(failUpload(app))
    \(trigger(app))
    INSERT INTO sessions_fcgi.schema_version (version, "appSchema")
      VALUES (1, $app$\(app)$app$)
      ON CONFLICT (version) DO UPDATE SET "appSchema" = EXCLUDED."appSchema";
    """
  }

  /// The functions work on one app's tables. A second app in the same database, in a schema of its
  /// own, would silently get the first one's uploads.
  private static func refuseOtherApp(_ app: QuotedIdentifier) -> Statement {
    """
    DO $refuse$
    DECLARE
      served text;
    BEGIN
      IF to_regclass('sessions_fcgi.schema_version') IS NULL THEN
        RETURN;
      END IF;
      SELECT "appSchema" INTO served FROM sessions_fcgi.schema_version
        WHERE "appSchema" <> $app$\(app)$app$;
      IF FOUND THEN
        RAISE EXCEPTION 'sessions_fcgi in this database serves the schema % already', served
          USING ERRCODE = 'object_not_in_prerequisite_state';
      END IF;
    END
    $refuse$;
    """
  }

  /// The trigger goes first: a deletion by the app must never find it without its table.
  static func uninstallScript(_ app: QuotedIdentifier) -> Statement {
    """
    BEGIN;
    \(refuseOtherApp(app))
    DO $uninstall$
    BEGIN
      IF to_regclass($table$\(app).speaking_sessions$table$) IS NOT NULL THEN
        DROP TRIGGER IF EXISTS sessions_fcgi_deleted ON \(app).speaking_sessions;
      END IF;
    END
    $uninstall$;
    DROP SCHEMA IF EXISTS sessions_fcgi CASCADE;
    COMMIT;
    """
  }

  private static let tables: Statement = """
    CREATE TABLE IF NOT EXISTS sessions_fcgi.jobs (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('upload', 'delete', 'publish')),
      "sessionId" text NOT NULL,
      "objectKey" text UNIQUE,
      "aliveAt" timestamp(3),
      attempts integer NOT NULL DEFAULT 0,
      "lastError" text,
      "createdAt" timestamp(3) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
      "dueAt" timestamp(3) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'));
    CREATE INDEX IF NOT EXISTS "jobs_sessionId_idx" ON sessions_fcgi.jobs ("sessionId");
    CREATE INDEX IF NOT EXISTS "jobs_dueAt_idx" ON sessions_fcgi.jobs ("dueAt");
    COMMENT ON COLUMN sessions_fcgi.jobs."aliveAt" IS
      'when a PUT of this key was last known to be under way; null if none can be';
    CREATE TABLE IF NOT EXISTS sessions_fcgi.uploads (
      "sessionId" text PRIMARY KEY,
      "externalId" text NOT NULL,
      "idempotencyKey" text,
      "contentHash" text,
      "startedAt" timestamp(3) NOT NULL,
      "completedAt" timestamp(3),
      "sessionCreatedAt" timestamp(3),
      UNIQUE ("externalId", "idempotencyKey"));
    CREATE INDEX IF NOT EXISTS "uploads_externalId_startedAt_idx"
      ON sessions_fcgi.uploads ("externalId", "startedAt");
    CREATE INDEX IF NOT EXISTS "uploads_startedAt_idx" ON sessions_fcgi.uploads ("startedAt");
    """

  /// Begins an upload, or says why not: `begun`, `replayed`, `mismatch`, `in_progress`, `limited`.
  ///
  /// An upload is in flight as long as its job was alive within the lease, so a dead process locks
  /// nobody out. A key is free again unless its upload succeeded or is in flight; then the earlier
  /// try's session goes with the same commit that makes the new one.
  private static func beginUpload(_ app: QuotedIdentifier) -> Statement {
    """
    CREATE OR REPLACE FUNCTION sessions_fcgi.begin_upload(
      p_external_id text, p_new_user_id text, p_email text, p_display_name text,
      p_session_id text, p_extension text, p_duration integer, p_language text, p_topic text,
      p_key text, p_content_hash text, p_most_in_flight integer, p_most_per_hour integer,
      OUT outcome text, OUT session_id text, OUT object_key text, OUT created_at timestamp,
      OUT retry_after integer)
    LANGUAGE plpgsql SET search_path = '' AS $function$
    DECLARE
      lease CONSTANT interval := interval '30 seconds';
      utc timestamp(3);
      user_id text;
      earlier sessions_fcgi.uploads;
      in_flight text[];
      free_at timestamp(3);
    BEGIN
      session_id := p_session_id;
      IF p_key IS NOT NULL OR p_most_in_flight > 0 OR p_most_per_hour > 0 THEN
        -- One beginning at a time for each user: what is counted below stays true until we commit.
        PERFORM pg_advisory_xact_lock(1936876915, hashtext(p_external_id));
      END IF;
      utc := clock_timestamp() AT TIME ZONE 'UTC';

      IF p_key IS NOT NULL THEN
        PERFORM FROM sessions_fcgi.jobs AS job
          JOIN sessions_fcgi.uploads AS upload USING ("sessionId")
          WHERE upload."externalId" = p_external_id AND upload."idempotencyKey" = p_key
            AND job.kind = 'upload'
          FOR UPDATE OF job;
        SELECT * INTO earlier FROM sessions_fcgi.uploads
          WHERE "externalId" = p_external_id AND "idempotencyKey" = p_key;
        IF earlier."completedAt" IS NOT NULL
          AND earlier."startedAt" > utc - interval '24 hours'
        THEN
          outcome := CASE WHEN earlier."contentHash" = p_content_hash
            THEN 'replayed' ELSE 'mismatch' END;
          session_id := earlier."sessionId";
          created_at := earlier."sessionCreatedAt";
          RETURN;
        END IF;
        -- If its process is dead, the key comes free when the lease runs out.
        SELECT greatest(1, ceil(extract(epoch FROM "aliveAt" + lease - utc))::integer)
          INTO retry_after FROM sessions_fcgi.jobs
          WHERE kind = 'upload' AND "sessionId" = earlier."sessionId"
            AND "aliveAt" > utc - lease;
        IF FOUND THEN
          outcome := 'in_progress';
          RETURN;
        END IF;
      END IF;

      IF p_most_in_flight > 0 OR p_most_per_hour > 0 THEN
        in_flight := ARRAY(
          SELECT upload."sessionId" FROM sessions_fcgi.uploads AS upload
            JOIN sessions_fcgi.jobs AS job USING ("sessionId")
          WHERE upload."externalId" = p_external_id AND job.kind = 'upload'
            AND job."aliveAt" > utc - lease);
        IF p_most_in_flight > 0 AND cardinality(in_flight) >= p_most_in_flight THEN
          outcome := 'limited';
          retry_after := 2;
          RETURN;
        END IF;
        IF p_most_per_hour > 0 THEN
          -- The upload whose hour has to end before there is room for one more.
          SELECT "startedAt" + interval '1 hour' INTO free_at FROM sessions_fcgi.uploads
            WHERE "externalId" = p_external_id AND "startedAt" > utc - interval '1 hour'
              AND ("completedAt" IS NOT NULL OR "sessionId" = ANY (in_flight))
            ORDER BY "startedAt" DESC OFFSET p_most_per_hour - 1 LIMIT 1;
          IF FOUND THEN
            outcome := 'limited';
            retry_after := greatest(1, ceil(extract(epoch FROM free_at - utc))::integer);
            RETURN;
          END IF;
        END IF;
      END IF;

      IF earlier."sessionId" IS NOT NULL THEN
        UPDATE sessions_fcgi.jobs SET kind = 'delete', "dueAt" = utc
          WHERE kind = 'upload' AND "sessionId" = earlier."sessionId";
        UPDATE sessions_fcgi.uploads SET "idempotencyKey" = NULL
          WHERE "sessionId" = earlier."sessionId";
        DELETE FROM \(app).speaking_sessions
          WHERE id = earlier."sessionId" AND status IN ('CREATED', 'FAILED')
            AND "audioUrl" IS NULL;
      END IF;

      SELECT id INTO user_id FROM \(app).users WHERE "externalId" = p_external_id;
      IF NOT FOUND THEN
        -- Of two requests that make the same user at once, the later one takes the other's row,
        -- which DO NOTHING would not return.
        INSERT INTO \(app).users AS users
          (id, "externalId", email, "displayName", "createdAt", "updatedAt")
          VALUES (p_new_user_id, p_external_id, p_email, p_display_name, utc, utc)
          ON CONFLICT ("externalId") DO UPDATE SET "externalId" = users."externalId"
          RETURNING id INTO user_id;
      END IF;
      object_key := 'sessions/' || user_id || '/' || p_session_id || '/audio.' || p_extension;
      INSERT INTO \(app).speaking_sessions
        (id, "userId", status, "durationSecs", language, topic, "createdAt", "updatedAt")
        VALUES (p_session_id, user_id, 'CREATED', p_duration, p_language, p_topic, utc, utc);
      INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "aliveAt")
        VALUES ('upload', p_session_id, object_key, utc);
      INSERT INTO sessions_fcgi.uploads
        ("sessionId", "externalId", "idempotencyKey", "contentHash", "startedAt")
        VALUES (p_session_id, p_external_id, p_key, p_content_hash, utc);
      outcome := 'begun';
    END
    $function$;
    """
  }

  /// Ends an upload whose recording is stored: `uploaded`, `deleted` (the session is gone), or
  /// `given_up` (a sweeper or a later try took it for dead). It may be repeated.
  private static func finishUpload(_ app: QuotedIdentifier) -> Statement {
    """
    DROP FUNCTION IF EXISTS sessions_fcgi.finish_upload(text, boolean);
    CREATE OR REPLACE FUNCTION sessions_fcgi.finish_upload(
      p_session_id text, p_object_key text, p_publish boolean, OUT outcome text,
      OUT created_at timestamp)
    LANGUAGE plpgsql SET search_path = '' AS $function$
    DECLARE
      utc timestamp(3);
      job sessions_fcgi.jobs;
    BEGIN
      SELECT * INTO job FROM sessions_fcgi.jobs
        WHERE kind = 'upload' AND "sessionId" = p_session_id FOR UPDATE;
      utc := clock_timestamp() AT TIME ZONE 'UTC';
      IF job.id IS NULL THEN
        SELECT "sessionCreatedAt" INTO created_at FROM sessions_fcgi.uploads
          WHERE "sessionId" = p_session_id AND "completedAt" IS NOT NULL;
        IF FOUND THEN
          outcome := 'uploaded';
          RETURN;
        END IF;
        -- Its job may be done already, and found nothing: the PUT has landed since.
        INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "dueAt")
          VALUES ('delete', p_session_id, p_object_key, utc)
          ON CONFLICT ("objectKey") DO UPDATE SET "dueAt" = utc;
      ELSE
        UPDATE \(app).speaking_sessions
          SET status = 'UPLOADED', "audioUrl" = job."objectKey", "updatedAt" = utc
          WHERE id = p_session_id AND status = 'CREATED'
          RETURNING "createdAt" INTO created_at;
        IF FOUND THEN
          DELETE FROM sessions_fcgi.jobs WHERE id = job.id;
          UPDATE sessions_fcgi.uploads
            SET "completedAt" = utc, "sessionCreatedAt" = created_at
            WHERE "sessionId" = p_session_id;
          IF p_publish THEN
            INSERT INTO sessions_fcgi.jobs (kind, "sessionId") VALUES ('publish', p_session_id);
          END IF;
          PERFORM pg_notify('session_uploaded', p_session_id);
          outcome := 'uploaded';
          RETURN;
        END IF;
        -- The PUT has ended, so one deletion suffices.
        UPDATE sessions_fcgi.jobs SET kind = 'delete', "aliveAt" = NULL, "dueAt" = utc
          WHERE id = job.id;
      END IF;
      outcome := CASE
        WHEN EXISTS (SELECT FROM \(app).speaking_sessions WHERE id = p_session_id)
        THEN 'given_up' ELSE 'deleted' END;
    END
    $function$;
    """
  }

  /// Ends an upload that failed: what may have reached storage is to be deleted, and the session
  /// does not look as if its upload were still under way.
  private static func failUpload(_ app: QuotedIdentifier) -> Statement {
    """
    CREATE OR REPLACE FUNCTION sessions_fcgi.fail_upload(p_session_id text, p_message text)
    RETURNS void LANGUAGE plpgsql SET search_path = '' AS $function$
    DECLARE
      utc timestamp(3) := clock_timestamp() AT TIME ZONE 'UTC';
    BEGIN
      UPDATE sessions_fcgi.jobs SET kind = 'delete', "aliveAt" = utc, "dueAt" = utc
        WHERE kind = 'upload' AND "sessionId" = p_session_id;
      UPDATE \(app).speaking_sessions
        SET status = 'FAILED', "errorMessage" = p_message, "updatedAt" = utc
        WHERE id = p_session_id AND status = 'CREATED';
    END
    $function$;
    """
  }

  /// Whoever deletes a session, the app and a cascade included, leaves a job for its recording.
  /// With its owner's rights and no search path, it cannot fail for want of rights or be led
  /// astray by other schemas; nor over a text that is no key, which an index might not take.
  private static func trigger(_ app: QuotedIdentifier) -> Statement {
    """
    CREATE OR REPLACE FUNCTION sessions_fcgi.session_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $function$
    BEGIN
      IF octet_length(OLD."audioUrl") BETWEEN 1 AND 1024 THEN
        INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
          VALUES ('delete', OLD.id, OLD."audioUrl") ON CONFLICT DO NOTHING;
      END IF;
      RETURN NULL;
    END
    $function$;
    DO $migrate$
    BEGIN
      IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_trigger
        WHERE tgrelid = to_regclass($table$\(app).speaking_sessions$table$)
          AND tgname = 'sessions_fcgi_deleted')
      THEN
        CREATE TRIGGER sessions_fcgi_deleted AFTER DELETE ON \(app).speaking_sessions
          FOR EACH ROW WHEN (OLD."audioUrl" IS NOT NULL AND OLD."audioDeletedAt" IS NULL)
          EXECUTE FUNCTION sessions_fcgi.session_deleted();
      END IF;
    END
    $migrate$;
    """
  }
}
