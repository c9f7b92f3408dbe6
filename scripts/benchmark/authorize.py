"""scripts/bench --authorize: what telling the user costs, token by token, beside OpenSSL alone."""

import json
import re
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from joserfc import jwk

from stack.directory import ROOT, StackError

from .processes import cpu_seconds
from .report import markdown

sys.path.append(str(ROOT / "Tests" / "EndToEnd"))
import fastcgi
from tokens import V4, V5, cut, session, signed

ROUNDS, REQUESTS, WARM_UP = 7, 300, 50
GOAL_MS = 0.2
# What `openssl speed` calls the computation that an algorithm needs, and where its line has it.
SPEEDS = {
    "RS256, 2048 bits": ("rsa2048", r"\+F2:\d+:2048:[^:]+:([\d.]+)"),
    "RS256, 4096 bits": ("rsa4096", r"\+F2:\d+:4096:[^:]+:([\d.]+)"),
    "ES256": ("ecdsap256", r"\+F4:\d+:256:[^:]+:([\d.]+)"),
    "EdDSA": ("ed25519", r"\+F6:\d+:253:Ed25519:[^:]+:([\d.]+)"),
}


class Tokens:
    """A site's settings, and requests of its users by the name of what proves who they are."""

    def __init__(self, directory):
        secret, previous, shared = (secrets.token_urlsafe(33) for _ in range(3))
        now = int(time.time())
        claims = {
            "sub": "internal", "externalId": "user-1", "email": "a@example.com", "name": "Zoë",
            "iat": now, "exp": now + 86_400, "iss": "issuer", "aud": "sessions",
        }  # fmt: skip
        keys = {
            "RS256, 2048 bits": jwk.RSAKey.generate_key(2048, {"kid": "1"}),
            "RS256, 4096 bits": jwk.RSAKey.generate_key(4096, {"kid": "2"}),
            "ES256": jwk.ECKey.generate_key("P-256", {"kid": "3"}),
            "EdDSA": jwk.OKPKey.generate_key("Ed25519", {"kid": "4"}),
        }
        file = directory / "jwks.json"
        published = [key.as_dict(private=False) for key in keys.values()]
        file.write_text(json.dumps({"keys": published}))
        self.settings = {
            "AUTH_SECRET": secret, "AUTH_SECRET_PREVIOUS": previous, "AUTH_JWT_SECRET": shared,
            "AUTH_JWKS_FILE": str(file), "AUTH_ISSUER": "issuer", "AUTH_AUDIENCE": "sessions",
        }  # fmt: skip

        def bearer(key, algorithm, **header):
            token = signed(claims, key, algorithm, **header)
            return {"HTTP_AUTHORIZATION": f"Bearer {token}"}

        long = {**claims, "picture": "x" * 9_000}
        self.requests = {
            "none: 401": {},
            "Auth.js 5: A256CBC-HS512": {"HTTP_COOKIE": f"{V5}={session(claims, secret)}"},
            "the same by the secret before": {"HTTP_COOKIE": f"{V5}={session(claims, previous)}"},
            "the same of 12 KB, in 4 cookies": {"HTTP_COOKIE": cut(V5, session(long, secret))},
            "NextAuth.js 4: A256GCM": {"HTTP_COOKIE": f"{V4}={session(claims, secret, V4, 4)}"},
            "HS256": bearer(jwk.OctKey.import_key(shared), "HS256"),
            **{n: bearer(key, n.split(",")[0], kid=key.kid) for n, key in keys.items()},
        }


def measure(program, say, rounds=ROUNDS, requests=REQUESTS):
    """CPU, milliseconds a request in each round, by the name of the token."""
    with tempfile.TemporaryDirectory(prefix="sessions-bench-") as directory:
        tokens = Tokens(Path(directory))
        socket = Path(directory, "socket")
        command = [program, "authorize", "--listen", str(socket)]
        process = subprocess.Popen(command, env=tokens.settings, stderr=subprocess.DEVNULL)
        try:
            with connected(socket, process) as peer:
                samples = {name: [] for name in tokens.requests}
                for number in range(rounds):
                    for name, request in tokens.requests.items():
                        samples[name].append(cost(process.pid, peer, request, requests))
                    say(f"round {number + 1} of {rounds}")
                return samples
        finally:
            process.terminate()
            process.wait(30)


def connected(socket, process):
    """A connection as nginx keeps them, once somebody listens."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return fastcgi.Peer(socket)
        except OSError:
            time.sleep(0.05)
    raise StackError("authorize did not come up")


def cost(pid, peer, request, requests):
    """With the parameters of nginx/auth/authorize.conf."""
    given = {"REQUEST_METHOD": "GET", "CONTENT_LENGTH": "", "REQUEST_ID": "0" * 32, **request}
    expected = 200 if request else 401
    for _ in range(min(WARM_UP, requests)):
        peer.ask_again(list(given.items()))
    before = cpu_seconds(pid)
    for _ in range(requests):
        answer = peer.ask_again(list(given.items()))
        if answer.status_code != expected:
            raise StackError(f"authorize answered {answer.status_code} to {request}")
    return (cpu_seconds(pid) - before) / requests * 1000


def openssl_alone():
    """Milliseconds of one verification, by the name of the token."""
    names = [name for name, _ in SPEEDS.values()]
    command = ["openssl", "speed", "-mr", "-seconds", "1", *names]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name: 1000 / float(re.search(line, said)[1]) for name, (_, line) in SPEEDS.items()}


def table(samples, floor):
    rows = [["proof", "CPU, ms a request, median (minimum)", "OpenSSL alone", "at most 0.2"]]
    for name, values in samples.items():
        rows.append([
            name, f"{median(values):.3f} ({min(values):.3f})",
            f"{floor[name]:.3f}" if name in floor else "-",
            "holds" if min(values) <= GOAL_MS else "DOES NOT HOLD",
        ])  # fmt: skip
    return markdown(rows)


def main(program):
    def say(text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    print(table(measure(program, say), openssl_alone()))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except StackError as error:
        sys.exit(f"bench: {error}")
