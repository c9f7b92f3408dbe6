"""What the documents tell to type or to include works as it stands there."""

import re
import shlex
import shutil
import subprocess

import pytest
from certificates import make_certificate
from tenant import delete, upload

from stack.directory import ROOT
from stack.nginx import VERSION, version_of
from stack.part import plain_environment
from stack.ports import free_port


def block(document, language, word):
    """The document's one block of that language in which that word stands."""
    text = (ROOT / document).read_text()
    [found] = [b for b in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) if word in b]
    return found


def test_first_steps_of_the_readme(stack, tmp_path):
    lines = block("README.md", "sh", "ffmpeg")
    assert "http://127.0.0.1:8080" in lines
    lines = lines.replace("http://127.0.0.1:8080", stack.url)
    finished = subprocess.run(
        ["bash", "-euc", lines], cwd=tmp_path, env=plain_environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert '"status":"UPLOADED"' in finished.stdout and '"Noise"' in finished.stdout
    assert finished.stdout.endswith('{"ok":true}')
    assert '"error"' not in finished.stdout
    assert (tmp_path / "take.webm").read_bytes() == (tmp_path / "back.webm").read_bytes()


def test_version_of_the_pages(tmp_path):
    """The nginx README's lines write the one that the stack has, and nginx takes them."""
    shutil.copytree(ROOT / "nginx", tmp_path / "sessions-fcgi")
    lines = block("nginx/README.md", "sh", "version.conf")
    assert "/etc/nginx/" in lines
    subprocess.run(["bash", "-euc", lines.replace("/etc/nginx/", f"{tmp_path}/")], check=True)
    written = (tmp_path / "sessions-fcgi" / "version.conf").read_text()
    assert written == VERSION.format(version=version_of(ROOT / "nginx" / "html"))


# How nginx learns who the user is; where it asks, whom, and the file of its locations.
WAYS = [
    ("basic", "", ""),
    ("auth-request", "sessions_app", "auth/app.conf"),
    ("auth-request", "sessions_authorize", "auth/authjs.conf"),
    ("auth-request", "sessions_authorize", "auth/bearer.conf"),
    ("auth-request", "sessions_authorize", "auth/authjs-or-bearer.conf"),
    ("oauth2-proxy", "oauth2_proxy", "auth/oauth2-proxy.conf"),
]


@pytest.mark.parametrize("identity, upstream, locations", WAYS)
def test_site_of_the_nginx_readme(tmp_path, identity, upstream, locations):
    """With everything that it names, nginx has nothing to complain about."""
    shutil.copytree(ROOT / "nginx", tmp_path / "sessions-fcgi")
    (tmp_path / "sessions-fcgi" / "identity.conf").symlink_to(f"identity-{identity}.conf")
    certificate = make_certificate(tmp_path / "site")
    site = block("nginx/README.md", "nginx", "http {")
    more = f"ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key};"
    if upstream:
        server = f"http {{ upstream {upstream} {{ server 127.0.0.1:{free_port()}; }}"
        site = site.replace("http {", server, 1)
        more += f" include sessions-fcgi/{locations};"
    for old, new in [
        ("listen 443 ", f"listen 127.0.0.1:{free_port()} "),
        ("/var/log/nginx", str(tmp_path)),
        ("/etc/ssl/certs/ca-certificates.crt", str(certificate.chain)),
        ("include sessions-fcgi/pages.conf;", f"include sessions-fcgi/pages.conf; {more}"),
    ]:
        assert old in site
        site = site.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    site = site.replace("http {", f"http {{ {places}", 1)
    file = tmp_path / "nginx.conf"
    file.write_text(f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n{site}")
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    command = [nginx, "-t", "-p", tmp_path, "-c", file, "-e", tmp_path / "error.log"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert finished.returncode == 0, finished.stderr
    assert "[warn]" not in finished.stderr, finished.stderr


def test_backup_and_restore_of_operations(tenant, tmp_path):
    """What came between dump and restore is told; what was there is heard again."""
    site = tenant.responder()
    kept, deleted = upload(site, data=b"kept"), upload(site, data=b"deleted")
    follow(tenant, "pg_dump", tmp_path)
    assert delete(site, deleted).status_code == 200
    later = upload(site, data=b"later")
    site.stop()
    tenant.connection.close()
    said = follow(tenant, "pg_restore", tmp_path)
    tenant.reconnect()
    assert set(tenant.sessions()) == {kept, deleted}
    assert deleted in said and kept not in said and f"/{later}/" in said


def test_one_users_data(tenant, tmp_path):
    site = tenant.responder(workers=2)
    upload(site, user="someone")
    other = upload(site, user="other")
    follow(tenant, "someone.tar", tmp_path)
    assert (tmp_path / "someone.tar").stat().st_size > 0
    assert list(tenant.sessions()) == [other]


def follow(tenant, word, directory):
    """Types the block of operations.md in which that word stands; what was said."""
    lines = block("docs/operations.md", "sh", word)
    lines = lines.replace("sessions-fcgi ", f"{shlex.quote(str(tenant.stack.program))} ")
    finished = subprocess.run(
        ["bash", "-euc", lines], cwd=directory, env={**plain_environment(), **tenant.settings},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
