"""Free TCP ports on loopback."""

import random
import socket


def is_free(port):
    with socket.socket() as probe:
        # As the servers do: connections of an ended server that linger in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(taken=frozenset()):
    """A free port below the range the kernel gives to outgoing connections.

    So that nothing takes it by chance while its server is being started again.
    """
    for _ in range(1000):
        port = random.randrange(20000, 32000)
        if port not in taken and is_free(port):
            return port
    raise OSError("no free TCP port found between 20000 and 32000")
