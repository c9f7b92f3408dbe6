-- Removes what is ours; the app's tables stay.

-- The trigger goes first: a deletion by the app must never find it without its table.
DO $uninstall$
BEGIN
  IF to_regclass('speaking_sessions') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS sessions_fcgi_deleted ON speaking_sessions;
  END IF;
END
$uninstall$;

DROP SCHEMA IF EXISTS sessions_fcgi CASCADE;
