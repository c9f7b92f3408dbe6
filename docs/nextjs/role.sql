-- What a role of its own needs, here called sessions_fcgi, beside an app in the schema public.
-- Run by the role that ran `migrate`, once.
GRANT USAGE ON SCHEMA public, sessions_fcgi TO sessions_fcgi;
-- DELETE on all but speaking_sessions is for `erase` alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON users, speaking_sessions TO sessions_fcgi;
GRANT SELECT, DELETE ON transcripts, insights TO sessions_fcgi;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sessions_fcgi TO sessions_fcgi;
-- For what a later `migrate` makes.
ALTER DEFAULT PRIVILEGES IN SCHEMA sessions_fcgi
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sessions_fcgi;
