"""The settings, as README.md tells them: whoever writes of them elsewhere takes them from here."""

import re
from pathlib import Path
from typing import NamedTuple

README = Path(__file__).resolve().parents[2] / "README.md"
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
HEAD = "| variable | default | meaning |\n|---|---|---|\n"


class Setting(NamedTuple):
    names: list[str]
    default: str
    meaning: str


def tables():
    """By the heading that they stand below, in the README's order."""
    _, *parts = HEADING.split(README.read_text())
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        for rows in text.split(HEAD)[1:]:
            yield heading, [setting(row) for row in rows.split("\n\n")[0].splitlines()]


def setting(row):
    names, default, meaning = re.split(r"\s*\|\s*", row.strip("| "))
    return Setting(re.findall("`([A-Z0-9_]+)`", names), default, meaning)


def in_files():
    """Those that a file can hold, which `<NAME>_FILE` names."""
    said = re.findall(r"((?:`[A-Z0-9_]+`[,\s]*(?:and\s)?)+)can\s+also\s+come", README.read_text())
    return {name for names in said for name in re.findall("`([A-Z0-9_]+)`", names)}
