"""What docs/several-hosts.md comes to, on hosts of a test's own, and users of it."""

import hashlib
import re
import secrets
import shlex
import signal
import threading
from pathlib import Path
from urllib.parse import urlsplit

import requests
from client import Client
from forms import audio, text
from hosts import Service, Way
from private_stack import PASSWORD
from waiting import wait_until

from stack.directory import ROOT, RunDirectory
from stack.responder import UNLIMITED

HANDLERS = ["handler-a", "handler-b"]
SOCKET = "/run/sessions-fcgi/sessions.sock"
SITE = "/etc/nginx/sessions-fcgi"


def steps():
    text = (ROOT / "docs" / "several-hosts.md").read_text()
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


class Deployment:
    """The hosts, set up by the lines of the guide, with one of the two tunnels."""

    def __init__(self, hosts, stack, tunnel):
        self.hosts, self.stack, self.tunnel = hosts, stack, tunnel
        self.run = RunDirectory(stack.path / f"hosts-{tunnel}")
        self.run.path.mkdir()
        self.parts, self.ways = {}, []
        (self.certificates, self.database, *self.handler_ends, self.web,
         web_nginx, web_stunnel, self.try_out, self.drain, self.undrain) = steps()  # fmt: skip
        self.web_ends = [web_nginx, web_stunnel]
        self.way = ["nginx", "stunnel"].index(tunnel)

    def set_up(self):
        self._distribute_certificates()
        self._set_up_database()
        for name in HANDLERS:
            self._set_up_handler(name)
        self._set_up_web()

    def _distribute_certificates(self):
        home = self.run.path
        lines = f"HOME='{home}'\n{self.certificates}"
        self.hosts["web"].follow(lines, ROOT)
        for name, host in self.hosts.by_name.items():
            host.follow(
                f"mkdir -p /etc/sessions-fcgi\ncp -rp tunnel/{name} /etc/sessions-fcgi/tunnel", home
            )

    def _set_up_database(self):
        host, url = self.hosts["database"], urlsplit(self.stack.database_url)
        self._open_way(host, None, url.port, own_port=5432)
        host.follow(f"PASSWORD={shlex.quote(url.password)}\n{self.database}", ROOT)
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        words += ["--pdeathsig=KILL", "pgbouncer", "/etc/pgbouncer/pgbouncer.ini"]
        # By another signal it might wait for its clients.
        self._start(
            host, "pgbouncer", words, lambda: host.listens_at(6432), stop_signal=signal.SIGKILL
        )
        place = f"{url.username}:{url.password}@database:6432"
        verified = "sslmode=verify-full&sslrootcert=/etc/sessions-fcgi/tunnel/authority.pem"
        self.database_url = url._replace(netloc=place, query=f"pgbouncer=true&{verified}").geturl()

    def _set_up_handler(self, name):
        host = self.hosts[name]
        store = self._open_way(host, None, urlsplit(self.stack.env["R2_ENDPOINT"]).port)
        temporary = self.run.subdirectory(f"{name}-tmp", 0o700)
        settings = {
            **UNLIMITED, **self.stack.settings, "DATABASE_URL": self.database_url,
            "R2_ENDPOINT": f"https://localhost:{store.port}", "TEMP_DIR": str(temporary),
        }  # fmt: skip
        host.follow("mkdir -p /run/sessions-fcgi", "/")
        admin = str(self.run.socket(f"{name}-admin"))
        words = [self.stack.program, "serve", "--listen", SOCKET, "--socket-group", "www-data"]
        handler = self._start(
            host, "program", [*words, "--admin-listen", admin],
            lambda: Path(admin).exists(), **settings,
        )  # fmt: skip
        handler.admin, handler.store = admin, store
        host.follow(self.handler_ends[self.way], ROOT)
        self._start_tunnel(host)

    def _set_up_web(self):
        host = self.hosts["web"]
        # A machine has its certificate already, and the load is more than an address may ask for.
        host.follow("make-ssl-cert generate-default-snakeoil --force-overwrite", "/")
        host.follow(self.web, ROOT)
        host.follow(f"sed -i 's/rate=20r/rate=1000r/' {SITE}/limits.conf", "/")
        host.follow(self.web_ends[self.way], ROOT)
        if self.tunnel == "stunnel":
            self._start_tunnel(host)
        self._start_nginx(host, 443)
        self.entrance = self._open_way(None, host, 443)
        add_user, ask = self.try_out.strip().split("\n")
        given = add_user.replace("passwd -6", f"passwd -6 {PASSWORD}")
        asked = ask.replace("-u demo", f"-fsS -u demo:{PASSWORD}")
        assert (given, asked) != (add_user, ask)
        assert '"sessions"' in host.follow(f"{given}\n{asked}", ROOT)

    def _start_tunnel(self, host):
        if self.tunnel == "nginx":
            return self._start_nginx(host, 9443)
        at_web = ["test", "-S", f"/run/sessions-fcgi-tunnel/{HANDLERS[-1]}.sock"]
        return self._start(
            host, "tunnel", ["stunnel4", "/etc/stunnel/sessions-fcgi.conf"],
            lambda: host.listens_at(9443) or host.run(*at_web).returncode == 0,
        )  # fmt: skip

    def _start_nginx(self, host, port):
        name = "nginx" if host.name == "web" else "tunnel"
        words = ["nginx", "-g", "daemon off;"]
        return self._start(
            host, name, words, lambda: host.listens_at(port), stop_signal=signal.SIGQUIT
        )

    def _start(self, host, name, words, is_ready, **settings):
        part = self.parts[host.name, name] = Service(
            self.run, host, name, words, is_ready, **settings
        )
        part.bring_up()
        return part

    def _open_way(self, here, there, port, own_port=None):
        way = Way(here, there, port, own_port)
        self.ways.append(way)
        return way

    def client(self, user="demo"):
        client = Client(f"https://127.0.0.1:{self.entrance.port}", user)
        client.http.verify = False
        return client

    def new_client(self):
        name = f"user-{secrets.token_hex(6)}"
        line = f"printf '%s:{{PLAIN}}%s\\n' {name} {PASSWORD} >>{SITE}-users"
        self.hosts["web"].follow(line, "/")
        return self.client(name)

    def program(self, name):
        return self.parts[name, "program"]

    def stop(self):
        for part in reversed(list(self.parts.values())):
            part.stop()
        for way in self.ways:
            way.set_mode("refuse")


