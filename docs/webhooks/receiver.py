"""Hears of uploads by the webhook of sessions-fcgi: PROCESS_SECRET=... receiver.py PORT"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
SECRET = base64.b64decode(os.environ["PROCESS_SECRET"].removeprefix("whsec_"))


def is_genuine(headers, body):
    """Signed by our secret, and not long ago (https://www.standardwebhooks.com)."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), entry.encode()) for entry in given)


def enqueue(session_id):
    """Leaves the work to your own queue or worker, since the answer has to come within 15 s.

    It may be called twice for a session: let only one that is still UPLOADED be taken.
    """
    print("to be processed:", session_id, flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if is_genuine(self.headers, body):
            message = json.loads(body)
            if message["type"] == "session.uploaded":
                enqueue(message["data"]["sessionId"])
            self.answer(204)
        else:
            self.answer(401)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
