"""What the documents tell to type or to include works as it stands there."""

import re
import shutil
import subprocess

import pytest
from certificates import make_certificate
from documents import block, blocks, follow
from private_stack import PASSWORD
from tenant import delete, upload

from stack.directory import ROOT
from stack.nginx import VERSION, version_of
from stack.part import plain_environment
from stack.ports import free_port


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


# How nginx learns who the user is, and the site's lines for that.
WAYS = [
    ("basic", []),
    ("auth-request", ["upstream sessions_app", "auth/app.conf", "app-fallthrough.conf"]),
    ("auth-request", ["authorize-upstream.conf", "auth/authjs.conf"]),
    ("auth-request", ["authorize-upstream.conf", "auth/bearer.conf"]),
    ("auth-request", ["authorize-upstream.conf", "auth/authjs-or-bearer.conf"]),
    ("oauth2-proxy", ["upstream oauth2_proxy", "auth/oauth2-proxy.conf"]),
]
FOR_ALL = ["origins.conf", "cors.conf", "resolver.conf", "proxy_ssl_trusted", "audio.conf"]
RESOLV_CONF = "# made\nnameserver 10.0.0.53\nsearch example\nnameserver 2001:db8::53\n"


@pytest.mark.parametrize("identity, lines", WAYS)
def test_site_of_the_nginx_readme(tmp_path, identity, lines):
    """As its lines make it, and with all that it has to offer, nginx takes it without a word."""
    etc = tmp_path / "nginx"
    (etc / "sites-enabled").mkdir(parents=True)
    (tmp_path / "resolv.conf").write_text(RESOLV_CONF)
    follow_the_nginx_readme(tmp_path, identity)
    resolver = (etc / "sessions-fcgi" / "resolver.conf").read_text()
    assert resolver == "resolver 10.0.0.53 [2001:db8::53];\n"
    asked = etc / "sessions-fcgi" / "identity-auth-request.conf"
    asked.write_text(switch_on(asked.read_text(), ["session_1"]))
    site = (etc / "sites-enabled" / "sessions-fcgi").read_text()
    certificate = make_certificate(tmp_path / "site")
    for chosen in ([], FOR_ALL) if identity == "basic" else (lines, [*FOR_ALL, *lines]):
        check_site(tmp_path, switch_on(site, chosen), certificate)


def follow_the_nginx_readme(place, identity):
    """All its lines to type, with a directory in the place of the machine's."""
    lines = "".join(blocks("nginx/README.md", "sh"))
    for old, new in [
        ("/etc/nginx", f"{place}/nginx"),
        ("/usr/share/nginx", f"{place}/share"),
        ("/etc/resolv.conf", f"{place}/resolv.conf"),
        ("identity-basic.conf", f"identity-{identity}.conf"),
        ("passwd -6", f"passwd -6 {PASSWORD}"),
        ("-g www-data ", ""),
        ("nginx -t && systemctl reload nginx\n", ""),
    ]:
        assert old in lines
        lines = lines.replace(old, new)
    (place / "share").mkdir()
    subprocess.run(["bash", "-euc", lines], cwd=ROOT, check=True)
    assert (place / "share" / "sessions-fcgi" / "html" / "index.html").exists()
    assert (place / "nginx" / "sessions-fcgi-users").read_text().startswith("demo:$6$")


def switch_on(text, lines):
    """Without the # of the lines in which these stand."""
    for line in lines:
        text, count = re.subn(rf"(?m)^( *)#(?=\S)(?=.*{re.escape(line)})", r"\1", text)
        assert count == 1, line
    return text


def check_site(place, site, certificate):
    for old, new in [
        ("listen 443 ", f"listen 127.0.0.1:{free_port()} "),
        ("/var/log/nginx", str(place)),
        ("/etc/ssl/certs/ca-certificates.crt", str(certificate.chain)),
        ("/etc/ssl/certs/ssl-cert-snakeoil.pem", str(certificate.chain)),
        ("/etc/ssl/private/ssl-cert-snakeoil.key", str(certificate.key)),
    ]:
        assert old in site
        site = site.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {place}/{kind};" for kind in kinds)
    file = place / "nginx" / "nginx.conf"
    file.write_text(f"pid {place}/pid; events {{}} http {{ {places}\n{site} }}\n")
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    command = [nginx, "-t", "-p", place, "-c", file, "-e", place / "error.log"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert finished.returncode == 0, finished.stderr
    assert "[warn]" not in finished.stderr, finished.stderr


def test_backup_and_restore_of_operations(tenant, tmp_path):
    """What came between dump and restore is told; what was there is heard again."""
    site = tenant.responder()
    kept, deleted = upload(site, data=b"kept"), upload(site, data=b"deleted")
    follow("docs/operations.md", "pg_dump", tenant, tmp_path)
    assert delete(site, deleted).status_code == 200
    later = upload(site, data=b"later")
    site.stop()
    tenant.connection.close()
    said = follow("docs/operations.md", "pg_restore", tenant, tmp_path)
    tenant.reconnect()
    assert set(tenant.sessions()) == {kept, deleted}
    assert deleted in said and kept not in said and f"/{later}/" in said


def test_one_users_data(tenant, tmp_path):
    site = tenant.responder(workers=2)
    upload(site, user="someone")
    other = upload(site, user="other")
    follow("docs/operations.md", "someone.tar", tenant, tmp_path)
    assert (tmp_path / "someone.tar").stat().st_size > 0
    assert list(tenant.sessions()) == [other]
