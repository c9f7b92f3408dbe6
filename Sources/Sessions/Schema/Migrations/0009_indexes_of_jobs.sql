-- Indexes by which the outbox finds what is due, whatever else waits.

-- Those of one kind must not have to be passed over to find one of another.
CREATE INDEX IF NOT EXISTS "jobs_delete_dueAt_idx" ON sessions_fcgi.jobs ("dueAt")
  WHERE kind = 'delete';
CREATE INDEX IF NOT EXISTS "jobs_publish_dueAt_idx" ON sessions_fcgi.jobs ("dueAt")
  WHERE kind = 'publish';
CREATE INDEX IF NOT EXISTS "jobs_upload_createdAt_idx" ON sessions_fcgi.jobs ("createdAt")
  WHERE kind = 'upload';

-- To drop the one that they replace waits for whoever works on a job, and all others would wait
-- behind that. It does no harm where it stays.
DO $migrate$
DECLARE
  before CONSTANT text := current_setting('lock_timeout');
BEGIN
  SET LOCAL lock_timeout = '100ms';
  BEGIN
    DROP INDEX sessions_fcgi."jobs_dueAt_idx";
  EXCEPTION WHEN lock_not_available OR undefined_object THEN
    NULL;
  END;
  PERFORM set_config('lock_timeout', before, true);
END
$migrate$;
