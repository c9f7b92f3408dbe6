-- Our schema, and the record of what has been done to it.

DO $migrate$
BEGIN
  -- Not IF NOT EXISTS, which wants the right to make schemas even where this one is there.
  IF to_regnamespace('sessions_fcgi') IS NULL THEN
    CREATE SCHEMA sessions_fcgi;
  END IF;
END
$migrate$;

CREATE TABLE IF NOT EXISTS sessions_fcgi.schema_version (
  version integer PRIMARY KEY,
  "installedAt" timestamp(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
  "appSchema" text);

-- The first version had one row and no name for it.
ALTER TABLE sessions_fcgi.schema_version
  ADD COLUMN IF NOT EXISTS name text,
  ADD COLUMN IF NOT EXISTS checksum text;
