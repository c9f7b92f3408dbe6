"""Requests over HTTP/2, sent by Node.js: in the clear, the protocol known beforehand, or by TLS.

curl 7 loses an answer that comes before the body has been sent.
"""

import base64
import json
import subprocess
from pathlib import Path

from client import RawAnswer, remember
from requests.structures import CaseInsensitiveDict

from stack.ports import free_port

SCRIPT = Path(__file__).resolve().with_name("http2_request.js")


def listeners(certificate):
    """Two further addresses for an nginx's server, and the directives for them."""
    clear, tls = free_port(), free_port()
    text = (
        f"listen 127.0.0.1:{clear} http2; listen 127.0.0.1:{tls} ssl http2;"
        f' ssl_certificate "{certificate.chain}"; ssl_certificate_key "{certificate.key}";'
    )
    return f"http://127.0.0.1:{clear}", f"https://localhost:{tls}", text


def send(url, path, method="GET", headers=None, body=b"", authority=None, seconds=30):
    """The answer, or None where none came. Nothing is sent but these headers."""
    asked = {"url": url, "path": path, "method": method, "headers": headers or {}}
    command = ["node", str(SCRIPT), json.dumps({**asked, "authority": authority})]
    done = subprocess.run(command, input=body, capture_output=True, timeout=seconds, check=True)
    answer = json.loads(done.stdout)
    return answer and HTTP2Answer(answer)


class HTTP2Answer(RawAnswer):
    def __init__(self, answer):
        self.status_code = answer["status"]
        self.fields = [tuple(field) for field in answer["fields"]]
        self.headers = CaseInsensitiveDict(self.fields)
        self.body = base64.b64decode(answer["body"])
        self.text = self.body.decode(errors="replace")
        remember(self.fields, self.body)
