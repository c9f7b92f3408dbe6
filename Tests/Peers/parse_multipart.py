"""python-multipart, for scripts/bench --multipart: the bodies in these files, given in pieces of
8 KiB, the best of 5 in GB/s."""

import sys
import time
from pathlib import Path

from python_multipart import MultipartParser

BOUNDARY = b"----WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z"
HEAD = b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n'


def parse(message):
    """How many bytes the part has."""
    count = 0

    def received(_, start, end):
        nonlocal count
        count += end - start

    parser = MultipartParser(BOUNDARY, {"on_part_data": received})
    for start in range(0, len(message), 8192):
        parser.write(message[start : start + 8192])
    return count


for path in sys.argv[1:]:
    body = Path(path).read_bytes()
    message = HEAD + body + b"\r\n--" + BOUNDARY + b"--\r\n"
    times = []
    for _ in range(5):
        started = time.perf_counter()
        assert parse(message) == len(body)
        times.append(time.perf_counter() - started)
    print(len(body) / 1e9 / min(times))
