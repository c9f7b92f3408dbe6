"""What the documents list is what there is: settings, options, codes, lines of the log, metrics."""

import re
import subprocess

import pytest

from stack.directory import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def sources(*folders):
    files = [file for folder in folders for file in (ROOT / "Sources" / folder).rglob("*.swift")]
    assert files
    return "\n".join(file.read_text() for file in files)


def listed_below(heading):
    """What stands between backticks in the first column of the table there."""
    section = OPERATIONS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall("`([^`]+)`", cell)}


def test_reference_is_of_this_program(stack):
    """After a change: scripts/packaging/reference PROGRAM >docs/reference.md"""
    made = subprocess.run(
        [ROOT / "scripts" / "packaging" / "reference", stack.program],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert made.stdout == (ROOT / "docs" / "reference.md").read_text()


def test_secrets_are_told_wherever_they_may_stand():
    read = set(re.findall('(?:secret|optionalSecret)\\("([A-Z0-9_]+)"', sources("sessions-fcgi")))
    deployment = (ROOT / "docs" / "deployment.md").read_text()
    rows = deployment.split("| secret |")[1].split("\n\n")[0].splitlines()[2:]
    told = {name for row in rows for name in re.findall("`([A-Z0-9_]+)`", row.split("|")[1])}
    assert told == read
    reference = (ROOT / "docs" / "reference.md").read_text()
    assert set(re.findall("or `([A-Z0-9_]+)_FILE`", reference)) == read


# What the system and web servers set.
NO_SETTINGS = {
    "CREDENTIALS_DIRECTORY", "GATEWAY_INTERFACE", "JOURNAL_STREAM", "LISTEN_FDS", "LISTEN_PID",
}  # fmt: skip


def test_settings_of_the_reference_are_those_of_the_program():
    read = set(re.findall('"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', sources("sessions-fcgi")))
    settings = (ROOT / "docs" / "reference.md").read_text().split("\n## Commands\n")[0]
    rows = [line.split("|")[1] for line in settings.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall("`([A-Z0-9_]+)`", row)}
    files = {name + "_FILE" for name in told}
    assert read - NO_SETTINGS - {"SESSIONS_ENV_FILE"} == told - files


def codes():
    own = re.findall(r'Terms\(\s*\d+, "([A-Z_]+)"', sources("Sessions/HTTP"))
    nginx = re.findall('"code": "([A-Z_]+)"', (ROOT / "nginx" / "errors.conf").read_text())
    administration = re.findall('code: "([A-Z_]+)"', sources("Observability/Admin"))
    return {*own, *nginx, *administration}


def lines_of_the_log():
    """Of warnings and errors; those that are made of parts are not found here."""
    return set(re.findall(r'\.(?:warning|error|critical)\(\s*"([^"\\]+)"', sources(".")))


def causes_of_refusals():
    return set(re.findall(r'case \.\w+: "([a-z_]+)"', sources("Tokens")))


def metrics():
    written = sources("Observability/Metrics", "Sessions/Service", "sessions-fcgi")
    return set(re.findall('"((?:sessions_fcgi|process)_[a-z_]+)"', written))


@pytest.mark.parametrize(
    "heading, found, is_all",
    [
        ("Codes", codes, True),
        ("Other lines", lines_of_the_log, False),
        ("Refusals of authorize", causes_of_refusals, True),
        ("Metrics", metrics, True),
    ],
)
def test_operators_are_told_of(heading, found, is_all):
    there = found()
    assert len(there) > 8
    told = listed_below(heading)
    assert there <= told, f"docs/operations.md does not have {there - told}"
    if is_all:
        assert told == there
