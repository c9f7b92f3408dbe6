"""The trace that a request belongs to: in the log, and not for storage."""

from gates import Gate
from relay import StorageRelay

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Listening(StorageRelay):
    """Keeps the heads of all requests to the store."""

    def __init__(self, stack):
        super().__init__(stack, Gate())
        self.heads = []

    def forward(self, client, head, rest):
        self.heads.append(head.decode().lower())
        return super().forward(client, head, rest)


def test_it_comes_through_nginx_into_the_log_and_not_to_storage(stack, sites):
    with Listening(stack) as storage:
        client = sites.client(headers={"traceparent": TRACE}, R2_ENDPOINT=storage.endpoint)
        session = client.upload()
        client.get(f"/api/sessions/{session}/audio")
        client.delete(f"/api/sessions/{session}")
        assert client.responder.log_text().count(f"traceparent={TRACE}") == 3
        assert {head.split(" ")[0] for head in storage.heads} == {"put", "get", "delete"}
    assert not [head for head in storage.heads if "trace" in head]


def test_one_that_is_not_well_formed_is_left_out(sites):
    client = sites.client()
    client.get(headers={"traceparent": TRACE.upper()})
    client.get(headers={"traceparent": "00-forged status=200"})
    assert "traceparent" not in client.responder.log_text()
