"""`check` names the cause of each wrong setting of the storage, and the setting that mends it."""

import secrets
import socket
import threading

import pytest
from certificates import make_certificate
from commands import said
from gates import Gate
from relay import StorageRelay
from tls_server import TLSServer

ACCOUNT = "0123456789abcdef0123456789abcdef"
R2 = "r2.cloudflarestorage.com"


@pytest.fixture
def run(tenant):
    return lambda **settings: tenant.run("check", **settings)


def assert_told(finished, *texts):
    assert finished.returncode == 1, said(finished)
    told = said(finished)
    assert all(text in told for text in texts), told
    return told


# What is wrong before anything is asked


@pytest.mark.parametrize(
    "endpoint, texts",
    [
        ("http://127.0.0.1:9000", ["https://", "R2_CA_FILE"]),
        ("HTTP://store.example", ["https://", "R2_CA_FILE"]),
        ("store.example", ["https://"]),
        ("127.0.0.1:9000", ["https://"]),
        ("s3://store.example", ["https://"]),
        ("https://store.example?x=y", ["malformed"]),
        ("https://key:secret@store.example", ["malformed"]),
        ("https://store.example/recordings", ["R2_BUCKET_NAME"]),
        ("https://store.example/recordings/", ["R2_BUCKET_NAME"]),
        ("https://store.example/storage/recordings", ["R2_BUCKET_NAME"]),
        (f"https://{ACCOUNT}.{R2}/recordings", ["R2_BUCKET_NAME"]),
        (f"https://{ACCOUNT}.{R2}/another-bucket", ["no path"]),
        (f"https://recordings.{ACCOUNT}.{R2}", ["R2_BUCKET_NAME"]),
        (f"https://recordings.{ACCOUNT}.eu.{R2}/", ["R2_BUCKET_NAME"]),
        ("https://recordings.s3.eu-central-1.amazonaws.com", ["R2_BUCKET_NAME"]),
        ("https://pub-0123456789abcdef.r2.dev", ["r2.dev"]),
    ],
)
def test_endpoint_that_cannot_be_one(run, endpoint, texts):
    finished = run(R2_ENDPOINT=endpoint, R2_BUCKET_NAME="recordings")
    assert "secret@" not in assert_told(finished, "R2_ENDPOINT", *texts)
    assert len(said(finished).splitlines()) == 1


@pytest.mark.parametrize("endpoint", ["https://recordings.invalid", "https://store.invalid/a"])
def test_endpoint_that_only_resembles_the_bucket(run, endpoint):
    assert "storage: NOT fine" in said(run(R2_ENDPOINT=endpoint, R2_BUCKET_NAME="recordings"))


@pytest.mark.parametrize(
    "account", [f"{ACCOUNT}.{R2}", f"https://{ACCOUNT}.{R2}", "my account", "a" * 64]
)
def test_account_that_is_none(run, account):
    assert_told(run(R2_ENDPOINT=None, R2_ACCOUNT_ID=account), "R2_ACCOUNT_ID", "hexadecimal")


def test_jurisdiction_that_is_none(run):
    finished = run(R2_JURISDICTION="mars")
    assert_told(finished, "R2_JURISDICTION", "eu", "fedramp")


def test_jurisdiction_beside_an_endpoint_of_another(run):
    elsewhere = {"R2_ENDPOINT": f"https://{ACCOUNT}.{R2}", "R2_JURISDICTION": "eu"}
    assert_told(run(**elsewhere), "R2_JURISDICTION", "R2_ENDPOINT")


def test_jurisdiction_beside_another_store(run):
    assert run(R2_JURISDICTION="eu").returncode == 0


# What the store says


@pytest.fixture
def store(tmp_path):
    """A store that says what it is told to, and the settings that lead to it."""
    authority = make_certificate(tmp_path / "ca")
    with TLSServer(make_certificate(tmp_path / "server", authority)) as server:
        server.settings = {
            "R2_ENDPOINT": f"https://localhost:{server.port}",
            "R2_CA_FILE": authority.chain,
        }
        yield server


def refuse(store, status, code):
    """HEAD is refused without a body, as stores do; the reason comes with GET."""
    body = f"<Error><Code>{code}</Code></Error>" if code else ""
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    store.answer, store.answer_to_head = (head + body).encode(), head.encode()


