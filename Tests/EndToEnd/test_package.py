"""The Debian package: what is in it, and how it lives on a machine with systemd."""

import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import fastcgi
import pytest
from fresh_debian import install_debian
from machine import Machine
from tokens import V5, session

from stack.directory import ROOT
from stack.ports import free_port

VERSION = "0.6.0"
SECRETS = ("DATABASE_URL", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
AUTHORIZERS = ("sessions-fcgi-authorize@1.service", "sessions-fcgi-authorize@2.service")
CHECK = "sessions-fcgi-run@check.service"
INSTANCES = ("sessions-fcgi@1.service", "sessions-fcgi@2.service")


@pytest.fixture(scope="module")
def release(stack, tmp_path_factory):
    """The directory of what is released."""
    output = tmp_path_factory.mktemp("release")
    command = [ROOT / "scripts" / "package", "--program", stack.program, "--output", output]
    quick = {**os.environ, "XZ_OPT": "-0"}
    finished = subprocess.run(command, env=quick, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    return output


@pytest.fixture(scope="module")
def package(release):
    [file] = release.glob("*.deb")
    return file


def field(package, name):
    return said("dpkg-deb", "--field", package, name).strip()


def said(*command):
    finished = subprocess.run(command, check=True, capture_output=True)
    return finished.stdout.decode(errors="replace")


def files_in(package):
    """The mode, owner and, of a link, target of each file."""
    found = {}
    for line in said("dpkg-deb", "--contents", package).splitlines():
        mode, owner, _, _, _, name, *target = line.split()
        found[name.removeprefix(".").rstrip("/")] = (mode, owner, *target[1:])
    return found


# What is in it


def test_files_have_the_modes_they_need(package):
    files = files_in(package)
    assert {owner for _, owner, *_ in files.values()} == {"root/root"}
    modes = {name: mode for name, (mode, *_) in files.items()}
    assert modes["/usr/bin/sessions-fcgi"] == "-rwxr-xr-x"
    assert modes["/etc/sessions-fcgi/env"] == "-rw-r-----"
    assert modes["/etc/sessions-fcgi/credentials"] == "drwx------"
    assert {modes[f"/etc/sessions-fcgi/credentials/{name}"] for name in SECRETS} == {"-rw-------"}
    assert modes["/etc/sessions-fcgi/authorize"] == "-rw-------"
    others = {mode for name, mode in modes.items() if not name.startswith("/etc/sessions-fcgi")}
    assert others <= {"-rw-r--r--", "-rwxr-xr-x", "drwxr-xr-x", "lrwxrwxrwx"}


def test_what_an_operator_may_change_is_kept_on_upgrades(package, tmp_path):
    subprocess.run(["dpkg-deb", "--control", package, tmp_path], check=True)
    listed = set((tmp_path / "conffiles").read_text().split())
    files = {name for name, (mode, *_) in files_in(package).items() if mode.startswith("-")}
    assert listed == {name for name in files if name.startswith("/etc/")}
    # All of nginx's files; which version the pages are of belongs to the pages.
    ours = {str(file.relative_to(ROOT / "nginx")) for file in (ROOT / "nginx").rglob("*.conf")}
    known = {name.removeprefix("/etc/nginx/sessions-fcgi/") for name in listed}
    assert ours - known == {"version.conf"}


def test_lintian_finds_no_error(package):
    finished = subprocess.run(
        ["lintian", "--fail-on", "error", package], capture_output=True, text=True, timeout=120
    )
    assert finished.returncode == 0, finished.stdout


def test_what_lies_beside_it(release, package, tmp_path):
    assert package.name == f"sessions-fcgi_{VERSION}_{field(package, 'Architecture')}.deb"
    subprocess.run(["sha256sum", "--quiet", "--check", "SHA256SUMS"], cwd=release, check=True)
    with tarfile.open(package.with_suffix(".tar.gz")) as archive:
        archive.extractall(tmp_path)
    [top] = tmp_path.iterdir()
    assert (top / "usr/share/man/man1/sessions-fcgi.1.gz").exists()
    link = said("readelf", "--string-dump=.gnu_debuglink", top / "usr/bin/sessions-fcgi")
    assert package.with_suffix(".debug").name in link
    assert package.with_suffix(".debug").exists()
    contents = json.loads(package.with_suffix(".spdx.json").read_text())
    parts = {part["name"]: part["versionInfo"] for part in contents["packages"]}
    assert parts["sessions-fcgi"] == VERSION
    assert {"swift", "swift-log", "libpq5", "libssl3"} <= set(parts)


def test_bundle_beside_it(package, tmp_path):
    archive = package.with_suffix(".tar.xz")
    (tmp_path / archive.name).symlink_to(archive)
    unpack, *_ = steps_of("docs/bundle.md")
    assert said("bash", "-euc", f"cd {shlex.quote(str(tmp_path))}\n{unpack}").strip() == VERSION
    [top] = tmp_path.glob("*/")
    contents = top / "contents.spdx.json"
    assert contents.read_bytes() == package.with_suffix(".bundle.spdx.json").read_bytes()
    parts = {part["name"] for part in json.loads(contents.read_text())["packages"]}
    # Also what libraries load.
    assert {"swift", "libc6", "libssl3", "libpq5", "libgnutls30"} <= parts
    # Each has its licence there, and only what is linked into the program has none of its own.
    licenses = {file.name for file in (top / "licenses").iterdir()}
    assert licenses == {part for part in parts if not part.startswith("swift")} | {
        "common-licenses"
    }


# On a machine


@pytest.fixture
def machine(package):
    """One on which nothing listens at a port that another's may want."""
    with machine_with(package) as machine:
        machine.run("rm", "-f", "/usr/sbin/policy-rc.d", "/etc/nginx/sites-enabled/default")
        yield machine


@contextlib.contextmanager
def machine_with(package, files="/"):
    layer = Path(said("mktemp", "-d", "/var/tmp/sessions-machine-XXXXXX").strip())
    try:
        with Machine(layer, files) as machine:
            machine.write(f"/root/{package.name}", package.read_bytes())
            yield machine
    finally:
        layer.rmdir()


def write_settings(machine, settings):
    """As an operator's editor would, into the files that the package brought."""
    place = "/usr/local/share/authority.pem"
    machine.write(place, Path(settings["R2_CA_FILE"]).read_text())
    settings = {**settings, "R2_CA_FILE": place}
    for name in SECRETS:
        machine.write(f"/etc/sessions-fcgi/credentials/{name}", settings[name] + "\n")
    lines = [f"{n}={shlex.quote(v)}\n" for n, v in settings.items() if n not in SECRETS]
    machine.write("/etc/sessions-fcgi/env", "".join(lines))


def steps_of(document):
    """Its blocks of lines to type."""
    text = (ROOT / document).read_text()
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def test_the_guide_leads_to_a_recording(machine, stack, recordings):
    # As apt does, where these are not there yet.
    machine.run("systemctl", "start", "nginx")
    machine.run("make-ssl-cert", "generate-default-snakeoil", "--force-overwrite")
    follow_the_guide(machine, stack, recordings["WebM/Opus"].data)


@pytest.mark.soak
@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_the_guide_on_a_fresh_debian(suite, package, stack, recordings, tmp_path):
    root = tmp_path / "root"
    assert install_debian(suite, root, "systemd-sysv", "dbus"), f"{suite} is not served"
    shutil.copy("/etc/resolv.conf", root / "etc")
    # As an installer writes it.
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    with machine_with(package, root) as machine:
        began = time.monotonic()
        machine.run("apt-get", "update")
        follow_the_guide(machine, stack, recordings["WebM/Opus"].data)
        print(f"{suite}: from the package to the recording heard: {time.monotonic() - began:.1f} s")


def follow_the_guide(machine, stack, recording):
    """Each line of it as it stands there, but for port and user, which others may use here."""
    install, edit, check, start, web, upload = steps_of("docs/start-nginx-systemd.md")
    port = free_port()

    def follow(lines, **options):
        return machine.run("bash", "-ec", f"cd /root\n{lines}", **options)

    follow(install, seconds=600)
    assert all(f"credentials/{name}" in edit for name in SECRETS) and "editor env" in edit
    write_settings(machine, stack.settings)
    assert "storage: fine" in follow(check).stdout
    follow(start)
    machine.run("sed", "-i", f"s/listen 443 /listen {port} /", "/etc/nginx/sessions-fcgi/site.conf")
    user = f"demo-{secrets.token_hex(6)}"
    assert "'demo:%s" in web
    follow(web.replace("'demo:", f"'{user}:"), input="secret\nsecret\n")
    machine.write("/root/take.webm", recording)
    assert "-u demo " in upload and "https://localhost/" in upload
    lines = upload.replace("-u demo ", f"-u {user}:secret ")
    lines = lines.replace("localhost", f"localhost:{port}")
    # nginx may not have got to the new port yet; curl says so, and then what the answer is.
    waiting = "curl -sS --retry 20 --retry-delay 1 --retry-connrefused"
    said = follow(lines.replace("curl", waiting)).stdout
    answer = json.loads(said[said.index("{") :])
    assert answer["status"] == "UPLOADED"
    heard = f"curl -sSk -u {user}:secret https://localhost:{port}/api/sessions/{answer['id']}/audio"
    assert machine.run("sh", "-c", f"{heard} | cmp - /root/take.webm").stdout == ""


def test_life_of_an_installation(machine, stack, package, empty_database_url):
    machine.run("dpkg", "--install", f"/root/{package.name}")
    assert not is_active(machine, "sessions-fcgi.target")
    write_settings(machine, stack.settings)
    assert "PROCESS_SECRET must" in check_says(machine, PROCESS_SECRET="short")
    machine.run("systemctl", "enable", "--now", "sessions-fcgi.target")
    for unit in (*INSTANCES, "sessions-fcgi.socket", "sessions-fcgi-check.timer"):
        assert is_active(machine, unit), unit

    first = main_processes(machine)
    assert "migrate" not in upgrade(machine, package, "0.6.1")
    second = main_processes(machine)
    assert not set(first) & set(second)
    assert "storage: fine" in machine.run("sessions-fcgi-admin", "check").stdout

    # A database that is not up to date.
    settings = {**stack.settings, "DATABASE_URL": empty_database_url}
    write_settings(machine, settings)
    said = upgrade(machine, package, "0.6.2")
    assert "  sessions-fcgi-admin migrate\n  sessions-fcgi-restart\n" in said
    assert main_processes(machine) == second
    machine.run("sessions-fcgi-admin", "migrate")
    machine.run("sessions-fcgi-restart")
    assert not set(second) & set(main_processes(machine))

    machine.run("dpkg", "--remove", "sessions-fcgi")
    assert not is_active(machine, INSTANCES[0])
    machine.run("test", "-s", "/etc/sessions-fcgi/credentials/DATABASE_URL")
    machine.run("dpkg", "--purge", "sessions-fcgi")
    left = "find /etc /usr /run -name '*sessions-fcgi*' -not -path '/run/systemd/*'"
    assert machine.run("sh", "-c", left).stdout == ""


def test_nginx_asks_at_the_socket_of_authorize(machine, package):
    """Neither database nor storage is set here, and its user can read nothing of the others."""
    machine.run("dpkg", "--install", f"/root/{package.name}")
    secret = secrets.token_urlsafe(33)
    machine.write("/etc/sessions-fcgi/authorize", f"AUTH_SECRET='{secret}'\n")
    [enable] = [b for b in steps_of("docs/deployment.md") if "sessions-fcgi-authorize" in b]
    machine.run("sh", "-ec", enable)
    processes = main_processes(machine, AUTHORIZERS)
    assert not is_active(machine, "sessions-fcgi.target")
    token = session({"externalId": "alice", "exp": time.time() + 600}, secret)

    def user_told():
        place = machine.path("/run/sessions-fcgi/authorize.sock")
        answer = fastcgi.ask(place, fastcgi.parameters(HTTP_COOKIE=f"{V5}={token}"))
        return answer.status_code, answer.headers.get("X-User-Id")

    assert user_told() == (200, "alice")
    upgrade(machine, package, "0.6.1")
    assert not set(processes) & set(main_processes(machine, AUTHORIZERS))
    assert user_told() == (200, "alice")
    # With a setting that is wrong the first does not come up, and the other goes on.
    machine.write("/etc/sessions-fcgi/authorize", "AUTH_JWT_SECRET='short'\n")
    assert machine.run("sessions-fcgi-restart", check=False).returncode != 0
    assert user_told() == (200, "alice")
    machine.run("dpkg", "--remove", "sessions-fcgi")
    assert not is_active(machine, AUTHORIZERS[1])


def check_says(machine, **secret):
    """The hourly check, with a secret beside those that the package has files for."""
    [(name, value)] = secret.items()
    machine.write(f"/etc/sessions-fcgi/credentials/{name}", value)
    machine.run("systemctl", "start", CHECK, check=False)
    machine.run("rm", f"/etc/sessions-fcgi/credentials/{name}")
    return machine.run("journalctl", "--no-pager", "--output=cat", "--unit", CHECK).stdout


def is_active(machine, unit):
    return machine.run("systemctl", "is-active", unit, check=False).returncode == 0


def main_processes(machine, units=INSTANCES):
    found = machine.run("systemctl", "show", "--property=MainPID", "--value", *units)
    return found.stdout.split()


def upgrade(machine, package, version):
    """To the same with another version; what was said."""
    script = f"""
    cd /root && rm -rf new && dpkg-deb --raw-extract {package.name} new
    sed -i 's/^Version: .*/Version: {version}/' new/DEBIAN/control
    dpkg-deb --root-owner-group -Znone --build new new.deb && dpkg --install new.deb
    """
    return machine.run("bash", "-ec", script).stdout
