"""A session from its upload to its end, as every way to run the program has to serve it."""

import secrets

from client import assert_error


def live_through(user, size):
    """Uploads a recording of that many bytes; it is listed, shown, heard, sought in and deleted."""
    data = secrets.token_bytes(1024) * (size // 1024)
    session = user.upload(data)
    path = f"/api/sessions/{session}"
    assert [found["id"] for found in user.get().json()["sessions"]] == [session]
    assert user.get(path).json()["status"] == "UPLOADED"
    assert user.get(f"{path}/audio").content == data
    sought = user.get(f"{path}/audio", headers={"Range": f"bytes={size - 100}-"})
    assert sought.status_code == 206 and sought.content == data[-100:]
    assert user.delete(path).json() == {"ok": True}
    assert_error(user.get(path), 404, "SESSION_NOT_FOUND")
