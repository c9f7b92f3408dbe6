"""Where nginx asks an app or oauth2-proxy who the user is: whatever those answer."""

import secrets

import pytest
from app import App
from client import Client, assert_error, header_values, send_raw
from test_audio import DATA

WAYS = {
    "auth-request": ("sessions_app", "auth/app", "X-User-Id", "X-User-Email", "X-User-Name"),
    "oauth2-proxy": (
        "oauth2_proxy", "auth/oauth2-proxy", "X-Auth-Request-User", "X-Auth-Request-Email",
        "X-Auth-Request-Preferred-Username",
    ),
}  # fmt: skip
REDIRECTS = [301, 302, 303, 307, 308]
SESSION = "session=renewed; Path=/; HttpOnly"


class Asking:
    """nginx of one of the two ways, the app that it asks, and a client of both."""

    def __init__(self, sites, stack, way, app, **options):
        upstream, locations, self.user_header, self.email_header, self.name_header = WAYS[way]
        self.app = app
        self.user = f"user-{secrets.token_hex(6)}"
        self.front = sites.nginx(
            stack.path / "responder.sock",
            way,
            http=f"upstream {upstream} {{ server 127.0.0.1:{app.port}; }}",
            server=f"include sessions-fcgi/{locations}.conf;",
            **options,
        )
        self.client = Client(self.front.url, None)
        self.knows()

    def knows(self, *headers, status=200):
        """The app knows the user, and sends these headers besides."""
        self.app.says(status, (self.user_header, self.user), *headers)


@pytest.fixture
def app():
    with App() as app:
        yield app


@pytest.fixture(params=WAYS)
def asking(request, sites, stack, app):
    return Asking(sites, stack, request.param, app)


@pytest.fixture
def of_app(sites, stack, app):
    return lambda **options: Asking(sites, stack, "auth-request", app, **options)


def cookies(response):
    return header_values(response, "Set-Cookie")


def test_nginx_has_nothing_to_complain_about(asking):
    assert "[warn]" not in asking.front.log_text()


# What it says besides


@pytest.mark.parametrize("header", ["Set-Cookie", "X-Padding"])
def test_answer_with_large_headers(asking, header):
    for size in (0, 3_000, 5_000, 9_000, 17_000, 30_000):
        value = "padding=" + "x" * (size - 8) if size else ""
        asking.knows((header, value))
        response = asking.client.get()
        assert response.status_code == 200, f"{size} bytes: {response.text}"
        assert cookies(response) == ([value] if size and header == "Set-Cookie" else [])
    asking.app.says(401, (header, "x" * 30_000))
    assert_error(asking.client.get(), 401, "UNAUTHORIZED")


def test_renewed_session_reaches_the_browser(asking):
    asking.knows(("Set-Cookie", SESSION))
    asking.client.upload()
    page = asking.client.http.get(asking.front.url + "/")
    assert page.status_code == 200
    api = asking.client
    for response in (page, api.get(), api.get("/api/sessions?page=x"), api.get("/api/sessions/c1")):
        assert cookies(response) == [SESSION]
    asking.knows()
    assert cookies(asking.client.get()) == []


@pytest.mark.parametrize("status", [401, 403, 307, 500])
def test_session_that_is_ended_reaches_the_browser(asking, status):
    ended = "session=; Max-Age=0"
    asking.app.says(status, ("Set-Cookie", ended), ("Location", "/login"))
    for path in ("/api/sessions", "/"):
        response = asking.client.http.get(asking.front.url + path, allow_redirects=False)
        assert response.status_code == (401 if status == 307 else status)
        assert cookies(response) == [ended]


def test_renewed_session_comes_with_a_recording_that_nginx_fetches(stack, sites, app):
    store = (stack.env["R2_ENDPOINT"], stack.env["R2_CA_FILE"])
    asking = Asking(sites, stack, "auth-request", app, storage=store)
    path = f"/api/sessions/{asking.client.upload(DATA)}/audio"
    asking.knows(("Set-Cookie", SESSION))
    response = asking.client.get(path)
    assert response.content == DATA and cookies(response) == [SESSION]


