"""A reverse proxy in front of the site that a test can tell what to answer."""

import http.client
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stack.directory import ROOT

# Shown without the question for a password that would come before it.
SIGNED_OUT = "/signed-out-as-it-looks"
SIGNED_OUT_PAGE = ROOT / "nginx" / "html" / "signed-out.html"
KEPT_TO_ITSELF = {"connection", "transfer-encoding", "keep-alive"}


class Door:
    """Forwards everything, except that each POST takes the next order, if there is one.

    An order is (status, headers, JSON text), which is answered instead, or "lose the answer": the
    upload is forwarded, and the connection cut in place of the answer. `api_order` is what each
    GET of the API gets, while there is one. `files` are scripts that it has itself, by their path
    without a version, and `cut_short` is how many bytes come of others, whose length is told.
    """

    def __init__(self, url):
        self.target = url.removeprefix("http://")
        self.orders = []
        self.api_order = None
        self.files = {}
        self.cut_short = {}
        self.uploads = []  # the headers of each POST
        self.requests = []  # method and path of every request
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def questions(self):
        """What the API was asked for: the pages load other things when they have time."""
        return [path for _, path in self.requests if path.startswith("/api/")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _handler(door):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                door.requests.append((self.command, self.path))
                order = door.api_order if self.path.startswith("/api/") else None
                if self.command == "POST":
                    door.uploads.append(dict(self.headers))
                    order = door.orders.pop(0) if door.orders else None
                elif unversioned(self.path) in door.files:
                    script = door.files[unversioned(self.path)]
                    order = 200, {"Content-Type": "text/javascript"}, script
                elif self.path == SIGNED_OUT:
                    order = 200, {"Content-Type": "text/html"}, SIGNED_OUT_PAGE.read_text()
                if order is None:
                    self.answer(*self.forward(body))
                elif order == "lose the answer":
                    self.forward(body)
                    self.close_connection = True
                else:
                    status, headers, text = order
                    headers = {"Content-Type": "application/json", **headers}
                    self.answer(status, headers.items(), text.encode())

            do_GET = do_HEAD = do_POST = do_DELETE = handle_any

            def forward(self, body):
                connection = http.client.HTTPConnection(door.target, timeout=60)
                headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
                connection.request(self.command, self.path, body or None, headers)
                response = connection.getresponse()
                data = response.read()
                connection.close()
                return response.status, response.getheaders(), data

            def answer(self, status, headers, data):
                self.send_response_only(status)
                announced = False
                for name, value in headers:
                    if name.lower() not in KEPT_TO_ITSELF:
                        self.send_header(name, value)
                    announced = announced or name.lower() == "content-length"
                if not announced:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if (count := door.cut_short.get(unversioned(self.path))) is not None:
                    data = data[:count]
                    self.close_connection = True
                try:
                    self.wfile.write(data)
                except ConnectionError:
                    self.close_connection = True  # the browser has left the page

            def log_message(self, *_):
                pass

        return Handler


def unversioned(path):
    return re.sub("^/assets/v-[^/]+/", "/assets/", path)
