"""docs/from-nextjs.md, played: the app alone, the first look, both, sessions-fcgi, and back."""

import contextlib
import json
import shutil
import subprocess
import threading
import time

import fastcgi
import pytest
from client import assert_error
from commands import said
from documents import block, follow
from forms import audio, file, form, text
from move import GUIDE, ROLE, SWITCH, AppFiles, HalfAnUpload, Move
from tenant import post
from waiting import at_once

from stack.directory import ROOT
from stack.ports import free_port

DURATION = text("duration", "3")


@pytest.fixture(scope="module")
def move(stack, module_sites):
    directory = stack.path / f"move-{time.monotonic_ns()}"
    directory.mkdir()
    with contextlib.ExitStack() as parts:
        yield Move(stack, module_sites, directory, parts)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return AppFiles(tmp_path_factory.mktemp("app"))


def is_ours(answer):
    return "X-Request-Id" in answer.headers


def playable(move, session):
    """What the app has of it; and that it was the recording of that session."""
    return move.app.recording(move.tenant.session(session)["audioUrl"])


def test_first_look_changes_nothing(move, tmp_path):
    move.front.switch(False)
    assert move.status_before.returncode == 3 and b"pending" in move.status_before.stdout
    assert move.tables() == move.tables_before
    user = move.user()
    kept, deleted = user.upload(b"kept", topic="The sea"), user.upload(b"deleted")
    assert playable(move, kept) == b"kept"
    assert user.ask("DELETE", f"/{deleted}").json() == {"ok": True}
    assert not is_ours(user.ask()) and user.ids() == {kept}
    for path in ("", "?page=1&limit=1", f"/{kept}"):
        ours, apps = user.ask(path=path, at=move.front.look), user.ask(path=path)
        assert is_ours(ours) and ours.json() == apps.json()
        assert list(ours.json()) == list(apps.json())
    refused = user.ask("DELETE", f"/{kept}", at=move.front.look)
    assert_error(refused, 405, "METHOD_NOT_ALLOWED")
    assert user.ask("POST", form_parts=[audio(), DURATION], at=move.front.look).status_code == 405
    assert_error(move.nobody().ask(at=move.front.look), 401, "UNAUTHORIZED")
    told = follow(GUIDE, "sessions-fcgi check", move.tenant, tmp_path)
    move.tenant.command("check", DATABASE_URL=move.tenant.url_as(ROLE))
    assert "NOT fine" not in told and "0 have no session; 0 sessions have no object" in told
    assert user.ids() == {kept}


def test_both_write_during_the_change(move):
    """What the app began before the switch it finishes after it; both see all there is."""
    move.front.switch(False)
    user = move.user()
    first = user.upload(b"first")
    reached, go = threading.Event(), threading.Event()

    def stop_once():
        move.app.before_put = lambda: None
        reached.set()
        assert go.wait(20)

    move.app.before_put = stop_once
    finished = []
    begun = threading.Thread(target=lambda: finished.append(user.upload(b"begun before")))
    begun.start()
    try:
        assert reached.wait(20)
        move.front.switch(True)
        during = user.ask().json()["sessions"]
        assert [session["status"] for session in during] == ["CREATED", "UPLOADED"]
        # The app has other addresses, and its own jobs.
        places = [move.app.url, move.front.url]
        both = at_once(8, lambda n: user.upload(f"no. {n}".encode(), at=places[n % 2]))
        move.tenant.command("sweep")
    finally:
        go.set()
        begun.join()
    assert user.ids() == user.ids(at=move.app.url) == {first, *finished, *both}
    assert playable(move, finished[0]) == b"begun before"
    after = user.ask(path="?limit=100").json()["sessions"]
    assert {session["status"] for session in after} == {"UPLOADED"}


# What is asked of both.
UPLOADS = [
    [audio(), DURATION],
    [audio(type="audio/mp4"), DURATION, text("topic", "A day"), text("language", "de")],
    [],
    [DURATION],
    [audio()],
    [audio(), text("duration", "")],
    [audio(), text("duration", "soon")],
    [file("audio", b"<p>", "text/html"), DURATION],
    [file("audio", b"spoken", None), DURATION],
    [audio(bytes(52_428_801)), DURATION],
]
PATHS = [
    "", "?page=1&limit=10", "?page=2&limit=1", "?page=99", "?page=&limit=", "?other=1",
    "/{mine}", "/{others}", "/cnothere", "/{mine}?x=1",
]  # fmt: skip


