"""The program with all that it loads, on systems that have none of it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import fastcgi
import pytest
from commands import run_program, said
from forms import audio, form, text
from fresh_debian import install_debian
from waiting import wait_until

from stack.directory import ROOT
from stack.part import plain_environment
from stack.responder import UNLIMITED

PLACE = "opt/sessions-fcgi"
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"
NOBODY = "65534"
# A module for look-ups that ends whoever loads it.
TRAP = "#include <stdlib.h>\n__attribute__((constructor)) static void trap(void) { abort(); }\n"
SUITES = [
    pytest.param(suite, marks=pytest.mark.soak if suite else ())
    for suite in ("", "bookworm", "bullseye")
]


@pytest.fixture(scope="module")
def bundle(stack, tmp_path_factory):
    directory = tmp_path_factory.mktemp("bundle") / "files"
    command = [ROOT / "scripts" / "packaging" / "bundle", stack.program, directory]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    return directory


class System:
    """Files of a system of its own, on this one's kernel and network."""

    def __init__(self, root, bundle):
        self.root = root
        shutil.copytree(bundle, root / PLACE)
        for name in ("tmp", "var/tmp", Path(AUTHORITIES).parent):
            (root / name).mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "var/tmp"):
            (root / name).chmod(0o1777)
        (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
        # Names are looked up by a module of this system's, and by nothing else.
        (root / "etc/nsswitch.conf").write_text("hosts: trap\npasswd: trap\ngroup: trap\n")
        libraries = next(root.glob("lib/*-linux-gnu"))
        command = [
            "clang",
            "-shared",
            "-fPIC",
            "-x",
            "c",
            "-",
            "-o",
            libraries / "libnss_trap.so.2",
        ]
        subprocess.run(command, input=TRAP, text=True, check=True)

    def command(self, *arguments):
        """Run by somebody who has no rights there."""
        user = f"--userspec={NOBODY}:{NOBODY}"
        return ["chroot", user, self.root, f"/{PLACE}/sessions-fcgi", *arguments]

    def run(self, settings, *arguments):
        program, *rest = self.command(*arguments)
        return run_program(program, settings, *rest)


@pytest.fixture(params=SUITES)
def system(request, bundle, tmp_path):
    root = tmp_path / "root"
    suite = request.param
    if suite and not install_debian(suite, root):
        print(f"{suite} is not served: a system of a shell alone stands in")
        shutil.rmtree(root, ignore_errors=True)
        suite = ""
    if not suite:
        install_shell(root)
    return System(root, bundle)


def install_shell(root):
    """A shell, what the launcher asks for, and the glibc of both."""
    for program in ("/bin/sh", "/usr/bin/readlink"):
        place = root / program.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(program, place)
        for library in re.findall(r"(/\S+) \(", said_by("ldd", program)):
            copy = root / library.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, copy)
    (root / "etc").mkdir()


def said_by(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def test_everything_it_loads_is_in_it(bundle):
    """In the versions that it asks for: the loader says nothing else, and names no other place."""
    [loader] = bundle.glob("lib/ld-linux-*")
    libraries = [loader, "--inhibit-cache", "--library-path", bundle / "lib"]
    asked = {**os.environ, "LD_TRACE_LOADED_OBJECTS": "1", "LD_WARN": "1", "LD_BIND_NOW": "1"}
    listed = said_by(*libraries, bundle / "lib" / "sessions-fcgi", env=asked)
    places = re.findall("=> (/.*)/.* ", listed)
    assert len(places) > 20 and set(places) == {str(bundle / "lib")}
    assert "not found" not in listed and "undefined" not in listed


def test_serves_where_nothing_is_installed(system, stack, tmp_path):
    settings = {**UNLIMITED, **stack.settings, "R2_CA_FILE": None, "TEMP_DIR": "/var/tmp"}
    settings["DATABASE_URL"] = stack.database_url.replace("127.0.0.1", "localhost")

    # Without certificates: that is said. Then where they are is told, or found.
    finished = system.run(settings, "check")
    assert finished.returncode == 1 and "there is no CA certificate" in said(finished)
    shutil.copy(stack.settings["R2_CA_FILE"], system.root / "opt/authorities.pem")
    finished = system.run({**settings, "SSL_CERT_FILE": "/opt/authorities.pem"}, "check")
    assert finished.returncode == 0, said(finished)
    shutil.move(system.root / "opt/authorities.pem", system.root / AUTHORITIES)
    finished = system.run(settings, "check")
    assert finished.returncode == 0, said(finished)

    socket = system.root / "tmp" / "sessions.sock"
    given = {name: value for name, value in settings.items() if value is not None}
    process = subprocess.Popen(
        system.command("serve", "--listen", "/tmp/sessions.sock"),
        env={**plain_environment(), **given}, stderr=(tmp_path / "log").open("w"),
    )  # fmt: skip
    try:
        wait_until(socket.exists, "it listens")
        body, content_type = form(audio(b"sound"), text("duration", "1"))
        answer = fastcgi.ask(socket, fastcgi.upload(body, content_type, "demo"), body)
        assert answer.status_code == 201, answer.text
        path = f"/api/sessions/{answer.json()['id']}/audio"
        assert fastcgi.ask(socket, fastcgi.parameters(uri=path)).body == b"sound"
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0, (tmp_path / "log").read_text()


def test_newer_libraries_are_taken_from_debian_packages(bundle, tmp_path):
    copy = shutil.copytree(bundle, tmp_path / "copy")
    files = tmp_path / "package" / "usr" / "lib" / "some-linux-gnu"
    files.mkdir(parents=True)
    for name, content in {"libssl.so.3.0.99": b"newer", "libother.so.1": b"other"}.items():
        (files / name).write_bytes(content)
    (files / "libssl.so.3").symlink_to("libssl.so.3.0.99")
    control = tmp_path / "package" / "DEBIAN" / "control"
    control.parent.mkdir()
    fields = {"Package": "libssl3", "Version": "3.0.99", "Architecture": "all"}
    fields |= {"Maintainer": "nobody <nobody@sessions-fcgi.example>", "Description": "newer"}
    control.write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
    said_by("dpkg-deb", "--build", "-Znone", tmp_path / "package", tmp_path / "newer.deb")
    before = {file.name: file.read_bytes() for file in (copy / "lib").iterdir()}
    said_by(copy / "renew", tmp_path / "newer.deb")
    after = {file.name: file.read_bytes() for file in (copy / "lib").iterdir()}
    assert after == {**before, "libssl.so.3": b"newer"}
