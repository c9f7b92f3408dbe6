"""Web servers other than the stack's nginx, with the files of scripts/hosting.

What is written here is what a host has set up, as far as it matters; the rest are those files.
"""

import base64
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import socket

import pytest
from logged import Logged
from private_stack import PASSWORD

from stack.directory import ROOT
from stack.ports import free_port
from stack.responder import UNLIMITED

HOSTING = ROOT / "scripts" / "hosting"
ACCOUNT = "www-data"
# The least that .htaccess needs to be allowed, and what Apache refuses for a test.
APACHE = """\
ServerRoot "{path}"
DefaultRuntimeDir "{path}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{path}/apache.pid"
ErrorLog "{path}/error.log"
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authn_file_module {modules}/mod_authn_file.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_basic_module {modules}/mod_auth_basic.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule headers_module {modules}/mod_headers.so
DocumentRoot "{path}/public_html"
<Directory "{path}/public_html">
  AllowOverride AuthConfig FileInfo Options=ExecCGI
  Require all granted
</Directory>
<FilesMatch "^[.]ht">
  Require all denied
</FilesMatch>
<Directory "{path}/public_html/api">
  RedirectMatch 500 "^/api/sessions/refused-500$"
  RedirectMatch 502 "^/api/sessions/refused-502$"
  RedirectMatch 503 "^/api/sessions/refused-503$"
  RedirectMatch 504 "^/api/sessions/refused-504$"
</Directory>
"""
CGID = """\
LoadModule cgid_module {modules}/mod_cgid.so
ScriptSock "{path}/cgid.sock"
"""
FCGID = """\
LoadModule fcgid_module {modules}/mod_fcgid.so
FcgidIPCDir "{path}"
FcgidProcessTableFile "{path}/fcgid.shm"
Include "{hosting}/apache-fcgid.conf"
"""
LIGHTTPD = """\
server.modules = ("mod_access", "mod_alias", "mod_redirect")
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{path}/public_html"
server.errorlog = "{path}/error.log"
server.upload-dirs = ("{path}")
include "{path}/lighttpd.conf"
"""


