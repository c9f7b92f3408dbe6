"""What a real browser lets pages of other origins do."""

import base64

import pytest
from client import Client
from elsewhere import Elsewhere
from private_stack import PASSWORD

# The functions that a page of another origin would have; what fails without a word is "blocked".
PAGE = """
    const [api, authorization] = given;
    const credentials = authorization ? "omit" : "include";
    async function send(method, path, { headers = {}, ...others } = {}) {
      if (authorization && others.credentials !== "omit") headers.Authorization = authorization;
      let response;
      try {
        response = await fetch(api + path, { method, headers, credentials, ...others });
      } catch {
        return "blocked";
      }
      const names = ["Location", "X-Request-Id", "Content-Range", "Retry-After"];
      const seen = Object.fromEntries(names.map((name) => [name, response.headers.get(name)]));
      const type = response.headers.get("Content-Type");
      const body = type === "application/json" ? await response.json() : await response.text();
      return { status: response.status, body, ...seen };
    }
    function form(sound = "sound") {
      const form = new FormData();
      if (sound) form.append("audio", new Blob([sound], { type: "audio/webm" }), "take.webm");
      form.append("duration", "1");
      return form;
    }
    const key = (headers) => ({ body: form(), headers: { "Idempotency-Key": "one", ...headers } });
"""
EVERYTHING = (
    PAGE
    + """
    const results = {};
    results.list = await send("GET", "");
    results.upload = await send("POST", "", key());
    results.again = await send("POST", "", key());
    results.mismatch = await send("POST", "", { ...key(), body: form("other") });
    results.incomplete = await send("POST", "", { body: form(null) });
    const path = `/${results.upload.body.id}`;
    results.show = await send("GET", path);
    results.part = await send("GET", `${path}/audio`, { headers: { Range: "bytes=1-3" } });
    results.beyond = await send("GET", `${path}/audio`, { headers: { Range: "bytes=9-" } });
    results.remove = await send("DELETE", path);
    results.removeAgain = await send("DELETE", path);
    results.stranger = await send("GET", "", { credentials: "omit" });
    return results;
"""
)


@pytest.fixture
def elsewhere():
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture
def visit(sites, stack, new_client, new_browser, elsewhere):
    """A browser that has signed in to a site which lists these origins, and a client of it."""

    def visit(*origins):
        responder = sites.responder(ALLOWED_ORIGINS=" ".join(origins))
        lines = [f'"{origin}" $http_origin;' for origin in origins]
        front = sites.nginx(
            responder.socket,
            http=f"map $http_origin $sessions_allowed_origin {{ default ''; {''.join(lines)} }}",
            server="include sessions-fcgi/cors.conf;",
            storage=(stack.env["R2_ENDPOINT"], stack.env["R2_CA_FILE"]),
        )
        client = Client(front.url, new_client().user)
        front.add_user(client.user)
        browser = new_browser(url=front.url, user=client.user)
        browser.open("/")
        browser.wait_for_text("Nothing here yet")
        browser.expected = ["status of 4", "CORS policy", "ERR_FAILED"]
        client.browser, client.responder = browser, responder
        return client

    return visit


def run(client, origin, script, *arguments, authorization=None):
    client.browser.driver.get(origin)
    api = f"{client.url}/api/sessions"
    return client.browser.run(script, api, authorization, *arguments)


def basic(client):
    return "Basic " + base64.b64encode(f"{client.user}:{PASSWORD}".encode()).decode()


def check_everything(results):
    statuses = {name: result["status"] for name, result in results.items()}
    assert statuses == {
        "list": 200, "upload": 201, "again": 201, "mismatch": 422, "incomplete": 400, "show": 200,
        "part": 206, "beyond": 416, "remove": 200, "removeAgain": 404, "stranger": 401,
    }  # fmt: skip
    assert all(result["X-Request-Id"] for result in results.values())
    assert results["upload"]["Location"] == f"/api/sessions/{results['upload']['body']['id']}"
    assert results["again"]["body"] == results["upload"]["body"]
    assert results["incomplete"]["body"]["code"] == "MISSING_AUDIO"
    assert results["part"]["body"] == "oun"
    assert results["part"]["Content-Range"] == "bytes 1-3/5"
    assert results["beyond"]["body"]["code"] == "RANGE_NOT_SATISFIABLE"
    assert results["removeAgain"]["body"]["code"] == "SESSION_NOT_FOUND"
    assert results["stranger"]["body"]["code"] == "UNAUTHORIZED"


def test_listed_origin_of_the_same_site_does_all_with_the_users_own_credentials(visit, elsewhere):
    client = visit(elsewhere.origin)
    check_everything(run(client, elsewhere.origin, EVERYTHING))


@pytest.mark.smoke
def test_listed_origin_of_another_site_does_all_until_it_is_revoked(visit, elsewhere):
    origin = elsewhere.origin_of_another_site
    client = visit("https://app.example", origin)
    check_everything(run(client, origin, EVERYTHING, authorization=basic(client)))
    session = client.upload()
    client.responder.stop()
    client.responder.settings["ALLOWED_ORIGINS"] = "https://app.example"
    client.responder.start()
    assert client.responder.wait_until_ready(20)
    results = run(client, origin, REMOVAL, session, authorization=basic(client))
    assert results == ["blocked"] * 3
    # The browser had kept the preflight, and the upload itself was refused.
    assert "code=CSRF_REJECTED" in client.responder.log_text()
    assert [item["id"] for item in client.get().json()["sessions"]] == [session]


REMOVAL = PAGE + (
    'return [await send("GET", ""), await send("POST", "", key()),'
    ' await send("DELETE", "/" + given[2])];'
)
SIMPLE = PAGE + (
    'return [await send("POST", "", { body: form() }),'
    ' await send("POST", "", { body: form(), mode: "no-cors" })];'
)


def test_unlisted_origin_stores_reads_and_deletes_nothing(visit, elsewhere):
    client = visit("https://app.example")
    session = client.upload()
    for origin in (elsewhere.origin, elsewhere.origin_of_another_site):
        assert run(client, origin, REMOVAL, session) == ["blocked"] * 3
        seen, unseen = run(client, origin, SIMPLE)
        assert seen == "blocked" and unseen["status"] == 0
    assert [item["id"] for item in client.get().json()["sessions"]] == [session]