REFUSALS = [
    (401, "Unauthorized", ["unknown", "R2_ACCESS_KEY_ID"]),
    (401, None, ["unknown", "R2_ACCESS_KEY_ID"]),
    (403, "InvalidAccessKeyId", ["unknown", "R2_ACCESS_KEY_ID"]),
    (400, "InvalidArgument", ["R2_ACCESS_KEY_ID", "32"]),
    (403, "SignatureDoesNotMatch", ["R2_SECRET_ACCESS_KEY"]),
    (403, "AccessDenied", ["Read & Write", "R2_BUCKET_NAME", "R2_JURISDICTION"]),
    (403, None, ["Read & Write", "R2_BUCKET_NAME", "R2_JURISDICTION"]),
    (404, "NoSuchBucket", ["R2_BUCKET_NAME", "R2_JURISDICTION"]),
    (404, None, ["R2_ENDPOINT"]),
    (400, "AuthorizationHeaderMalformed", ["R2_REGION"]),
    (400, "InvalidRegionName", ["R2_REGION"]),
    (400, "ExpiredToken", ["R2_SESSION_TOKEN"]),
    (403, "InvalidToken", ["R2_SESSION_TOKEN"]),
    (301, "PermanentRedirect", ["R2_ENDPOINT"]),
    (307, None, ["R2_ENDPOINT"]),
]


@pytest.mark.parametrize("status, code, texts", REFUSALS)
def test_refusal_is_told_with_its_cure(run, store, status, code, texts):
    refuse(store, status, code)
    assert_told(
        run(**store.settings), f"storage: NOT fine: object storage refused: {status}", *texts
    )


@pytest.mark.parametrize(
    "status, code",
    [(400, "InvalidArgument"), (401, "Unauthorized"), (403, "InvalidAccessKeyId"), (403, None)],
)
def test_swapped_keys_are_told(run, store, status, code):
    refuse(store, status, code)
    keys = {"R2_ACCESS_KEY_ID": secrets.token_hex(32), "R2_SECRET_ACCESS_KEY": ACCOUNT}
    told = assert_told(run(**store.settings, **keys), "swapped", "R2_SECRET_ACCESS_KEY")
    assert not any(key in told for key in keys.values())


def test_swapped_keys_are_told_of_a_real_store(run, stack):
    id, secret = stack.settings["R2_ACCESS_KEY_ID"], stack.settings["R2_SECRET_ACCESS_KEY"]
    told = assert_told(run(R2_ACCESS_KEY_ID=secret, R2_SECRET_ACCESS_KEY=id), "swapped")
    assert id not in told and secret not in told


def test_key_that_a_real_store_does_not_know(run):
    # It says the same of a wrong secret, as not every store tells the two apart.
    told = assert_told(run(R2_ACCESS_KEY_ID="nobody"), "R2_SECRET_ACCESS_KEY")
    assert "does not belong to R2_ACCESS_KEY_ID" in told


# Who answers there


def test_unknown_authority_names_the_setting_that_adds_one(run):
    assert_told(run(R2_CA_FILE=None), "certificate refused", "R2_CA_FILE")


def test_another_authority_names_the_setting_too(run, tmp_path):
    other = make_certificate(tmp_path / "other")
    assert_told(run(R2_CA_FILE=other.chain), "certificate refused", "R2_CA_FILE")


def test_certificate_that_signed_itself(run, stack, tmp_path):
    alone = make_certificate(tmp_path / "alone")
    with StorageRelay(stack, Gate()) as relay:
        relay.certificate = (alone.chain, alone.key)
        assert_told(run(R2_ENDPOINT=relay.endpoint), "certificate refused", "R2_CA_FILE")


def test_certificate_for_another_host(run, stack, tmp_path):
    authority = make_certificate(tmp_path / "ca")
    other = make_certificate(tmp_path / "server", authority, name="other.example")
    with StorageRelay(stack, Gate()) as relay:
        relay.certificate = (other.chain, other.key)
        finished = run(R2_ENDPOINT=relay.endpoint, R2_CA_FILE=authority.chain)
        assert_told(finished, "certificate refused", "R2_ENDPOINT")


def test_name_without_an_address(run):
    assert_told(run(R2_ENDPOINT="https://store.invalid"), "resolved", "R2_ENDPOINT")
    account = run(R2_ENDPOINT=None, R2_ACCOUNT_ID=ACCOUNT, R2_JURISDICTION="eu")
    assert_told(account, "resolved", "R2_ACCOUNT_ID")


