-- The trigger on the app's table. `prisma migrate reset` drops it with the table.

DO $migrate$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger
    WHERE tgrelid = to_regclass('speaking_sessions')
      AND tgname = 'sessions_fcgi_deleted')
  THEN
    CREATE TRIGGER sessions_fcgi_deleted AFTER DELETE ON speaking_sessions
      FOR EACH ROW WHEN (OLD."audioUrl" IS NOT NULL AND OLD."audioDeletedAt" IS NULL)
      EXECUTE FUNCTION sessions_fcgi.session_deleted();
  END IF;
END
$migrate$;