class FrontEnd(Logged):
    """A web server, and a home directory with the program as docs/shared-hosting.md says."""

    name = "front-end"
    configuration = ""
    # Files of ours beside the home directory, and what this way changes in those that there are.
    files = ()
    edits = ()
    # Whether a body in chunks reaches the program, however long; otherwise it may end in 411.
    takes_chunks = True
    # Whether a body reaches the program while it comes, and the response the client.
    answers_early = False
    # Whether the server's own failures are told as the program's.
    refuses_in_json = True

    def __init__(self, run, program, settings):
        super().__init__(run)
        self.path = run.path
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.program, self.settings = program, settings

    def prepare(self):
        self.install()
        for name in self.files:
            shutil.copy(HOSTING / name, self.path)
        for name, old, new in self.edits:
            edit(self.path / "public_html" / "api" / name, old, new)
        values = {"path": self.path, "port": self.port, "hosting": HOSTING}
        values["modules"] = "/usr/lib/apache2/modules"
        (self.path / "conf").write_text(self.configuration.format(**values))
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            for place in [self.path, *self.path.rglob("*")]:
                os.chown(place, account.pw_uid, account.pw_gid, follow_symlinks=False)

    def install(self):
        """What docs/shared-hosting.md comes to, but the program is not copied."""
        shutil.copytree(HOSTING / "home", self.path, dirs_exist_ok=True)
        edit(self.path / "public_html" / "api" / ".htaccess", "/home/USER", str(self.path))
        ours = self.path / "sessions-fcgi"
        (ours / "sessions-fcgi").symlink_to(self.program)
        (ours / "users").write_text("")
        temporary = self.run.subdirectory("tmp", 0o700)
        given = {**UNLIMITED, "TEMP_DIR": str(temporary), **self.settings}
        (ours / "env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))

    def add_user(self, name):
        digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
        with open(self.path / "sessions-fcgi" / "users", "a") as users:
            users.write(f"{name}:{{SHA}}{digest}\n")

    def as_account(self, *command):
        """Apache starts nothing as root; the stack's files may lie where others do not get to."""
        if os.geteuid() != 0:
            return list(map(str, command))
        drop = [
            "setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups",
            "--pdeathsig", signal.Signals(self.stop_signal).name.removeprefix("SIG"),
            "--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search",
        ]  # fmt: skip
        return [*drop, "--", *map(str, command)]

    def stand_behind(self, sites):
        """For those that have a web server in front of them."""

    def is_ready(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
            return True

    def log_text(self):
        logs = [self.run.log(self.name), self.path / "error.log"]
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())


class Apache(FrontEnd):
    """mod_cgid: the script's standard input and output are one socket."""

    name = "apache"
    configuration = APACHE + CGID

    def command(self):
        return self.as_account(server("apache2"), "-f", self.path / "conf", "-DFOREGROUND")


class ApacheFastCGI(Apache):
    name = "apache-fcgid"
    configuration = APACHE + FCGID
    edits = ((".htaccess", "SetHandler cgi-script", "SetHandler fcgid-script"),)


class Lighttpd(FrontEnd):
    """mod_cgi, which takes the whole body first."""

    name = "lighttpd"
    configuration, files = LIGHTTPD, ("lighttpd.conf",)
    refuses_in_json = False

    def prepare(self):
        super().prepare()
        edit(self.path / "lighttpd.conf", "/home/USER", str(self.path))

    def command(self):
        return self.as_account(server("lighttpd"), "-D", "-f", self.path / "conf")


class StreamingLighttpd(Lighttpd):
    """The same, which passes the body on as it comes."""

    name = "lighttpd-streaming"
    takes_chunks, answers_early = False, True

    def prepare(self):
        super().prepare()
        streams = "server.stream-request-body ="
        edit(self.path / "lighttpd.conf", f"{streams} 0", f"{streams} 2")


class FcgiWrap(FrontEnd):
    """CGI programs behind nginx; it starts them itself."""

    name = "fcgiwrap"
    nginx_edits = ()

    @property
    def socket(self):
        return self.path / "fcgiwrap.sock"

    def command(self):
        return self.as_account(server("fcgiwrap"), "-c", "4", "-s", f"unix:{self.socket}")

    def is_ready(self):
        return self.socket.exists()

    def stand_behind(self, sites):
        """nginx in front, with the files that ship."""
        moved = [
            ("fcgiwrap.conf", "/home/USER", str(self.path)),
            ("fcgiwrap-upstream.conf", "/run/fcgiwrap.socket", str(self.socket)),
        ]
        nginx = sites.nginx(
            self.socket, upstream="include sessions-fcgi/fcgiwrap-upstream.conf;",
            server="include sessions-fcgi/fcgiwrap.conf;", edits=[*moved, *self.nginx_edits],
        )  # fmt: skip
        self.url, self.add_user = nginx.url, nginx.add_user


class StreamingFcgiWrap(FcgiWrap):
    """The same, which gets the body as it comes; it passes on what was said once all is over."""

    name = "fcgiwrap-streaming"
    buffering = "fastcgi_request_buffering"
    nginx_edits = (("fastcgi.conf", f"{buffering} on", f"{buffering} off"),)


FRONT_ENDS = [Apache, ApacheFastCGI, Lighttpd, StreamingLighttpd, FcgiWrap, StreamingFcgiWrap]


def edit(file, old, new):
    text = file.read_text()
    assert old in text, f"{old!r} is not in {file.name}"
    file.write_text(text.replace(old, new))


def server(name):
    """Debian keeps servers out of a user's PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found:
        pytest.fail(f"{name} is not installed (scripts/install test)")
    return found