def shape(answer):
    """What a client goes by: the status, the keys in their order, the code."""

    def keys(value):
        if isinstance(value, dict):
            return [(key, keys(inner)) for key, inner in value.items()]
        return [keys(value[0])] if isinstance(value, list) and value else []

    body = answer.json()
    kind = answer.headers["Content-Type"].split(";")[0]
    return answer.status_code, kind, body.get("code"), keys(body)


def test_requests_of_the_original_get_what_they_got(move):
    move.front.switch(True)
    user, other, unknown, nobody = move.user(), move.user(), move.user(), move.nobody()
    ids = {"mine": user.upload(topic="Zoë"), "others": other.upload()}
    user.upload(at=move.app.url)
    add_results(move, ids["mine"])

    def compare(client, method, path="", parts=None):
        answers = [client.ask(method, path, parts, at=at) for at in (None, move.app.url)]
        assert is_ours(answers[0]) and not is_ours(answers[1])
        assert shape(answers[0]) == shape(answers[1]), (method, path)
        return answers

    for client in (user, unknown, nobody):
        for path in PATHS:
            ours, apps = compare(client, "GET", path.format(**ids))
            if client is user and ours.status_code == 200:
                assert ours.json() | {"insights": 0} == apps.json() | {"insights": 0}
        for parts in {user: UPLOADS, unknown: [], nobody: UPLOADS[:3]}[client]:
            compare(client, "POST", "", parts)
        for path in ("/{others}", "/cnothere"):
            compare(client, "DELETE", path.format(**ids))
    details = [user.ask(path=f"/{ids['mine']}", at=at).json() for at in (None, move.app.url)]
    severities = [[insight["severity"] for insight in found["insights"]] for found in details]
    assert severities == [["high", "medium", "low", None], [None, "medium", "low", "high"]]
    for made_at, deleted_at in ((move.app.url, None), (None, move.app.url)):
        session = user.upload(b"by the one", at=made_at)
        key = move.tenant.session(session)["audioUrl"]
        assert key.endswith(".webm;codecs=opus" if made_at else ".webm")
        assert user.ask(path=f"/{session}/audio").content == b"by the one"
        answer = user.ask("DELETE", f"/{session}", at=deleted_at)
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
        assert move.app.recording(key) is None
    redirect = move.nobody().ask(path="/?page=2")
    assert redirect.status_code == 308
    assert redirect.headers["Location"].endswith("/api/sessions?page=2")


def add_results(move, session):
    """What the app's processing leaves."""
    move.tenant.execute(
        "INSERT INTO transcripts VALUES ('t' || %s, %s, 'Hello', 1)", session, session
    )
    for severity in ("low", None, "high", "medium"):
        move.tenant.execute(
            'INSERT INTO insights (id, "sessionId", category, pattern, detail, severity, examples)'
            " VALUES (gen_random_uuid(), %s, 'grammar', 'p', 'd', %s, '[{\"a\": 1}]')",
            session, severity,
        )  # fmt: skip


def test_user_ends_by_the_role_of_the_guide(move):
    """Also where another table of the app's holds on to a session that was worked on."""
    move.front.switch(True)
    user = move.user()
    ids = [user.upload(), user.upload()]
    for session in ids:
        add_results(move, session)
    move.tenant.execute('CREATE TABLE marks ("sessionId" text REFERENCES speaking_sessions (id))')
    try:
        move.tenant.execute("INSERT INTO marks VALUES (%s)", ids[0])
        command = ("erase", "--user", user.name)
        as_role = {"DATABASE_URL": move.tenant.url_as(ROLE)}
        finished = move.tenant.run(*command, **as_role)
        assert finished.returncode == 1
        assert "marks refuses" in said(finished)
        texts = 'SELECT count(*) FROM transcripts WHERE "sessionId" = ANY (%s)'
        assert move.tenant.value(texts, ids) == 0
    finally:
        move.tenant.execute("DROP TABLE marks")
    move.tenant.command(*command, **as_role)
    assert user.ids() == set()


