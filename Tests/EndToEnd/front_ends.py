"""Web servers other than the stack's nginx, which start the program as docs/deployment.md says."""

import base64
import contextlib
import hashlib
import os
import pwd
import shlex
import shutil
import signal
import socket

import pytest
from logged import Logged
from private_stack import PASSWORD

from stack.part import plain_environment
from stack.ports import free_port
from stack.responder import UNLIMITED

ACCOUNT = "www-data"
# What Apache needs to ask for a password and to start a script.
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
ScriptAliasMatch "^/api/sessions(/|$)" "{path}/sessions"
<Directory "{path}">
  Require all granted
</Directory>
<Location "/api/sessions">
  AuthType Basic
  AuthName "sessions"
  AuthUserFile "{path}/users"
  <RequireAny>
    Require valid-user
    Require expr "{preflight}"
  </RequireAny>
  {handler}
</Location>
{more}
"""
PREFLIGHT = (
    "%{REQUEST_METHOD} == 'OPTIONS' && -n %{HTTP:Origin}"
    " && -n %{HTTP:Access-Control-Request-Method}"
)
CGID = """\
LoadModule cgid_module {modules}/mod_cgid.so
ScriptSock "{path}/cgid.sock"
"""
FCGID = """\
LoadModule fcgid_module {modules}/mod_fcgid.so
FcgidIPCDir "{path}"
FcgidProcessTableFile "{path}/fcgid.shm"
FcgidMaxRequestLen 54000000
FcgidIOTimeout 300
FcgidMaxProcessesPerClass 2
"""
LIGHTTPD = """\
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{path}"
server.errorlog = "{path}/error.log"
server.upload-dirs = ("{path}")
server.stream-request-body = {streams}
server.modules = ("mod_auth", "mod_authn_file", "mod_alias", "mod_cgi")
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "{path}/users"
auth.require = ("/api/sessions" =>
  ("method" => "basic", "realm" => "sessions", "require" => "valid-user"))
alias.url = ("/api/sessions" => "{path}/sessions")
$HTTP["url"] =~ "^/api/sessions(/|$)" {{
  cgi.assign = ("" => "")
}}
"""
NGINX = """\
daemon off;
pid "{path}/nginx.pid";
events {{}}
http {{
  access_log off;
  client_body_temp_path "{path}/body";
  proxy_temp_path "{path}/proxy";
  fastcgi_temp_path "{path}/fastcgi";
  uwsgi_temp_path "{path}/uwsgi";
  scgi_temp_path "{path}/scgi";
  client_max_body_size 60m;
  server {{
    listen 127.0.0.1:{port};
    location /api/sessions {{
      auth_basic sessions;
      auth_basic_user_file "{path}/users";
      include /etc/nginx/fastcgi_params;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param SCRIPT_FILENAME "{path}/sessions";
      fastcgi_request_buffering {buffering};
      fastcgi_pass "unix:{path}/fcgiwrap.sock";
    }}
  }}
}}
"""


class FrontEnd(Logged):
    """A web server, with a script that starts the program with these settings."""

    name = "front-end"
    configuration = ""
    # Whether a body in chunks reaches the program, however long; otherwise it may end in 411.
    takes_chunks = True
    # Whether a body reaches the program while it comes, and the response the client.
    answers_early = False
    # Whether a preflight passes without credentials.
    passes_preflights = False

    def __init__(self, run, program, settings):
        super().__init__(run)
        self.path = run.path
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.values = {"path": self.path, "port": self.port, "modules": "/usr/lib/apache2/modules"}
        self.program, self.settings = program, settings

    def prepare(self):
        temporary = self.run.subdirectory("tmp", 0o700)
        given = {**plain_environment(), **UNLIMITED, "TEMP_DIR": str(temporary), **self.settings}
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in given.items()]
        script = self.path / "sessions"
        program = shlex.quote(str(self.program))
        script.write_text(f"#!/bin/sh\n{''.join(lines)}exec {program}\n")
        script.chmod(0o755)
        (self.path / "users").write_text("")
        (self.path / "conf").write_text(self.configuration.format(**self.values))
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            for place in [self.path, temporary, *self.path.iterdir()]:
                os.chown(place, account.pw_uid, account.pw_gid)

    def add_user(self, name):
        digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
        with open(self.path / "users", "a") as users:
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
    configuration, more, handler = APACHE, CGID, ""
    stop_signal = signal.SIGTERM
    passes_preflights = True

    def prepare(self):
        self.values["preflight"] = PREFLIGHT
        self.values["handler"] = self.handler
        self.values["more"] = self.more.format(**self.values)
        super().prepare()

    def command(self):
        return self.as_account(server("apache2"), "-f", self.path / "conf", "-DFOREGROUND")


class ApacheFastCGI(Apache):
    name = "apache-fcgid"
    more, handler = FCGID, "SetHandler fcgid-script"


class Lighttpd(FrontEnd):
    """mod_cgi, which takes the whole body first."""

    name = "lighttpd"
    configuration, streams = LIGHTTPD, 0

    def prepare(self):
        self.values["streams"] = self.streams
        super().prepare()

    def command(self):
        return self.as_account(server("lighttpd"), "-D", "-f", self.path / "conf")


class StreamingLighttpd(Lighttpd):
    """The same, which passes the body on as it comes."""

    name = "lighttpd-streaming"
    streams, takes_chunks, answers_early = 2, False, True


class FcgiWrap(FrontEnd):
    """CGI programs behind nginx; it starts them itself."""

    name = "fcgiwrap"
    configuration, buffering = NGINX, "on"

    def prepare(self):
        self.values["buffering"] = self.buffering
        super().prepare()

    def command(self):
        nginx = shlex.join([server("nginx"), "-p", str(self.path), "-e", "error.log", "-c", "conf"])
        wrap = shlex.join([server("fcgiwrap"), "-c", "4", "-s", f"unix:{self.path}/fcgiwrap.sock"])
        return self.as_account("sh", "-c", f"trap 'kill 0' TERM; {wrap} & {nginx} & wait")


class StreamingFcgiWrap(FcgiWrap):
    """The same, which gets the body as it comes; it passes on what was said once all is over."""

    name = "fcgiwrap-streaming"
    buffering = "off"


FRONT_ENDS = [Apache, ApacheFastCGI, Lighttpd, StreamingLighttpd, FcgiWrap, StreamingFcgiWrap]


def server(name):
    """Debian keeps servers out of a user's PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found:
        pytest.fail(f"{name} is not installed (scripts/install test)")
    return found
