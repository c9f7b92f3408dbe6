#!/usr/bin/env python3
"""Takes what clients send and writes it down: serve.py FOLDER, until standard input ends.

POST /send/NAME becomes FOLDER/NAME.http: the method, the header fields that say what the body is
and who sent it, and the body with the chunks of a chunked one put together. GET /page/NAME is a
page that sends the form itself. The first line of standard output is the server's URL, the second
the recording, whose name stands in every form that takes it.
"""

import http.server
import sys
import tempfile
import threading
from pathlib import Path

FILENAME = 'a"é\\.webm'
# 64 bytes with all that a parser could trip over: CR, LF, NUL, dashes, no UTF-8, half a delimiter.
AUDIO = b"\x1aE\xdf\xa3\r\n--\r\n\r\n--\0\n\r--" + bytes(range(0xC0, 0xE8)) + b"\r\n--\r"
KEPT = ("User-Agent", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/page/"):
            self.answer(200, "text/html", Path(__file__).with_name("page.html").read_bytes())
        elif self.path == "/audio":
            self.answer(200, "application/octet-stream", AUDIO)
        else:
            self.answer(404, "text/plain", b"")

    def do_POST(self):
        fields = [(name, self.headers[name]) for name in KEPT if name in self.headers]
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        name = self.path.removeprefix("/send/")
        message = f"POST /api/sessions HTTP/1.1\r\n{head}\r\n".encode("latin-1") + self.body()
        (self.server.folder / f"{name}.http").write_bytes(message)
        self.answer(201, "application/json", b"{}")

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def answer(self, status, type, body):
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # a client that went
    server.folder = Path(sys.argv[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder, FILENAME)
        recording.write_bytes(AUDIO)
        print(f"http://127.0.0.1:{server.server_port}\n{recording}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
