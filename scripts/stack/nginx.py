"""nginx in front, with the configuration files that the project ships."""

import base64
import hashlib
import http.client
import os
import shutil
import signal

from .directory import ROOT, StackError
from .part import Part, plain_environment
from .ports import is_free

SHIPPED = ROOT / "nginx"
RECORDINGS = """\
include sessions-fcgi/audio.conf;
        proxy_ssl_trusted_certificate "{ca}";
        # There is no DNS server here; nginx also knows the names that stand in its configuration.
        location = /_sessions/name-of-storage {{
            internal;
            proxy_pass {endpoint};
        }}"""
ORIGINS = """\
map $http_origin $sessions_allowed_origin {{
        default "";
        {lines}
    }}"""
VERSION = 'map "" $sessions_version {{ default "{version}"; }}\n'
USERS = {"demo": "demo", "guest": "guest"}


class Nginx(Part):
    name = "nginx"
    stop_signal = signal.SIGQUIT  # finishes what is in flight
    stop_seconds = 15

    def __init__(self, run, port, responder_socket, users=USERS, name="nginx"):
        super().__init__(run)
        self.name = name
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.users = users
        self.responder_socket = responder_socket
        self.identity = "basic"
        self.storage = None  # (endpoint, CA file): recordings come from there, not the program
        self.template = SHIPPED / "development.conf.in"
        self.directory = run.subdirectory(name)
        self.program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not self.program:
            raise StackError("nginx is not installed (scripts/install run)")

    def prepare(self):
        if not is_free(self.port):
            raise StackError(
                f"port {self.port} is taken by another program: choose one, PORT=8081 scripts/run"
            )
        self.run.subdirectory(f"{self.name}/tmp", 0o700)
        self._install()
        # The passwords are in the README; a slow hash would only slow the load test.
        lines = [f"{name}:{{PLAIN}}{password}\n" for name, password in self.users.items()]
        self.run.write_private(f"{self.name}/sessions-fcgi-users", "".join(lines))
        (self.directory / "nginx.conf").write_text(self.configuration())

    def _install(self):
        """Beside nginx.conf, by the name it has in /etc/nginx, so that the same includes hold."""
        installed = self.directory / "sessions-fcgi"
        shutil.rmtree(installed, ignore_errors=True)
        installed.mkdir()
        (installed / "auth").mkdir()
        for file in SHIPPED.rglob("*.conf"):
            (installed / file.relative_to(SHIPPED)).symlink_to(file)
        version = os.environ.get("PAGES_VERSION", version_of(SHIPPED / "html"))
        (installed / "version.conf").unlink()
        (installed / "version.conf").write_text(VERSION.format(version=version))
        (installed / "html").symlink_to(SHIPPED / "html")
        (installed / "identity.conf").symlink_to(f"identity-{self.identity}.conf")

    def configuration(self):
        text = self.template.read_text()
        recordings = ""
        if self.storage:
            endpoint, ca = self.storage
            recordings = RECORDINGS.format(endpoint=endpoint, ca=ca)
        # The same list as the program's (responder.py).
        origins = os.environ.get("ALLOWED_ORIGINS", "").replace(",", " ").split()
        lines = " ".join(f'"{origin}" $http_origin;' for origin in origins)
        values = {
            "ORIGINS": ORIGINS.format(lines=lines) if origins else "",
            "CORS": "include sessions-fcgi/cors.conf;" if origins else "",
            "RECORDINGS": recordings,
            "USER": "user root;" if os.geteuid() == 0 else "",
            "PORT": str(self.port),
            "DIRECTORY": str(self.directory),
            "LOG": str(self.run.log(f"{self.name}-access")),
            "RESPONDER": str(self.responder_socket),
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        return text

    def command(self):
        return [
            self.program, "-p", str(self.directory), "-c", str(self.directory / "nginx.conf"),
            "-e", "stderr", "-g", "daemon off;",
        ]  # fmt: skip

    def environment(self):
        return plain_environment()

    def is_ready(self):
        """It answers a user's request, so all that is behind it does."""
        name, password = next(iter(self.users.items()))
        token = base64.b64encode(f"{name}:{password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Authorization": f"Basic {token}"}
            connection.request("GET", "/api/sessions?limit=1", headers=headers)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def version_of(pages):
    """Of their content, as the line in nginx/README.md makes it."""
    lines = []
    for file in sorted(pages.rglob("*"), key=str):
        if file.is_file():
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            lines.append(f"{digest}  {file.relative_to(pages)}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]