# nginx gives several lines as one from 1.23 on, and before that the first: both are tried, whatever
# the nginx here is.
SEVERAL = [
    "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/",
    "__Host-b=x.y%2C=; Secure; Path=/",
    "c=; Expires=Thursday, 01-Jan-1970 00:00:00 GMT",
    'next-auth.session-token.0="q, r"; HttpOnly',
    "e=5",
    "f=6; SameSite=Lax",
    "g=7",
    "h=8; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_several_cookies_that_nginx_joins(asking, count):
    asking.knows(("Set-Cookie", ", ".join(SEVERAL[:count])))
    assert cookies(asking.client.get()) == SEVERAL[:count]


def test_what_looks_like_thousands_of_cookies_is_cut_at_once(asking):
    asking.knows(("Set-Cookie", "a=1, " * 5_900 + "a"))
    response = asking.client.get()
    assert response.elapsed.total_seconds() < 1
    assert cookies(response) == ["a=1"] * 8


def test_several_cookies_as_lines(asking):
    """All of them from 1.23 on; before, the first, and no half of another."""
    asking.knows(*[("Set-Cookie", line) for line in SEVERAL])
    assert cookies(asking.client.get()) in (SEVERAL, SEVERAL[:1])


@pytest.mark.parametrize("asking", ["oauth2-proxy"], indirect=True)
def test_second_cookie_of_a_long_session_is_known_by_name(asking):
    first = "_oauth2_proxy_0=" + "x" * 3_900 + "; Path=/; Max-Age=604800; HttpOnly; Secure"
    second = "_oauth2_proxy_1=" + "y" * 1_000 + "; Path=/; Max-Age=604800; HttpOnly; Secure"
    asking.knows(("Set-Cookie", first), ("Set-Cookie", second))
    assert cookies(asking.client.get()) == [first, second]
    asking.knows(("Set-Cookie", f"{first}, {second}"))
    assert cookies(asking.client.get()) == [first, second]


# What else it answers


def test_redirect_of_the_signed_out_is_a_401(asking):
    for status in REDIRECTS:
        asking.app.says(status, ("Location", "/login?from=identity"), ("X-User-Id", "x"))
        response = asking.client.get()
        assert_error(response, 401, "UNAUTHORIZED")
        assert "Location" not in response.headers
        page = asking.client.http.get(asking.front.url + "/", allow_redirects=False)
        assert page.status_code == 401 and "You are not signed in" in page.text


@pytest.mark.parametrize("status", [400, 404, 418, 431, 500])
def test_answer_that_says_nothing_of_the_user(asking, status):
    asking.app.says(status)
    assert_error(asking.client.get(), 500, "INTERNAL_ERROR")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_authority_that_is_not_well(asking, status):
    asking.app.says(status)
    assert_error(asking.client.get(), 503, "UNAVAILABLE")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nX-User-Id: victim"])
def test_authority_that_breaks_off(asking, answer):
    asking.app.answer = answer
    assert_error(asking.client.get(), 503, "UNAVAILABLE")


def test_answer_whose_headers_are_too_large(asking):
    asking.knows(("X-Padding", "x" * 40_000))
    assert_error(asking.client.get(), 503, "UNAVAILABLE")


def test_authority_that_is_dead(asking):
    with asking.app:
        pass
    assert_error(asking.client.get(), 503, "UNAVAILABLE")
    page = asking.client.http.get(asking.front.url + "/")
    assert page.status_code == 500 and "We will be right back" in page.text


def test_authority_that_is_slow(of_app, app):
    edit = ("auth/app.conf", "proxy_read_timeout 10s;", "proxy_read_timeout 1s;")
    client = of_app(edits=[edit]).client
    app.delay = 0.5
    assert client.get().status_code == 200
    app.delay = 3
    assert_error(client.get(), 503, "UNAVAILABLE")


# What it is asked


def test_it_gets_nothing_of_the_clients_but_what_tells_who_it_is(asking):
    asking.client.get(
        headers={
            "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Proto": "https", "X-Forwarded-Uri": "/public", "Forwarded": "for=::1",
            "X-Real-IP": "127.0.0.1", "X-Original-URI": "/public", "X-Original-Method": "OPTIONS",
            "x-middleware-subrequest": "middleware:middleware", "X-User-Id": "victim",
            "X-HTTP-Method-Override": "POST", "X-Auth-Request-Redirect": "//evil.example",
            "Content-Type": "application/json", "Range": "bytes=0-0", "If-None-Match": "*",
            "Accept-Encoding": "gzip", "Origin": asking.front.url, "Next-Action": "x", "RSC": "1",
            "Cookie": "session=a", "Authorization": "Bearer b", "User-Agent": "Browser",
        }
    )  # fmt: skip
    asked = asking.app.asked()
    host = asking.front.url.removeprefix("http://")
    common = {
        "host": host, "connection": "close", "cookie": "session=a", "authorization": "Bearer b",
        "user-agent": "Browser", "x-real-ip": "127.0.0.1", "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
    }  # fmt: skip
    assert common.items() <= asked.items()
    others = {name: value for name, value in asked.items() if name not in common}
    assert others.pop("x-request-id", "") != "given"
    assert others in (
        {"x-original-method": "GET", "x-original-uri": "/api/sessions"},
        {"x-forwarded-host": host, "x-forwarded-uri": "/api/sessions"},
    )


def test_it_is_asked_without_the_upload(asking):
    asking.client.upload(bytes(3_000_000))
    head = asking.app.heads[-1]
    assert head.startswith(b"GET ") and b"ontent-" not in head and b"oding" not in head


@pytest.mark.parametrize("asking", ["oauth2-proxy"], indirect=True)
def test_sign_in_of_oauth2_proxy_hears_no_forged_address(asking):
    forged = {f"X-Forwarded-{name}": "evil.example" for name in ("For", "Host", "Proto", "Uri")}
    forged |= {"X-Real-IP": "evil.example", "X-Auth-Request-Redirect": "//evil.example"}
    asking.app.says(302, ("Location", "/"), ("Set-Cookie", "session=" + "x" * 20_000))
    url = asking.front.url + "/oauth2/start?rd=/session/new"
    response = asking.client.http.get(url, headers=forged, allow_redirects=False)
    assert response.status_code == 302 and len(cookies(response)[0]) > 20_000
    assert "evil.example" not in str(asking.app.heads)


@pytest.mark.parametrize("size", [8_200, 12_000, 20_000, 29_000])
def test_long_cookie(asking, size):
    cookie = "session=" + "x" * size
    asking.client.http.headers["Cookie"] = cookie
    asking.client.upload()
    assert asking.client.get().json()["total"] == 1
    assert asking.app.asked()["cookie"] == cookie


def test_cookie_that_is_too_long(asking):
    asking.client.http.headers["Cookie"] = "session=" + "x" * 31_000
    assert_error(asking.client.get(), 400, "BAD_REQUEST")


# Names


@pytest.mark.parametrize(
    "sent, name",
    [
        ("Alice", "Alice"),
        ("Zo%C3%AB%20%E6%9D%8E", "Zoë 李"),
        ("Zoë".encode(), "Zoë"),
        ("Zoë".encode("latin-1"), None),
        ("Zo%EB", None),
        ("100% Anna", None),
        ("100%25", "100%"),
        ("%00", None),
        ("", None),
    ],
)
def test_name_from_an_app(of_app, db, sent, name):
    asking = of_app()
    asking.knows((asking.name_header, sent), (asking.email_header, "a%41@example.com"))
    asking.client.upload()
    query = 'SELECT email, "displayName" FROM users WHERE "externalId" = %s'
    assert db.execute(query, [asking.user]).fetchone() == ("a%41@example.com", name)


@pytest.mark.parametrize("asking", ["oauth2-proxy"], indirect=True)
@pytest.mark.parametrize("name", ["Zo%C3%AB", "Zoë"])
def test_name_from_oauth2_proxy_is_as_it_was_sent(asking, db, name):
    asking.knows((asking.name_header, name))
    asking.client.upload()
    query = 'SELECT "displayName" FROM users WHERE "externalId" = %s'
    assert db.value(query, asking.user) == name


# Where a visitor of a page is sent


@pytest.mark.parametrize(
    "target, page",
    [
        ("/", "/"),
        ("/?page=3", "/%3Fpage%3D3"),
        ("/session/new", "/session/new"),
        ("/session/c1?x=1&rd=//evil.example", "/session/c1"),
        ("//evil.example/..//session/new", "/"),
        ("//session/new", "/"),
        ("/\\evil.example/../session/new", "/"),
        ("/%2F%2Fevil.example/%2E%2E/session/new", "/"),
        ("/session/new%0d%0aX:%20y", "/"),
        ("/session/%26rd=evil", "/"),
        ("/?page=3&rd=//evil.example", "/"),
    ],
)
def test_sign_in_leads_back_to_our_own_pages_only(of_app, app, target, page):
    address = '"/oauth2/start?rd=$sessions_page"'
    edit = ("pages.conf", 'sessions_sign_in "";', f"sessions_sign_in {address};")
    front = of_app(edits=[edit]).front
    app.says(401)
    answer = send_raw(front.url, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"/oauth2/start?rd={page}")
