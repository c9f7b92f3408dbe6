"""What is compared: each peer is a backend, an nginx in front of it and a database of its own."""

import http.client
import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

from stack.directory import ROOT
from stack.nginx import Nginx
from stack.part import Part, plain_environment
from stack.ports import free_port
from stack.responder import Responder

from .processes import WrongProcess, cpu_seconds, require_listener

SOURCES = ROOT / "Tests" / "Peers"
USERS = {"reader": "secret", "writer": "secret"}
THREADS = 32  # of the floor: as many as connections that two nginx workers may keep
READY_SECONDS = 30

HTTP_PROXY = """\
proxy_pass http://sessions_fcgi;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header X-Remote-User $sessions_basic_user;
proxy_read_timeout 300s;
"""
PHP_POOL = """\
[global]
error_log = {log}
[sessions]
{user}
listen = {socket}
pm = static
pm.max_children = 16
clear_env = no
php_admin_value[upload_tmp_dir] = {temporary}
php_admin_value[post_max_size] = 60M
php_admin_value[upload_max_filesize] = 60M
"""


class NotInstalled(Exception):
    """Why a peer is left out."""


class Front(Nginx):
    """The configuration that ships; `handing_over` changes the file by which a backend is asked."""

    def __init__(self, run, socket_path, name, handing_over=None):
        super().__init__(run, free_port(), socket_path, USERS, name=f"{name}-nginx")
        self.handing_over = handing_over

    def _install(self):
        super()._install()
        if self.handing_over:
            file = self.directory / "sessions-fcgi" / "fastcgi.conf"
            shipped = file.read_text()
            file.unlink()
            file.write_text(self.handing_over(shipped))


