"""scripts/bench --load: lists for 10, 100 and 1,000 clients at once, and beside slow uploads."""

import re
import socket
import subprocess
import threading

from . import works
from .report import markdown
from .works import BOUNDARY, READER, WRITER, authorization, require

CLIENTS = (10, 100, 1000)
SLOW_CLIENTS = 1000
HEAD = ["clients", "by", "requests", "a second", "p50, ms", "p99, ms", "503", "failed"]
SLOW_HEAD = (
    "POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n"
    "Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: 1000000\r\n\r\n"
)


class Load:
    def __init__(self, site, seconds):
        self.peer, self.seconds = site.peers[0], seconds
        self.url = f"{self.peer.url}?page=1&limit={works.SHOWN}"
        self.rows = [HEAD]

    def run(self, say):
        works.fill(self.peer)
        self.peer.start()
        works.check_list(self.peer)
        for clients in CLIENTS:
            for tool in (self._ab, self._wrk):
                self._note(clients, tool, say)
        self._note(1, self._ab, say, "alone")
        with SlowClients(self.peer.front.port) as slow:
            self._note(1, self._ab, say, f"beside {SLOW_CLIENTS} slow uploads")
            require(slow.alive(), "a slow upload was ended")

    def _note(self, clients, tool, say, what=""):
        before = self._refused()
        requests, rate, middle, last, failed = tool(clients)
        refused = self._refused() - before
        by = f"{tool.__name__[1:]} {what}".strip()
        row = [clients, by, requests, f"{rate:.0f}", middle, last, refused, failed - refused]
        self.rows.append([str(cell) for cell in row])
        say(", ".join(self.rows[-1]))

    def _refused(self):
        """How many got 503 OVERLOADED, which is no failure."""
        log = self.peer.backend.run.log("ours").read_text(errors="replace")
        return len(re.findall(r"status=503 .*code=OVERLOADED", log))

    def _ab(self, clients):
        command = ["ab", "-q", "-l", "-k", "-s", "30", "-t", str(self.seconds), "-n", "10000000"]
        command += ["-c", str(clients), "-H", f"Authorization: {authorization(READER)}", self.url]
        said = self._run(command)

        def number(pattern):
            found = re.search(pattern, said, re.MULTILINE)
            return float(found[1]) if found else 0.0

        failed = number(r"^Failed requests:\s+(\d+)") + number(r"^Non-2xx responses:\s+(\d+)")
        return (
            int(number(r"^Complete requests:\s+(\d+)")),
            number(r"^Requests per second:\s+([\d.]+)"),
            number(r"^\s+50%\s+(\d+)"),
            number(r"^\s+99%\s+(\d+)"),
            int(failed),
        )

    def _wrk(self, clients):
        command = ["wrk", "-t", "2", "-c", str(clients), "-d", f"{self.seconds}s", "--latency"]
        command += ["--timeout", "30s", "-H", f"Authorization: {authorization(READER)}", self.url]
        return wrk_figures(self._run(command))

    def _run(self, command):
        done = subprocess.run(command, capture_output=True, text=True)
        require(done.returncode == 0, f"{command[0]}: {(done.stdout + done.stderr)[-500:]}")
        return done.stdout

    def table(self):
        return markdown(self.rows)


def wrk_figures(said):
    """Requests, requests a second, p50 and p99 in ms, failures: from what wrk --latency says."""
    errors = re.search(r"Socket errors: (.*)", said)
    failed = sum(map(int, re.findall(r"\d+", errors[1]))) if errors else 0
    other = re.search(r"Non-2xx or 3xx responses: (\d+)", said)

    # At the beginning of a line, as a share in the table above may end in the same digits.
    def percentile(percent):
        return milliseconds(re.search(rf"^\s+{percent}%\s+(\S+)", said, re.MULTILINE)[1])

    return (
        int(re.search(r"(\d+) requests in", said)[1]),
        float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
        percentile(50),
        percentile(99),
        failed + (int(other[1]) if other else 0),
    )


def milliseconds(text):
    for unit, factor in {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}.items():
        if text.endswith(unit):
            return round(float(text[: -len(unit)]) * factor, 1)
    raise ValueError(text)


class SlowClients:
    """Each sends a byte of its upload every half second, until the end of the block."""

    def __init__(self, port):
        self.port = port
        self.sockets = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._trickle)

    def __enter__(self):
        head = SLOW_HEAD.format(authorization=authorization(WRITER), boundary=BOUNDARY).encode()
        for _ in range(SLOW_CLIENTS):
            client = socket.create_connection(("127.0.0.1", self.port), timeout=10)
            self.sockets.append(client)
            client.sendall(head)
        self._thread.start()
        return self

    def _trickle(self):
        while not self._ended.wait(0.5) and self.alive():
            for client in self.sockets:
                client.sendall(b"x")

    def alive(self):
        """That none was answered: then it was told to stop."""
        for client in self.sockets:
            client.setblocking(False)
            try:
                client.recv(1)
                return False
            except BlockingIOError:
                client.settimeout(10)
        return True

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        for client in self.sockets:
            client.close()
