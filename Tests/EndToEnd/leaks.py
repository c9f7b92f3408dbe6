"""Secrets of a stack in what its parts logged and what clients were answered."""

import base64
from urllib.parse import unquote, urlsplit

import pytest
from client import SAID

_found = []


def leaks(secrets, logs, answers):
    """Where one of the secrets stands, also in base64; `logs` are paths."""
    spelled = []
    for secret in secrets:
        assert len(secret) >= 16
        spelled += [secret, base64.b64encode(secret.encode()).decode().rstrip("=")]
    texts = {str(path): path.read_text(errors="replace") for path in logs}
    texts.update({f"answer {number}": answer for number, answer in enumerate(answers)})
    return [place for place, text in texts.items() if any(secret in text for secret in spelled)]


def secrets_of(stack):
    return [unquote(urlsplit(stack.database_url).password), stack.env["R2_SECRET_ACCESS_KEY"]]


def check_no_secret_is_out(stack):
    """To be called when no test uses the stack any more."""
    logs = list(stack.path.rglob("log/*.log"))
    assert stack.path / "log" / "responder.log" in logs
    _found.extend(leaks(secrets_of(stack), logs, SAID))
    refuse_after_a_leak()


def refuse_after_a_leak():
    """A test that is tried again must not make a leak disappear with the stack it was in."""
    if _found:
        pytest.fail(f"secrets of the stack stand in {_found}", pytrace=False)
