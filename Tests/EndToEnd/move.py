"""A site whose app had /api/sessions: the app, nginx in front, and sessions-fcgi beside it."""

import contextlib
import json
import secrets
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import requests
from authorizer import Authorizer
from certificates import make_certificate
from client import RawAnswer, remember
from documents import follow
from forms import audio, form, text
from next_app import COOKIE, NextApp
from sites import TestNginx
from tenant import Tenant
from tokens import session
from waiting import wait_until

from stack.directory import ROOT, RunDirectory
from stack.part import plain_environment
from stack.ports import free_port

GUIDE = "docs/from-nextjs.md"
ROLE = "sessions_fcgi"
SWITCH = "include sessions-fcgi/beside-app.conf;"


class Move:
    """Set up to where the guide has the first look; what is started ends with `parts`."""

    def __init__(self, stack, sites, directory, parts):
        self.secret = secrets.token_urlsafe(33)
        self.tenant = Tenant(stack, sites)
        # Goes after the database in which it has rights.
        parts.enter_context(role_beside(self.tenant))
        parts.enter_context(self.tenant)
        self._prepare_database()
        self.app = NextApp(self.tenant.database_url, self.tenant.bucket, self.secret)
        parts.enter_context(self.app)
        self.run = RunDirectory(directory)
        settings = {"AUTH_SECRET": self.secret}
        self.authorizer = Authorizer(self.run, stack.program, settings)
        self.responder = self.serve()
        authority = make_certificate(directory / "authority")
        self.trusted = authority.chain
        self.front = AppSite(self, make_certificate(directory / "site", authority))
        for part in (self.authorizer, self.front):
            part.prepare()
            part.start()
            parts.callback(part.stop)
            assert part.wait_until_ready(20), part.log_text()

    def _prepare_database(self):
        """The app's tables as its own migrations make them, and then what the guide types."""
        self.tenant.command("migrate", "--uninstall")
        self.tenant.execute('CREATE TABLE "_prisma_migrations" (id varchar(36) PRIMARY KEY)')
        self.tables_before = self.tables()
        self.status_before = self.tenant.run("migrate", "--status")
        follow(GUIDE, "role.sql", self.tenant, ROOT)

    def tables(self):
        """All that the app's schema consists of, but for triggers."""
        return self.tenant.execute("""
            SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull,
              pg_get_expr(adbin, adrelid)
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE relnamespace = 'public'::regnamespace AND attnum > 0
            UNION ALL
            SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), true, NULL
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL
            SELECT tablename::text, indexname, indexdef, true, NULL
            FROM pg_indexes WHERE schemaname = 'public'
            ORDER BY 1, 2, 3
        """).fetchall()  # fmt: skip

    def serve(self, **changed):
        return self.tenant.responder(DATABASE_URL=self.tenant.url_as(ROLE), **changed)

    def user(self):
        """Signed in, and never seen before."""
        return Browser(self, f"user-{secrets.token_hex(6)}")

    def nobody(self):
        return Browser(self, None)


@contextlib.contextmanager
def role_beside(tenant):
    password = urlsplit(tenant.database_url).password
    with psycopg.connect(tenant.url_as("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'")
        try:
            yield
        finally:
            admin.execute(f"DROP ROLE {ROLE}")


class AppSite(TestNginx):
    """nginx with nginx/beside-app-site.conf, by ports and sockets of its own."""

    is_switched = False

    def __init__(self, move, certificate):
        super().__init__(move.run, free_port(), move.responder.socket, {})
        self.identity = "auth-request"
        look = free_port()
        self.url, self.look = (f"https://localhost:{port}" for port in (self.port, look))
        self.edited = {
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "listen 8443 ": f"listen 127.0.0.1:{look} ",
            "app.example": "localhost",
            "127.0.0.1:3000": move.app.url.removeprefix("http://"),
            "/run/sessions-fcgi/sessions.sock": str(move.responder.socket),
            "/run/sessions-fcgi/authorize.sock": str(move.authorizer.socket),
            "/etc/ssl/certs/ssl-cert-snakeoil.pem": certificate.chain,
            "/etc/ssl/private/ssl-cert-snakeoil.key": certificate.key,
            "/var/log/nginx/app.log": str(self.run.log("app-access")),
        }

    def configuration(self):
        site = (self.directory / "sessions-fcgi" / "beside-app-site.conf").read_text()
        for old, new in self.edited.items():
            assert old in site, old
            site = site.replace(old, new)
        assert site.count(f"    # {SWITCH}\n") == 1
        if self.is_switched:
            site = site.replace(f"# {SWITCH}", SWITCH)
        head, _, _ = super().configuration().partition("include sessions-fcgi/variables.conf;")
        return f"{head}\n{site}\n}}\n".replace("worker_processes 2", "worker_processes 1")

    def switch(self, on):
        """As the guide does it: that one line, and a reload."""
        if on != self.is_switched:
            self.is_switched = on
            self.reload()

    @contextlib.contextmanager
    def asking_the_app(self):
        """With the other file that says who the user is, as beside-app.conf tells."""
        file = self.directory / "sessions-fcgi" / "beside-app.conf"
        shipped = file.read_text()
        assert "auth/authjs.conf" in shipped
        file.unlink()
        file.write_text(shipped.replace("auth/authjs.conf", "auth/app.conf"))
        self.reload()
        try:
            yield
        finally:
            file.write_text(shipped)
            self.reload()

    def reload(self):
        (self.directory / "nginx.conf").write_text(self.configuration())
        before = set(self._workers())
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self._takes_over(before), "new workers alone take connections")

    def _takes_over(self, before):
        workers = self._workers()
        serving = {pid for pid, title in workers.items() if "shutting down" not in title}
        return serving and not serving & before

    def _workers(self):
        task = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        titles = {}
        for pid in Path(task).read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                titles[pid] = Path(f"/proc/{pid}/cmdline").read_text()
        return titles