def test_port_without_tls(run):
    def speak_plainly(listener):
        peer, _ = listener.accept()
        with peer:
            peer.recv(1000)
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=speak_plainly, args=[listener], daemon=True).start()
        finished = run(R2_ENDPOINT=f"https://localhost:{listener.getsockname()[1]}")
    assert_told(finished, "R2_ENDPOINT", "TLS")


def test_site_that_is_no_store(run, store):
    store.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello"
    assert_told(run(**store.settings), "R2_ENDPOINT")


# What the bucket does by itself


@pytest.fixture
def bucket(tenant, stack):
    """The bucket, with answers of its own: `answers` has them by method and query."""
    with AnsweringRelay(stack) as relay:
        relay.run = lambda **settings: tenant.run("check", R2_ENDPOINT=relay.endpoint, **settings)
        yield relay


class AnsweringRelay(StorageRelay):
    def __init__(self, stack):
        self.answers = {}
        super().__init__(stack, Gate())

    def _exchange(self, client, head, rest):
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        body = self.answers.get((method, target.partition("?")[2]))
        self.spoil = None if body is None else lambda _, given: given or body
        return super()._exchange(client, head, rest)


def xml(status, text):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


@pytest.mark.parametrize("code", ["ObjectLockedByBucketPolicy", "AccessDenied"])
def test_bucket_that_forbids_deletions(bucket, code):
    bucket.answers["DELETE", ""] = xml(403, f"<Error><Code>{code}</Code></Error>")
    assert_told(bucket.run(), "deletes nothing", "bucket lock")


RULE = "<Rule><ID>r</ID><Filter><Prefix/></Filter><Status>{}</Status>{}</Rule>"
DAYS = "<Expiration><Days>30</Days></Expiration>"
UPLOADS = (
    "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
    "</AbortIncompleteMultipartUpload>"
)


def lifecycle(*rules):
    inside = "".join(RULE.format(*rule) for rule in rules)
    return xml(200, f"<LifecycleConfiguration>{inside}</LifecycleConfiguration>")


@pytest.mark.parametrize(
    "answer, is_told",
    [
        (lifecycle(("Enabled", DAYS)), True),
        (lifecycle(("Enabled", UPLOADS), ("Enabled", DAYS)), True),
        # Every bucket of R2 has this one from the start.
        (lifecycle(("Enabled", UPLOADS)), False),
        (lifecycle(("Disabled", DAYS)), False),
        (lifecycle(), False),
        (xml(404, "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>"), False),
        (xml(403, "<Error><Code>AccessDenied</Code></Error>"), False),
        (xml(200, "<html>what?</html>"), False),
        (xml(200, ""), False),
    ],
)
def test_lifecycle_rule_that_deletes_recordings_is_told(bucket, answer, is_told):
    bucket.answers["GET", "lifecycle="] = answer
    finished = bucket.run()
    assert finished.returncode == 0, said(finished)
    assert ("lifecycle rule" in said(finished)) == is_told, said(finished)


# What is left undone


LEFT = """
    INSERT INTO sessions_fcgi.jobs
      (kind, "sessionId", "objectKey", "createdAt", "dueAt", attempts, "lastError")
    SELECT %s, 'c' || n, 'sessions/a/b/' || n || '.webm', utc - %s * interval '1 minute',
      utc + interval '1 hour', %s, 'object storage refused: 403 AccessDenied'
    FROM generate_series(1, 3) AS n, (SELECT now() AT TIME ZONE 'UTC' AS utc) AS clock
    """


@pytest.mark.parametrize("kind, word", [("delete", "deletions"), ("publish", "announcements")])
def test_what_fails_for_long_is_told(tenant, run, kind, word):
    tenant.execute(LEFT, kind, 26 * 60, 12)
    cause = "object storage refused: 403 AccessDenied"
    assert_told(run(), f"outbox: NOT fine: 3 {word} fail, the oldest for 26 hours: {cause}")


@pytest.mark.parametrize("kind, minutes, attempts", [("delete", 30, 5), ("delete", 600, 0)])
def test_what_failed_just_now_or_waits_is_fine(tenant, run, kind, minutes, attempts):
    tenant.execute(LEFT, kind, minutes, attempts)
    finished = run()
    assert finished.returncode == 0, said(finished)
