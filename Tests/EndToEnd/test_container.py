"""The Containerfile: each of its steps, in a directory in place of an image."""

import json
import os
import shlex
import shutil
import subprocess

import fastcgi
import pytest
from commands import run_program, said
from forms import audio, form, text
from fresh_debian import install_debian, run_in
from waiting import wait_until

from stack.directory import ROOT
from stack.part import plain_environment
from stack.responder import UNLIMITED


def instructions():
    """Containerfile(5), as far as ours goes: each with its argument."""
    lines = (ROOT / "scripts" / "hosting" / "Containerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    for line in filter(None, text.replace("\\\n", " ").splitlines()):
        yield line.split(maxsplit=1)


class Image:
    def __init__(self, root, context):
        self.root = root
        self.entrypoint = self.command = self.user = None
        for name, argument in instructions():
            getattr(self, f"_{name.lower()}")(argument, context)

    def _from(self, image, _):
        name, _, tag = image.partition(":")
        suite, slim = tag.split("-")
        assert (name, slim) == ("debian", "slim")
        if not install_debian(suite, self.root):
            pytest.fail(f"{suite} is not served")

    def _copy(self, argument, context):
        pattern, place = argument.split()
        [file] = context.glob(pattern)
        shutil.copy(file, self.root / place.lstrip("/"))

    def _run(self, line, _):
        run_in(self.root, "sh", "-c", line)

    def _user(self, names, _):
        self.user = names

    def _volume(self, places, _):
        assert all((self.root / place.lstrip("/")).is_dir() for place in json.loads(places))

    def _entrypoint(self, words, _):
        self.entrypoint = json.loads(words)

    def _cmd(self, words, _):
        self.command = json.loads(words)

    def started_with(self, *arguments):
        words = [*self.entrypoint, *(arguments or self.command)]
        return ["chroot", f"--userspec={self.user}", self.root, *words]


@pytest.mark.soak
def test_image_serves(stack, tmp_path):
    package = tmp_path / "package"
    make = [ROOT / "scripts" / "package", "--program", stack.program, "--output", package]
    quick = {**os.environ, "XZ_OPT": "-0"}
    subprocess.run(make, env=quick, check=True, capture_output=True, timeout=600)
    image = Image(tmp_path / "root", package)
    shutil.copy(stack.settings["R2_CA_FILE"], image.root / "etc/authorities.pem")
    (image.root / "etc/authorities.pem").chmod(0o644)
    # As podman writes it.
    (image.root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    settings = {**UNLIMITED, **stack.settings, "R2_CA_FILE": "/etc/authorities.pem"}
    settings.pop("TEMP_DIR", None)

    for name in ("migrate", "check"):
        program, *arguments = image.started_with(name)
        finished = run_program(program, settings, *arguments)
        assert finished.returncode == 0, said(finished)
    environment = {**plain_environment(), **settings}
    process = subprocess.Popen(image.started_with(), env=environment)
    try:
        socket = image.root / "run/sessions-fcgi/sessions.sock"
        wait_until(socket.exists, "it listens")
        assert socket.stat().st_gid == 33 and socket.stat().st_mode & 0o777 == 0o660
        body, content_type = form(audio(b"sound"), text("duration", "1"))
        answer = fastcgi.ask(socket, fastcgi.upload(body, content_type, "demo"), body)
        assert answer.status_code == 201, answer.text
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_the_guide_and_the_image_agree():
    """What the guide says of the image is what the Containerfile makes of it."""
    found = dict(instructions())
    guide = (ROOT / "docs" / "container.md").read_text()
    lines = [
        line for block in guide.split("```sh\n")[1:] for line in block.split("```")[0].split("\n")
    ]
    commands = [shlex.split(line)[-1] for line in lines if line.startswith("podman run --rm")]
    assert commands == ["migrate", "check"]
    assert found["ENTRYPOINT"] == '["sessions-fcgi"]'
    for place in json.loads(found["VOLUME"]):
        assert f"`{place}`" in guide
    listen = json.loads(found["CMD"])[2]
    assert listen.startswith("/run/sessions-fcgi/") and f"`{listen.rsplit('/')[-1]}`" in guide