class Browser:
    """One user's, signed in by Auth.js's cookie; without a name nobody's."""

    def __init__(self, move, name):
        self.move, self.name = move, name
        now = int(time.time())
        claims = {"externalId": name, "name": "Zoë 100%", "email": "a@example.com"}
        claims |= {"iat": now, "exp": now + 600}
        self.cookies = {COOKIE: session(claims, move.secret, COOKIE)} if name else {}

    def ask(self, method="GET", path="", form_parts=None, at=None, headers=None):
        """`at` is where, if not the site's own address."""
        sent = {"Origin": self.move.front.url} if method in {"POST", "DELETE"} else {}
        data = None
        if form_parts is not None:
            data, sent["Content-Type"] = form(*form_parts)
        answer = requests.request(
            method, f"{at or self.move.front.url}/api/sessions{path}", data=data,
            headers={**sent, **(headers or {})}, cookies=self.cookies, timeout=60,
            verify=self.move.trusted, allow_redirects=False,
        )  # fmt: skip
        remember(answer.headers, answer.content)
        return answer

    def upload(self, data=b"spoken", at=None, **fields):
        texts = [text(name, value) for name, value in {"duration": "3", **fields}.items()]
        answer = self.ask("POST", form_parts=[audio(data), *texts], at=at)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def ids(self, at=None):
        return {item["id"] for item in self.ask(path="?limit=100", at=at).json()["sessions"]}


class HalfAnUpload:
    """One of which nginx has begun to take the body."""

    def __init__(self, browser, *parts):
        self.body, content_type = form(*parts)
        url = browser.move.front.url
        context = ssl.create_default_context(cafile=browser.move.trusted)
        address = urlsplit(url)
        plain = socket.create_connection(("127.0.0.1", address.port), timeout=20)
        self.socket = context.wrap_socket(plain, server_hostname=address.hostname)
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        head = {
            "Host": address.netloc, "Origin": url, "Cookie": cookies, "Content-Type": content_type,
            "Content-Length": len(self.body), "Expect": "100-continue", "Connection": "close",
        }  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self.socket.sendall(f"POST /api/sessions HTTP/1.1\r\n{lines}\r\n".encode())
        assert self.socket.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def finish(self):
        """Sends what is left; the session's id."""
        self.socket.sendall(self.body)
        received = b""
        while piece := self.socket.recv(65536):
            received += piece
        answer = RawAnswer(received)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


class AppFiles:
    """The files of docs/nextjs in an app, as Next.js finds them, run by Node.js."""

    def __init__(self, directory):
        self.directory = directory
        for file in (ROOT / "docs" / "nextjs").iterdir():
            if file.suffix in {".ts", ".mjs"}:
                # Without types, which Node.js would not take.
                (directory / file.with_suffix(".mjs").name).write_text(file.read_text())
        features = directory / "node_modules" / "@" / "features"
        features.mkdir(parents=True)
        exports = {"./auth/auth": "./auth.js"}
        about = {"name": "@/features", "type": "module", "exports": exports}
        (features / "package.json").write_text(json.dumps(about))
        (features / "auth.js").write_text(
            "export const auth = async () => JSON.parse(process.env.SESSION ?? 'null');"
        )

    def run(self, script, **environment):
        """What the script, a module in the app's directory, says as JSON."""
        done = subprocess.run(
            ["node", "--input-type=module", "-e", script], cwd=self.directory, check=True,
            capture_output=True, timeout=20, env={**plain_environment(), **environment},
        )  # fmt: skip
        return json.loads(done.stdout)

    def identity(self, session):
        """The answer of the route, for `NextApp`."""
        status, headers = self.run(
            'import { GET } from "./identity-route.mjs"; const answer = await GET();'
            "console.log(JSON.stringify([answer.status, [...answer.headers]]));",
            SESSION=json.dumps(session),
        )
        return status, dict(headers), ""
