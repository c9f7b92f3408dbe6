"""The process of the S3 server: Swift's proxy, account, container and object servers as one.

    python -m stack.s3_server DIRECTORY ACCOUNT_PORT CONTAINER_PORT OBJECT_PORT

Swift means these to be four daemons on many machines, and `swift.common.wsgi.run_server` can run
but one in a process, so the steps it takes are taken here for each.
"""

import errno
import logging
import sys
import warnings

from swift.common import utils

# Before anything else of Swift or of the standard library's networking is imported.
utils.monkey_patch()
utils.set_swift_dir(sys.argv[1])

import eventlet  # noqa: E402
import eventlet.wsgi  # noqa: E402
from swift.common import constraints, wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402

BACKENDS = ("account", "container", "object")


def make_ring(directory, kind, port):
    """One device holds everything; the ring says so, and on which port to ask for it."""
    builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    place = {"ip": "127.0.0.1", "port": port}
    replication = {"replication_ip": "127.0.0.1", "replication_port": port}
    builder.add_dev({"region": 1, "zone": 1, "weight": 1, "device": "disk", **place, **replication})
    builder.rebalance()
    builder.get_ring().save(f"{directory}/{kind}.ring.gz")


class Listener:
    """A listening socket on which a client that is gone before it is accepted does no harm.

    eventlet's server would end.
    """

    def __init__(self, listener):
        self._listener = listener

    def __getattr__(self, name):
        return getattr(self._listener, name)

    def accept(self):
        while True:
            try:
                return self._listener.accept()
            except OSError as error:
                if error.errno not in (errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE):
                    raise


def start(directory, kind):
    path = f"{directory}/{kind}-server.conf"
    conf, _logger, log_name = wsgi._initrp(path, f"{kind}-server")
    return eventlet.spawn(
        eventlet.wsgi.server,
        Listener(wsgi.get_socket(conf)),
        wsgi.loadapp(path, global_conf={"log_name": log_name}),
        wsgi.NullLogger(),
        protocol=wsgi.SwiftHttpProtocol,
        url_length_limit=constraints.MAX_REQUEST_LINE,
        # S3 clients look for "ETag", which eventlet would make "Etag".
        capitalize_response_headers=False,
    )


def log_to_stderr():
    """Swift knows only syslog; what it logs belongs beside the other parts' logs."""
    utils.logs.ThreadSafeSysLogHandler = lambda **_: logging.StreamHandler()
    warnings.filterwarnings("ignore", message="capitalize_response_headers is disabled")


def main():
    directory, *ports = sys.argv[1:]
    log_to_stderr()
    eventlet.hubs.use_hub(utils.get_hub())
    for kind, port in zip(BACKENDS, ports, strict=True):
        make_ring(directory, kind, int(port))
    for server in [start(directory, kind) for kind in (*BACKENDS, "proxy")]:
        server.wait()


if __name__ == "__main__":
    main()