def test_way_back_loses_nothing(move, tmp_path):
    move.front.switch(True)
    user = move.user()
    ids = [user.upload(f"no. {number}".encode()) for number in range(3)]
    with HalfAnUpload(user, audio(b"slowly"), DURATION) as upload:
        move.front.switch(False)
        assert not is_ours(user.ask())
        ids.append(upload.finish())
    assert user.ids() == set(ids)
    assert [playable(move, session) for session in ids] == [
        b"no. 0", b"no. 1", b"no. 2", b"slowly"
    ]  # fmt: skip
    without_storage = move.serve(R2_ENDPOINT=f"https://127.0.0.1:{free_port()}")
    assert_error(post(without_storage, user=user.name), 503, "STORAGE_UNAVAILABLE")
    without_storage.stop()
    listed = user.ask().json()["sessions"]
    assert [session["status"] for session in listed] == ["FAILED"] + ["UPLOADED"] * 4
    assert user.ask("DELETE", f"/{listed[0]['id']}").status_code == 200
    keys = [move.tenant.session(session)["audioUrl"] for session in ids]
    assert user.ask("DELETE", f"/{ids[0]}").json() == {"ok": True}
    # What the app's own deletion would have left for good.
    move.app.store_fails = True
    try:
        assert user.ask("DELETE", f"/{ids[1]}").json() == {"ok": True}
    finally:
        move.app.store_fails = False
    move.tenant.sweep_until_no_job_is_left()
    assert [move.app.recording(key) is None for key in keys] == [True, True, False, False]
    assert "0 have no session; 0 sessions have no object" in follow(
        GUIDE, "sessions-fcgi check", move.tenant, tmp_path
    )


def test_end_of_it_leaves_the_apps_tables(move, tmp_path):
    """And may be taken back."""
    move.front.switch(False)
    user = move.user()
    session = user.upload()
    move.responder.stop()
    follow(GUIDE, "--uninstall", move.tenant, tmp_path)
    assert move.tables() == move.tables_before
    assert not move.tenant.value("SELECT to_regnamespace('sessions_fcgi')::text")
    assert not move.tenant.value("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")
    assert user.ids() == {session}
    follow(GUIDE, "role.sql", move.tenant, ROOT)
    move.responder.start()
    assert move.responder.wait_until_ready(20)
    move.front.switch(True)
    assert user.ids() == {session}
    assert "[warn]" not in move.front.log_text()


# The files that the guide gives an app and its nginx


def test_nginx_is_given_its_files(tmp_path):
    shutil.copytree(ROOT / "nginx", tmp_path / "sessions-fcgi")
    (tmp_path / "sites-enabled").mkdir()
    lines = block(GUIDE, "sh", "beside-app-site").replace("/etc/nginx", str(tmp_path))
    lines = "".join(line for line in lines.splitlines(True) if "systemctl" not in line)
    subprocess.run(["bash", "-euc", lines], check=True)
    assert (tmp_path / "sites-enabled" / "app").read_text().count(f"# {SWITCH}") == 1
    identity = (tmp_path / "sessions-fcgi" / "identity.conf").resolve()
    assert identity.name == "identity-auth-request.conf"
    assert block(GUIDE, "nginx", SWITCH).strip() == SWITCH


def test_app_says_who_the_user_is(move, files):
    move.app.identity = files.identity
    move.front.switch(True)
    user = move.user()
    with move.front.asking_the_app():
        session = user.upload()
        assert_error(move.nobody().ask(), 401, "UNAUTHORIZED")
    query = 'SELECT "externalId", email, "displayName" FROM users WHERE id = %s'
    owner = move.tenant.session(session)["userId"]
    found = move.tenant.execute(query, owner).fetchone()
    assert found == (user.name, "a@example.com", "Zoë 100%")


def test_middleware_leaves_alone_what_is_not_the_apps(files):
    ours = ["/api/auth/identity", "/api/process", "/api/sessions", "/api/sessions/x/audio"]
    paths = ["/session/new", "/", *ours]
    script = """
        import { config } from "./middleware.mjs";
        const matchers = config.matcher.map((path) => new RegExp(`^${path}$`));
        const paths = JSON.parse(process.env.PATHS);
        const runs = (path) => matchers.some((matcher) => matcher.test(path));
        console.log(JSON.stringify(paths.filter(runs)));
    """
    assert files.run(script, PATHS=json.dumps(paths)) == ["/session/new", "/"]


def test_app_that_hands_the_requests_on(move, files):
    """It stays at its own host, and what comes has ours in Host and the app's in Origin."""
    script = """
        import config from "./next.config.mjs";
        console.log(JSON.stringify((await config.rewrites()).beforeFiles));
    """
    assert files.run(script) == []
    [rewrite] = files.run(script, SESSIONS_URL="https://sessions.example")
    assert rewrite == {
        "source": "/api/sessions/:path*",
        "destination": "https://sessions.example/api/sessions/:path*",
    }
    body, content_type = form(audio(), DURATION)
    hosts = {"HTTP_HOST": "sessions.example", "HTTP_ORIGIN": "https://app.example"}
    asked = fastcgi.upload(body, content_type, "someone", **hosts)
    assert_error(fastcgi.ask(move.responder.socket, asked, body), 403, "CSRF_REJECTED")
    listing = move.serve(ALLOWED_ORIGINS="https://app.example")
    assert fastcgi.ask(listing.socket, asked, body).status_code == 201
