"""The documents' blocks of code, as somebody would type them."""

import re
import shlex
import subprocess

from stack.directory import ROOT
from stack.part import plain_environment


def blocks(document, language):
    """All of the document's that are of that language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def block(document, language, word):
    """The one in which that word stands."""
    [found] = [block for block in blocks(document, language) if word in block]
    return found


def follow(document, word, tenant, directory):
    """Types the block in which that word stands; what was said."""
    lines = block(document, "sh", word)
    lines = lines.replace("sessions-fcgi ", f"{shlex.quote(str(tenant.stack.program))} ")
    finished = subprocess.run(
        ["bash", "-euc", lines], cwd=directory, env={**plain_environment(), **tenant.settings},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
