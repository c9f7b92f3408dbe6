"""PgBouncer, in transaction mode: a connection is another session with each transaction."""

import os
import shutil
import signal
import socket

from logged import Logged

from stack.ports import free_port

ACCOUNT = "postgres"  # it refuses to run as root
# Where a server cannot be reached it asks again after a second, not after fifteen.
CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port={server} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
server_login_retry = 1
"""


class Pooler(Logged):
    name = "pgbouncer"
    stop_signal = (
        signal.SIGKILL
    )  # by any other it might wait for its clients, as its version has it

    def __init__(self, run, server, user, password):
        super().__init__(run)
        self.port = free_port()
        self.file = run.path / "pgbouncer.ini"
        self.file.write_text(
            CONFIGURATION.format(port=self.port, server=server, user=user, password=password)
        )

    def command(self):
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        words = [shutil.which("pgbouncer", path=path), str(self.file)]
        if os.geteuid() != 0:
            return words
        drop = ["setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups"]
        return [*drop, "--pdeathsig", "KILL", "--", *words]

    def is_ready(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
            return True
        except OSError:
            return False
