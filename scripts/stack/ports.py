"""Free TCP ports on loopback."""

import random
import socket

_taken = {}  # port: the socket that says so to other processes


def is_free(port):
    with socket.socket() as probe:
        # As the servers do: connections of an ended server that linger in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def take(port):
    """Makes the port this process's own until it ends; False when it is another's already.

    Some time passes before a server listens on a port that was found free, and stacks that start
    at the same time must not choose the same one meanwhile. So whoever chooses binds a Unix socket
    named after the port: the name is in no file system, only one process can have it, and it goes
    with that process, however it ends.
    """
    if port in _taken or not is_free(port):
        return False
    mark = socket.socket(socket.AF_UNIX)
    try:
        mark.bind(f"\0sessions-fcgi-port-{port}")
    except OSError:
        mark.close()
        return False
    _taken[port] = mark
    return True


def give_back(port):
    _taken.pop(port).close()


def free_port():
    """A port of this process's own, below the range the kernel gives to outgoing connections.

    So that nothing takes it by chance while its server is being started again.
    """
    for _ in range(1000):
        port = random.randrange(20000, 32000)
        if take(port):
            return port
    raise OSError("no free TCP port found between 20000 and 32000")
