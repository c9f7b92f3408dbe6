"""Cross-site POST and DELETE are refused; everything else is none of this check's business."""

import pytest
from client import assert_error
from forms import audio, text


@pytest.fixture
def host(stack):
    return stack.url.removeprefix("http://")


@pytest.fixture
def post(alice):
    return lambda **headers: alice.post(
        audio(), text("duration", "1"),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )  # fmt: skip


@pytest.mark.smoke
def test_fetch_metadata_says_cross_site(post, alice, db):
    assert_error(post(Sec_Fetch_Site="cross-site"), 403, "CSRF_REJECTED")
    assert not db.session_count(alice.user)


def test_origin_of_another_host(post):
    assert_error(post(Origin="https://evil.example"), 403, "CSRF_REJECTED")


def test_origin_of_this_host_with_another_port(post):
    assert_error(post(Origin="http://127.0.0.1:1"), 403, "CSRF_REJECTED")


def test_origin_of_this_host_without_its_port(post):
    assert_error(post(Origin="http://127.0.0.1"), 403, "CSRF_REJECTED")


@pytest.mark.parametrize("origin", ["null", "x", "http://", "127.0.0.1", "file://"])
def test_origin_that_names_no_host(post, origin):
    assert_error(post(Origin=origin), 403, "CSRF_REJECTED")


@pytest.mark.parametrize(
    "shape",
    ["http://{host}.evil.example", "http://evil.example/{host}", "http://{host}@evil.example",
     "http://evil.example#{host}", "http://x{host}", "http://{host}0"],
)  # fmt: skip
def test_origin_that_only_resembles_this_host(post, host, shape):
    assert_error(post(Origin=shape.format(host=host)), 403, "CSRF_REJECTED")


@pytest.mark.smoke
def test_origin_of_this_very_host_passes(post, host):
    assert post(Origin=f"http://{host}").status_code == 201


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_fetch_metadata_of_another_kind_passes(post, site):
    assert post(Sec_Fetch_Site=site).status_code == 201


def test_cross_site_is_refused_even_with_the_right_origin(post, host):
    response = post(Origin=f"http://{host}", Sec_Fetch_Site="cross-site")
    assert_error(response, 403, "CSRF_REJECTED")


def test_x_forwarded_host_counts_for_nothing(post):
    response = post(Origin="https://evil.example", X_Forwarded_Host="evil.example")
    assert_error(response, 403, "CSRF_REJECTED")


@pytest.mark.parametrize(
    "host, origin",
    [
        ("app.example", "http://app.example:80"),
        ("app.example:80", "http://app.example"),
        ("app.example:443", "https://app.example"),
        ("app.example", "https://app.example:443"),
        ("App.Example", "http://app.example"),
        ("[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_default_port_counts_as_none(post, host, origin):
    assert post(Host=host, Origin=origin).status_code == 201


def test_delete_is_checked_too(alice, db):
    session = alice.upload()
    headers = {"Origin": "https://evil.example"}
    response = alice.delete(f"/api/sessions/{session}", headers=headers)
    assert_error(response, 403, "CSRF_REJECTED")
    assert db.session(session)


def test_reading_is_not_checked(alice):
    session = alice.upload()
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for path in ("/api/sessions", f"/api/sessions/{session}", f"/api/sessions/{session}/audio"):
        assert alice.get(path, headers=headers).status_code == 200


def test_allowed_origins(sites):
    allowed = "https://app.example, http://other.example:8000"
    client = sites.client(ALLOWED_ORIGINS=allowed)

    def status(origin):
        form = [audio(), text("duration", "1")]
        return client.post(*form, headers={"Origin": origin}).status_code

    assert status("https://app.example") == 201
    assert status("http://other.example:8000") == 201
    assert status("https://app.example.evil.example") == 403
    assert status("http://other.example") == 403
    assert status("null") == 403
