"""Settings from a file, by --env-file or SESSIONS_ENV_FILE."""

import fastcgi
import pytest
from commands import said

SECRETS = ["DATABASE_URL", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"]
TOLD = "everybody on this machine may read the file with the secrets"


@pytest.fixture
def env_file(stack, tmp_path):
    """A file with all settings of the stack, which nobody else may read."""
    file = tmp_path / "env"
    file.touch(0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in stack.settings.items()))
    return file


@pytest.fixture
def nothing(stack):
    """Takes all settings of the environment away."""
    return dict.fromkeys(stack.settings)


@pytest.mark.parametrize(
    "command", [["check"], ["migrate", "--status"], ["sweep", "--dry-run"]], ids=lambda c: c[0]
)
def test_commands_take_their_settings_from_it(run, env_file, nothing, command):
    assert run(*command, **nothing).returncode == 1
    finished = run(*command, "--env-file", env_file, **nothing)
    assert finished.returncode == 0, said(finished)
    assert TOLD not in said(finished)


def test_serve_takes_its_settings_from_it(sites, env_file, nothing):
    site = sites.responder(options=["--env-file", env_file], **nothing)
    assert fastcgi.ask(site.socket).status_code == 200


def test_the_environment_comes_first(run, env_file, nothing):
    given = {**nothing, "R2_BUCKET_NAME": "another"}
    finished = run("check", "--env-file", env_file, **given)
    assert finished.returncode == 1 and "R2_BUCKET_NAME" in said(finished)
    taken_away = run("check", "--env-file", env_file, **{**nothing, "R2_BUCKET_NAME": ""})
    assert "R2_BUCKET_NAME is not set" in said(taken_away)


def test_cgi_program_takes_it_by_a_variable_alone(run, env_file, nothing, alice):
    """Arguments are words of the query there; and the file makes nobody a user."""
    with open(env_file, "a") as file:
        file.write("REMOTE_USER=demo\nREQUEST_METHOD=GET\n")
    given = {**nothing, "SESSIONS_ENV_FILE": env_file}
    signed_in = dict(fastcgi.parameters(user=alice.user))
    assert fastcgi.cgi_answer(run(**given, **signed_in).stdout).status_code == 200
    signed_out = dict(fastcgi.parameters(user=None))
    assert fastcgi.cgi_answer(run(**given, **signed_out).stdout).status_code == 401
    by_argument = run("--env-file", env_file, **nothing, **signed_in)
    assert fastcgi.cgi_answer(by_argument.stdout).status_code == 500


def test_secrets_come_from_credentials_of_systemd(run, stack, tmp_path):
    """By one rule, whichever they are; what the environment says comes first."""
    for name in SECRETS:
        (tmp_path / f"secret_{name}").write_text(stack.settings[name] + "\n")
    (tmp_path / "secret_QSTASH_TOKEN").touch()
    handed = {**dict.fromkeys(SECRETS), "CREDENTIALS_DIRECTORY": tmp_path}
    finished = run("check", **handed, APP_URL="https://app.example")
    assert finished.returncode == 0, said(finished)
    (tmp_path / "secret_PROCESS_SECRET").write_text("short")
    (tmp_path / "secret_AUTH_JWT_SECRET").write_text("short")
    (tmp_path / "secret_R2_SESSION_TOKEN").write_bytes(b"\xff")
    told = said(run("check", **{**handed, "R2_ACCESS_KEY_ID": "a b"}))
    assert "R2_ACCESS_KEY_ID is malformed" in told
    assert "the credential of R2_SESSION_TOKEN is not UTF-8" in told
    assert "PROCESS_SECRET must" in told and "DATABASE_URL" not in told
    told = said(run("authorize", "--listen", tmp_path / "socket", **handed))
    assert "AUTH_JWT_SECRET must" in told


@pytest.mark.parametrize(
    "mode, name", [(0o640, "DATABASE_URL"), (0o604, "LOG_LEVEL"), *((0o604, n) for n in SECRETS)]
)
def test_secrets_that_others_can_read_are_told(run, tmp_path, stack, name, mode):
    file = tmp_path / "env"
    file.write_text(f"{name}={stack.settings.get(name, 'info')}\n")
    file.chmod(mode)
    finished = run("check", "--quiet", "--env-file", file, **{name: None})
    assert finished.returncode == 0, said(finished)
    assert (TOLD in said(finished)) == (mode == 0o604 and name in SECRETS)


@pytest.mark.parametrize(
    "text, told",
    [
        (b"A=1\nexport B=2\n", "line 2 is not NAME=value"),
        (b"# a comment\n\nsecret\n", "line 3 is not NAME=value"),
        (b"A='1\nB=2\n", "the quote that line 1 opens is not closed"),
        (b"A=\xff\n", "line 1 is not UTF-8"),
    ],
)
def test_what_is_no_setting_is_told_by_its_line(run, tmp_path, text, told):
    file = tmp_path / "env"
    file.write_bytes(text)
    finished = run("check", "--env-file", file)
    assert finished.returncode == 1
    [line] = said(finished).splitlines()
    assert f"{file}: {told}" in line and "secret" not in line


@pytest.mark.parametrize("name, told", [("none", "No such file"), (".", "directory")])
def test_file_that_cannot_be_read_is_told(run, tmp_path, name, told):
    finished = run("check", "--env-file", tmp_path / name)
    assert finished.returncode == 1 and told in said(finished)
    assert len(said(finished).splitlines()) == 1
