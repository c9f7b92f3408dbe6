"""What is asked of each peer, and whether its answers are right: a wrong one ends the benchmark."""

import base64
import http.client
import json
import os
import re
import resource
import subprocess
import threading

import psycopg

from stack.part import plain_environment

from .peers import USERS

READER, WRITER = USERS
SHOWN, OWNED = 10, 200
SMALL, LARGE = 100_000, 50 << 20
CLIENTS = 8
BOUNDARY = "----benchmark-boundary"
KEYS = ["id", "status", "durationSecs", "language", "topic", "createdAt", "updatedAt"]
FILL = """
INSERT INTO users (id, "externalId", "updatedAt") VALUES ('u', %(user)s, now());
INSERT INTO speaking_sessions
    (id, "userId", status, "durationSecs", language, topic, "createdAt", "updatedAt")
  SELECT 'c' || lpad(n::text, 24, '0'), 'u', 'DONE', n, 'en', 'Topic ' || n, at, at
  FROM generate_series(1, %(count)s) AS n,
    LATERAL (SELECT timestamp '2026-01-01' + n * interval '1 minute' AS at) AS made;
"""


class WrongAnswer(Exception):
    """A peer that answers wrongly is not worth measuring."""


def require(condition, what):
    if not condition:
        raise WrongAnswer(what)


def authorization(user):
    return "Basic " + base64.b64encode(f"{user}:{USERS[user]}".encode()).decode()


class Asker:
    """A client of one user, on one connection."""

    def __init__(self, peer, user):
        self.connection = http.client.HTTPConnection("127.0.0.1", peer.front.port, timeout=60)
        self.headers = {"Authorization": authorization(user)}

    def ask(self, method, path, expected):
        self.connection.request(method, path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        require(answer.status == expected, f"{method} {path}: {answer.status} {body[:200]}")
        return json.loads(body)


def fill(peer):
    with psycopg.connect(peer.database_url, autocommit=True) as db:
        # Several statements at once take no parameters of the server's.
        psycopg.ClientCursor(db).execute(FILL, {"user": READER, "count": OWNED})
        db.execute("VACUUM ANALYZE")


def make_forms(directory):
    """The bodies that are posted, in files: the recording, then its duration."""
    file_part = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="audio"; filename="a.webm"\r\n'
        "Content-Type: audio/webm\r\n\r\n"
    )
    text_part = f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="duration"\r\n\r\n7'
    end = f"\r\n--{BOUNDARY}--\r\n"
    forms = {}
    for size in (SMALL, LARGE):
        forms[size] = directory / f"form-{size}"
        with open(forms[size], "wb") as file:
            file.write(file_part.encode() + os.urandom(size) + text_part.encode() + end.encode())
    return forms


def ab(count, clients, user, *words):
    """So many requests; fails unless all succeeded, with answers of one length.

    An answer that is cut off counts as good with ab, but for its length.
    """
    clients = min(count, clients)
    command = ["ab", "-q", "-k", "-s", "120", "-n", str(count), "-c", str(clients)]
    command += ["-H", f"Authorization: {authorization(user)}", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    require(done.returncode == 0, f"ab: {done.stderr[-500:]}")

    def number(label):
        found = re.search(rf"^{label}:\s+(\d+)", done.stdout, re.MULTILINE)
        return int(found[1]) if found else 0

    require(number("Complete requests") == count, done.stdout)
    require(number("Failed requests") + number("Non-2xx responses") == 0, done.stdout)


def list_sessions(peer, count):
    ab(count, CLIENTS, READER, f"{peer.url}?page=1&limit={SHOWN}")


def check_list(peer):
    shown = Asker(peer, READER).ask("GET", f"/api/sessions?page=1&limit={SHOWN}", 200)
    peer.asked += 1
    ids = [session["id"] for session in shown["sessions"]]
    newest = [f"c{number:024}" for number in range(OWNED, OWNED - SHOWN, -1)]
    require(ids == newest, f"{peer.name} lists {ids}")
    require(all(list(session) == KEYS for session in shown["sessions"]), f"{peer.name}'s keys")
    rest = {name: shown[name] for name in ("total", "page", "limit")}
    require(rest == {"total": OWNED, "page": 1, "limit": SHOWN}, f"{peer.name}: {rest}")
    require(shown["sessions"][0]["createdAt"] == "2026-01-01T03:20:00.000Z", f"{peer.name}'s times")


def upload(peer, count, form, clients):
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    ab(count, clients, WRITER, "-p", str(form), "-T", content_type, peer.url)


def uploaded(peer):
    """The keys, by session, of what the clients here posted."""
    query = """SELECT s.id, s."audioUrl" FROM speaking_sessions s JOIN users u ON u.id = "userId"
        WHERE "externalId" = %s AND status = 'UPLOADED' AND "durationSecs" = 7"""
    with psycopg.connect(peer.database_url) as db:
        return dict(db.execute(query, [WRITER]).fetchall())


def delete(peer, ids):
    """By several clients at once."""
    waiting, failures = list(ids), []

    def run():
        asker = Asker(peer, WRITER)
        try:
            while waiting and not failures:
                answer = asker.ask("DELETE", f"/api/sessions/{waiting.pop()}", 200)
                require(answer == {"ok": True}, f"{peer.name} deletes with {answer}")
        except IndexError:
            pass  # another took the last one
        except (WrongAnswer, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


# Without a server


def cgi_environment(peer):
    return {
        **plain_environment(), **peer.backend.environment(), "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_METHOD": "GET", "REQUEST_URI": f"/api/sessions?page=1&limit={SHOWN}",
        "SCRIPT_NAME": "/api/sessions", "QUERY_STRING": f"page=1&limit={SHOWN}",
        "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "localhost", "HTTP_HOST": "localhost",
        "REMOTE_USER": READER,
    }  # fmt: skip


def list_as_cgi(peer, count):
    answer, seconds = run_command(peer.cgi, cgi_environment(peer), count)
    shown = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    require(len(shown["sessions"]) == SHOWN, f"{peer.name} as CGI: {answer[:200]}")
    return seconds


def run_command(command, environment, count):
    """What the last of so many runs printed, and the CPU seconds of one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(count):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True
        )
        require(done.returncode == 0, f"{command}: {done.stderr[-300:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, used / count