class Backend(Part):
    """A peer's process; `make_command` is told its socket's path."""

    def __init__(self, run, name, settings, make_command):
        super().__init__(run)
        self.name, self.settings = name, settings
        self.socket = run.socket(name)
        self.make_command = make_command

    def command(self):
        return self.make_command(self.socket)

    def environment(self):
        temporary = str(self.run.subdirectory("tmp", 0o700))
        return {**plain_environment(), **self.settings, "TEMP_DIR": temporary}

    def start(self):
        self.socket.unlink(missing_ok=True)
        super().start()

    def is_ready(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
                return True
            except OSError:
                return False


class Peer:
    """Ends and begins anew with each round."""

    def __init__(self, name, title, backend, handing_over=None, cgi=None):
        self.name, self.title, self.backend, self.cgi = name, title, backend, cgi
        self.front = Front(backend.run, backend.socket, name, handing_over)
        self.database_url = backend.settings["DATABASE_URL"]
        self.asked = 0  # requests that were answered as they should be
        self.front.prepare()

    @property
    def url(self):
        return f"{self.front.url}/api/sessions"

    def start(self):
        for part in (self.backend, self.front):
            part.start()
            if not part.wait_until_ready(READY_SECONDS):
                log = self.backend.run.log(part.name).read_text(errors="replace")
                raise WrongProcess(f"{part.name} did not come up:\n{log[-2000:]}")
        self.asked += 1  # by nginx's readiness
        self.check()

    def check(self):
        """That what is measured is what is asked: client, nginx, socket, backend."""
        require_listener(self.front.process.pid, self.front.port)
        require_listener(self.backend.process.pid, Path(self.backend.socket))

    def stop(self):
        # nginx first: then no kept connection has to be waited for.
        self.front.stop()
        self.backend.stop()

    def cpu(self):
        return {
            "backend": cpu_seconds(self.backend.process.pid),
            "nginx": cpu_seconds(self.front.process.pid),
        }

    def served(self):
        """How many requests nginx got an answer to from this backend, so far."""
        log = self.front.run.log(f"{self.front.name}-access").read_text()
        return log.count(" backend_status=200 ") + log.count(" backend_status=201 ")


class Ours(Responder):
    """Ready once its own health check says so, which asks database and storage."""

    def is_ready(self):
        connection = http.client.HTTPConnection("localhost", timeout=5)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(self.admin)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def ours(run, settings, program):
    backend = Ours(run, program, settings, name="ours")
    backend.migrate()
    return Peer("ours", "sessions-fcgi", backend, cgi=[str(program)])


def floor(run, settings, _):
    program = run.path / "floor"
    if not shutil.which("cc") or not shutil.which("pkg-config"):
        raise NotInstalled("no C compiler")
    flags = ["pkg-config", "--cflags", "--libs", "libpq", "openssl"]
    flags = subprocess.run(flags, check=True, capture_output=True, text=True).stdout.split()
    source = SOURCES / "floor.c"
    build = ["cc", "-O2", "-Wall", "-Wextra", "-o", program, source, "-pthread", "-lfcgi", *flags]
    subprocess.run(build, check=True)
    backend = Backend(run, "floor", settings, lambda socket: [program, socket, str(THREADS)])
    return Peer("floor", "C floor", backend, cgi=[str(program)])


def node(run, settings, _):
    places = f"{os.environ.get('NODE_PATH', '')}:/usr/share/nodejs"
    environment = {**os.environ, "NODE_PATH": places}
    look = ["node", "-e", 'require("pg")']
    if (
        not shutil.which("node")
        or subprocess.run(look, env=environment, stderr=subprocess.DEVNULL).returncode
    ):
        raise NotInstalled("node or its package pg (Debian: node-pg)")
    settings = {**settings, "NODE_PATH": places, "NODE_ENV": "production"}
    backend = Backend(
        run, "node", settings, lambda socket: ["node", SOURCES / "sessions.mjs", socket]
    )
    return Peer("node", "original on Node", backend, handing_over=lambda _: HTTP_PROXY)


def php(run, settings, _):
    programs = sorted(Path("/usr/sbin").glob("php-fpm*"))
    modules = programs and subprocess.run([programs[-1], "-m"], capture_output=True).stdout.split()
    if not programs or not {b"pgsql", b"curl"} <= set(modules):
        raise NotInstalled("php-fpm, php-pgsql or php-curl")
    pool = run.path / "php-fpm.conf"
    root = ["--allow-to-run-as-root"] if os.geteuid() == 0 else []
    command = [programs[-1], "--nodaemonize", *root, "--fpm-config", pool]
    backend = Backend(run, "php", settings, lambda _: command)
    user = pwd.getpwuid(os.geteuid()).pw_name
    pool.write_text(
        PHP_POOL.format(
            log=run.log("php-fpm"),
            user=f"user = {user}" if root else "",
            socket=backend.socket,
            temporary=run.subdirectory("tmp", 0o700),
        )
    )
    script = SOURCES / "sessions.php"

    def handing_over(shipped):
        # A kept connection would hold one of its processes.
        alone = shipped.replace("fastcgi_keep_conn on;", "fastcgi_keep_conn off;")
        return f"{alone}\nfastcgi_param SCRIPT_FILENAME {script};\n"

    return Peer("php", "PHP-FPM", backend, handing_over)


def go(run, settings, _):
    places = f"{os.environ.get('GOPATH', '')}:/usr/share/gocode"
    environment = {**os.environ, "GOPATH": places, "GO111MODULE": "off"}
    look = ["go", "list", "github.com/lib/pq"]
    if (
        not shutil.which("go")
        or subprocess.run(look, env=environment, capture_output=True).returncode
    ):
        raise NotInstalled("go or its package lib/pq (Debian: golang-go, golang-github-lib-pq-dev)")
    program = run.path / "sessions-go"
    build = ["go", "build", "-o", program, SOURCES / "sessions.go"]
    subprocess.run(build, env=environment, check=True)
    # lib/pq, unlike libpq, insists on TLS unless told otherwise.
    settings = {**settings, "PGSSLMODE": "disable"}
    backend = Backend(run, "go", settings, lambda socket: [program, socket])
    return Peer("go", "Go", backend, handing_over=lambda _: HTTP_PROXY)


KINDS = {"ours": ours, "floor": floor, "node": node, "php": php, "go": go}
