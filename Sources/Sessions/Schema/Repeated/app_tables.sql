-- The app's own tables, for a database where the app has never been.

-- As its own migrations make them, so that the program works alone and the app may take the
-- database over later. Made only where none of them is there: next to some of them the missing ones
-- are the app's to make.

DO $migrate$
BEGIN
  IF to_regclass('users') IS NOT NULL
    OR to_regclass('speaking_sessions') IS NOT NULL
    OR to_regclass('transcripts') IS NOT NULL
    OR to_regclass('insights') IS NOT NULL
  THEN
    RETURN;
  END IF;
  CREATE TYPE "SessionStatus" AS ENUM
    ('CREATED', 'UPLOADED', 'TRANSCRIBING', 'ANALYZING', 'DONE', 'FAILED');
  CREATE TABLE users (
    id text NOT NULL,
    "externalId" text NOT NULL,
    email text,
    "displayName" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id));
  CREATE UNIQUE INDEX "users_externalId_key" ON users ("externalId");
  CREATE TABLE speaking_sessions (
    id text NOT NULL,
    "userId" text NOT NULL,
    status "SessionStatus" NOT NULL DEFAULT 'CREATED',
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
      REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE INDEX "speaking_sessions_userId_createdAt_idx"
    ON speaking_sessions ("userId", "createdAt");
  CREATE TABLE transcripts (
    id text NOT NULL,
    "sessionId" text NOT NULL,
    text text NOT NULL,
    "wordCount" integer,
    CONSTRAINT transcripts_pkey PRIMARY KEY (id),
    CONSTRAINT "transcripts_sessionId_fkey" FOREIGN KEY ("sessionId")
      REFERENCES speaking_sessions (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE UNIQUE INDEX "transcripts_sessionId_key" ON transcripts ("sessionId");
  CREATE TABLE insights (
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
      REFERENCES speaking_sessions (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE INDEX "insights_sessionId_idx" ON insights ("sessionId");
END
$migrate$;
