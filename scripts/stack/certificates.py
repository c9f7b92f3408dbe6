"""A certificate authority of the stack's own, and the S3 server's certificate from it."""

import secrets
import subprocess

DAY_SECONDS = 24 * 3600
CA_EXTENSIONS = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
SERVER_EXTENSIONS = """\
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
subjectAltName=DNS:localhost,IP:127.0.0.1
"""


class Certificates:
    def __init__(self, run):
        self.directory = run.subdirectory("certificates", 0o700)
        # Outside tools read this one, so it stands where they can reach it.
        self.ca = run.path / "ca.pem"
        self.key = self.directory / "server.key"
        self.chain = self.directory / "server.pem"

    def ensure(self):
        if not self._is_valid(self.ca):
            self._make_ca()
            self.chain.unlink(missing_ok=True)
        if not self._is_valid(self.chain):
            self._make_server()

    def _is_valid(self, certificate):
        """True when it is there and holds for another month."""
        if not certificate.exists():
            return False
        check = ["openssl", "x509", "-checkend", str(30 * DAY_SECONDS), "-noout", "-in"]
        return not subprocess.run([*check, certificate], stdout=subprocess.DEVNULL).returncode

    def _make_ca(self):
        extensions = [word for line in CA_EXTENSIONS for word in ("-addext", line)]
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", self.directory / "ca.key", "-out", self.ca, "-days", "3650",
            "-subj", "/CN=sessions-fcgi development CA", *extensions,
        )  # fmt: skip
        self.ca.chmod(0o644)

    def _make_server(self):
        request = self.directory / "server.csr"
        extensions = self.directory / "server.ext"
        extensions.write_text(SERVER_EXTENSIONS)
        self._openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", self.key, "-out", request, "-subj", "/CN=localhost",
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.directory / "ca.key",
            "-set_serial", "0x01" + secrets.token_hex(12), "-days", "365", "-extfile", extensions,
            "-out", self.chain,
        )  # fmt: skip

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
