"""multipart/form-data, byte by byte, so that a test decides what is on the wire."""

BOUNDARY = "----test-boundary-7MA4YWxkTrZu0gW"


def form(*parts, boundary=BOUNDARY, preamble=b"", epilogue=b""):
    """The body, and the Content-Type that belongs to it."""
    delimiter = b"--" + boundary.encode()
    lines = [b"".join([delimiter, b"\r\n", part, b"\r\n"]) for part in parts]
    body = b"".join([preamble, *lines, delimiter, b"--\r\n", epilogue])
    return body, f"multipart/form-data; boundary={boundary}"


def part(headers, data):
    """Headers as they stand, lines ended by CRLF; then the data."""
    return b"".join(_bytes(line) + b"\r\n" for line in headers) + b"\r\n" + _bytes(data)


def text(name, value):
    return part([b'Content-Disposition: form-data; name="' + _bytes(name) + b'"'], value)


def file(name, data, type, filename="recording.webm"):
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    return part([disposition, *([f"Content-Type: {type}"] if type is not None else [])], data)


def audio(data=b"not really sound", type="audio/webm;codecs=opus", filename="recording.webm"):
    return file("audio", data, type, filename)


def _bytes(value):
    return value.encode() if isinstance(value, str) else bytes(value)
