"""The app that had /api/sessions before: its handlers, on the same tables and the same bucket."""

import json
import re
import threading
from datetime import datetime
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs

import psycopg
from joserfc import jwe, jwk
from joserfc.errors import JoseError
from psycopg.rows import dict_row
from tokens import CBC, session_key

COOKIE = "__Secure-authjs.session-token"
MAX_AUDIO_BYTES = 50 * 1024 * 1024
NEW_ID = "'c' || substr(md5(random()::text), 1, 24)"
NOW = "now() AT TIME ZONE 'UTC'"


class File(NamedTuple):
    size: int
    type: str
    data: bytes


class NextApp:
    """On loopback, in a thread; it knows users by Auth.js's cookie.

    `before_put` is called before a recording is stored, `identity` with a session at
    /api/auth/identity; where `store_fails`, no recording is deleted.
    """

    def __init__(self, database_url, bucket, secret):
        self.database_url, self.bucket = database_url, bucket
        self.key = jwk.OctKey.import_key(session_key(secret, COOKIE))
        self.before_put = lambda: None
        self.store_fails = False
        self.identity = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def recording(self, key):
        """As the app's processing and its player get it."""
        found = self.bucket.get(key)
        return found and found[0]

    # Requests

    def answer(self, method, target, headers, body):
        path, _, query = target.partition("?")
        session = self._session(headers.get("Cookie", ""))
        if path == "/api/auth/identity":
            return self.identity(session)
        route = re.fullmatch("/api/sessions(?:/([^/]+))?", path)
        if not route:
            return 404, {}, "<!DOCTYPE html><title>404: This page could not be found.</title>"
        if session is None:
            return failure(401, "Unauthorized", "UNAUTHORIZED")
        try:
            with psycopg.connect(
                self.database_url, autocommit=True, row_factory=dict_row
            ) as database:
                if route[1]:
                    return self._one(database, method, session["user"], route[1])
                if method == "POST":
                    return self._create(database, session["user"], headers["Content-Type"], body)
                return self._list(database, session["user"], parse_qs(query))
        except Exception:
            return failure(500, "Failed", "INTERNAL_ERROR")

    def _session(self, cookies):
        cookie = SimpleCookie(cookies).get(COOKIE)
        try:
            token = jwe.decrypt_compact(cookie.value, self.key, algorithms=["dir", CBC])
        except (AttributeError, JoseError):
            return None
        claims = json.loads(token.plaintext)
        return {"user": {name: claims.get(name) for name in ("externalId", "email", "name")}}

    def _create(self, database, user, content_type, body):
        fields = form_data(content_type, body)
        audio, duration = fields.get("audio"), fields.get("duration")
        if not audio:
            return failure(400, "Audio file is required", "MISSING_AUDIO")
        if not duration or not re.fullmatch(r"-?\d+(\.\d+)?", duration):
            return failure(400, "Valid duration is required", "INVALID_DURATION")
        if audio.size > MAX_AUDIO_BYTES:
            return failure(413, "File size exceeds 50MB limit", "INVALID_FILE")
        if not audio.type.startswith("audio/"):
            return failure(400, "File must be an audio file", "INVALID_FILE")
        owner = user_id(database, user) or database.execute(
            'INSERT INTO users (id, "externalId", email, "displayName", "updatedAt")'
            f" VALUES ({NEW_ID}, %s, %s, %s, {NOW}) RETURNING id",
            list(user.values()),
        ).fetchone()["id"]  # fmt: skip
        session = database.execute(
            "INSERT INTO speaking_sessions"
            ' (id, "userId", "durationSecs", language, topic, "createdAt", "updatedAt")'
            f" VALUES ({NEW_ID}, %s, %s, %s, %s, {NOW}, {NOW}) RETURNING id",
            [owner, int(duration), fields.get("language") or "en", fields.get("topic") or None],
        ).fetchone()["id"]
        extension = audio.type.split("/")[1] or "webm"
        key = f"sessions/{owner}/{session}/audio.{extension}"
        self.before_put()
        self.bucket.client.put_object(
            Bucket=self.bucket.name, Key=key, Body=audio.data, ContentType=audio.type
        )
        made = database.execute(
            "UPDATE speaking_sessions SET \"audioUrl\" = %s, status = 'UPLOADED',"
            f' "updatedAt" = {NOW} WHERE id = %s RETURNING id, status, "createdAt"',
            [key, session],
        ).fetchone()
        return 201, {}, {**made, "estimatedWaitSecs": 30}

    def _list(self, database, user, query):
        owner = user_id(database, user)
        if not owner:
            return 200, {}, {"sessions": [], "total": 0, "page": 1, "limit": 10}
        page = int(query.get("page", ["1"])[0])
        limit = int(query.get("limit", ["10"])[0])
        sessions = database.execute(
            'SELECT id, status, "durationSecs", language, topic, "createdAt", "updatedAt"'
            ' FROM speaking_sessions WHERE "userId" = %s'
            ' ORDER BY "createdAt" DESC LIMIT %s OFFSET %s',
            [owner, limit, (page - 1) * limit],
        ).fetchall()
        total = database.execute(
            'SELECT count(*) FROM speaking_sessions WHERE "userId" = %s', [owner]
        ).fetchone()["count"]
        return 200, {}, {"sessions": sessions, "total": total, "page": page, "limit": limit}

    def _one(self, database, method, user, session_id):
        owner = user_id(database, user)
        if not owner:
            return failure(404, "User not found", "USER_NOT_FOUND")
        session = database.execute(
            'SELECT * FROM speaking_sessions WHERE id = %s AND "userId" = %s', [session_id, owner]
        ).fetchone()
        if not session:
            return failure(404, "Session not found", "SESSION_NOT_FOUND")
        if method == "DELETE":
            if session["audioUrl"] and not session["audioDeletedAt"] and not self.store_fails:
                self.bucket.delete(session["audioUrl"])
            database.execute("DELETE FROM speaking_sessions WHERE id = %s", [session_id])
            return 200, {}, {"ok": True}
        transcript = database.execute(
            'SELECT * FROM transcripts WHERE "sessionId" = %s', [session_id]
        ).fetchone()
        insights = database.execute(
            'SELECT * FROM insights WHERE "sessionId" = %s ORDER BY severity DESC', [session_id]
        ).fetchall()
        return 200, {}, {**session, "transcript": transcript, "insights": insights}


