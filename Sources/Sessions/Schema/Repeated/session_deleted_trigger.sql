-- The trigger on the app's table. `prisma migrate reset` drops it with the table.

DO $migrate$
BEGIN
  -- The first version's had a condition, which names columns: the app could not drop those.
  IF EXISTS (
    SELECT FROM pg_catalog.pg_trigger
    WHERE tgrelid = to_regclass('speaking_sessions')
      AND tgname = 'sessions_fcgi_deleted' AND tgqual IS NOT NULL)
  THEN
    DROP TRIGGER sessions_fcgi_deleted ON speaking_sessions;
  END IF;
  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger
    WHERE tgrelid = to_regclass('speaking_sessions')
      AND tgname = 'sessions_fcgi_deleted')
  THEN
    CREATE TRIGGER sessions_fcgi_deleted AFTER DELETE ON speaking_sessions
      FOR EACH ROW EXECUTE FUNCTION sessions_fcgi.session_deleted();
  END IF;
END
$migrate$;
