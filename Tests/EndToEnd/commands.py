"""The program as a command that runs to its end."""

import subprocess

from stack.part import plain_environment


def run_program(program, settings, *arguments, seconds=30, input=None):
    """Runs it with these settings; None takes one away."""
    given = {name: str(value) for name, value in settings.items() if value is not None}
    return subprocess.run(
        [str(program), *map(str, arguments)],
        env={**plain_environment(), **given},
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        timeout=seconds,
    )


def said(finished):
    return (finished.stdout + finished.stderr).decode()