def user_id(database, user):
    row = database.execute(
        'SELECT id FROM users WHERE "externalId" = %s', [user["externalId"]]
    ).fetchone()
    return row and row["id"]


def failure(status, error, code):
    return status, {}, {"error": error, "code": code}


def form_data(content_type, body):
    """The first of each name, of a form as `forms` writes it: a text, or a File."""
    boundary = re.fullmatch("multipart/form-data; boundary=(.+)", content_type)[1]
    fields = {}
    for part in body.split(f"--{boundary}".encode())[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        head, data = head.decode(), data[:-2]
        value = data
        if "filename=" in head:
            kind = re.search("Content-Type: (.+)", head)
            value = File(len(data), kind[1].strip() if kind else "", data)
        else:
            value = data.decode()
        fields.setdefault(re.search(' name="([^"]*)"', head)[1], value)
    return fields


def to_json(body):
    def iso(time):
        assert isinstance(time, datetime)
        return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"

    return json.dumps(body, default=iso, separators=(",", ":"), ensure_ascii=False)


def handler_of(app):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, said = app.answer(self.command, self.path, self.headers, body)
            kind = "text/html" if isinstance(said, str) else "application/json"
            content = (said if isinstance(said, str) else to_json(said)).encode()
            self.send_response(status)
            for name, value in {"Content-Type": kind, **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_):
            pass

    return Handler