class Users:
    """Upload and list without end, each request on a connection of its own; what came of each."""

    def __init__(self, deployment, threads=3):
        self.deployment = deployment
        self.statuses = []
        self.stored = {}
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def _run(self):
        while not self.stopped.is_set():
            self._list_and_upload(self.deployment.client(), secrets.token_bytes(20_000))

    def _list_and_upload(self, client, recording):
        client.http.headers["Connection"] = "close"
        self._ask(client.get)
        answer = self._ask(lambda: client.post(audio(recording), text("duration", "1")))
        if answer is not None and answer.status_code == 201:
            self.stored[answer.json()["id"]] = hashlib.sha256(recording).hexdigest()

    def _ask(self, ask):
        try:
            answer = ask()
        except requests.RequestException as error:
            self.statuses.append(type(error).__name__)
            return None
        self.statuses.append(answer.status_code)
        return answer

    def wait_for_more(self, count=10):
        """Answers to requests that begin now."""
        end = len(self.statuses) + count
        wait_until(lambda: len(self.statuses) > end, f"{count} more answers", 60)

    @property
    def failed(self):
        return [status for status in self.statuses if status not in (200, 201)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def told(self, db, bucket):
        """What came of it, once each upload that was acknowledged is found to be there."""
        for session, digest in self.stored.items():
            row = db.session(session)
            assert row["status"] == "UPLOADED"
            assert hashlib.sha256(bucket.get(row["audioUrl"])[0]).hexdigest() == digest
        return f"{len(self.statuses)} requests, {len(self.failed)} failed"
