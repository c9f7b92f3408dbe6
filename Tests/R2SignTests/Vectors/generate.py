"""Makes botocore.json: what botocore signs for requests that are easy to sign wrongly.

Run it with any Python that has botocore: python3 generate.py > botocore.json
botocore's version makes no difference, since SigV4 does not change.
"""

import calendar
import datetime
import json
import sys
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "account.r2.example:8443"
EMPTY_HASH = botocore.auth.EMPTY_SHA256_HASH

PATHS = {
    "root": "/",
    "plain": "/bucket/sessions/user/id/audio.webm",
    "plus": "/bucket/audio.svg+xml",
    "percent": "/bucket/100%/%41%2f%2F",
    "double slash": "/bucket//a///b//",
    "dots": "/bucket/../a/./b/..",
    "spaces": "/bucket/ a  b ",
    "UTF-8": "/bucket/élève/日本語/🎤",
    "decomposed": "/bucket/e\u0301",
    "sub-delimiters": "/bucket/!$&'()*,;=:@",
    "tilde and such": "/bucket/-._~",
    "query characters": "/bucket/a?b#c&d=e",
    "brackets and quotes": '/bucket/[]{}<>"`^|\\',
    "control characters": "/bucket/\t\x7f\x01",
}

QUERIES = {
    "no value": [["uploads", ""]],
    "prefix-sharing names": [["Param", "1"], ["Param-3", "3"], ["Param2", "2"], ["Para", "0"]],
    "duplicate names": [["a", "b"], ["a", "a"], ["a", ""], ["A", "z"]],
    "duplicate names, encoded order": [["k", "~"], ["k", "é"], ["k", "z"], ["k", "a b"]],
    "plus and space": [["a+b", "c d"], ["a b", "c+d"]],
    "percent": [["%41", "%2B"], ["100%", "%"]],
    "equals and ampersand": [["a=b", "c=d"], ["a&b", "c&d"]],
    "slash": [["prefix", "a/b//c/../"], ["delimiter", "/"]],
    "UTF-8": [["é", "日本語"], ["e\u0301", "🎤"]],
    "list": [["list-type", "2"], ["max-keys", "1"]],
}

HEADERS = {
    "collapsed values": [["X-Amz-Meta-A", "  a   b  "], ["Content-Type", "audio/webm;codecs=opus"]],
    "range": [["Range", "bytes=0-9"]],
    "duplicate names": [["x-amz-meta-b", "2"], ["x-amz-meta-a", "z"], ["x-amz-meta-b", "1"]],
    "prefix-sharing names": [["x-amz-meta", "1"], ["x-amz-meta-a", "2"], ["x-amz-meta0", "3"]],
}

# As a store's own tokens are: base64, a JWT, and long.
TOKENS = {
    "base64": "FwoGZXIvYXdzEBYaDHqa0AP+/9Zr=",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJidWNrZXQiOiJyIn0.c2lnbmF0dXJl",
    "long": "A/b+C=" * 400,
}

# Leap days, ends of years and centuries.
TIMES = [
    "19700101T000000Z",
    "19991231T235959Z",
    "20000229T120000Z",
    "20000301T000000Z",
    "20240229T235959Z",
    "20251231T235959Z",
    "20260218T225518Z",
    "21000228T235959Z",
    "21000301T000000Z",
]


def vector(
    name,
    kind,
    method="GET",
    path="/bucket/key",
    query=(),
    headers=(),
    payload=EMPTY_HASH,
    time="20260218T225518Z",
    expires=900,
    region="auto",
    token="",
):
    url = f"https://{HOST}{percent_encode(path, safe='/~')}"
    if query:
        url += "?" + "&".join(f"{percent_encode(n)}={percent_encode(v)}" for n, v in query)
    request = AWSRequest(method=method, url=url)
    for header, value in headers:
        request.headers[header] = value
    credentials = Credentials(ACCESS_KEY, SECRET_KEY, token or None)
    if kind == "headers":
        auth = botocore.auth.S3SigV4Auth(credentials, "s3", region)
        auth.payload = lambda _: payload
    else:
        auth = botocore.auth.S3SigV4QueryAuth(credentials, "s3", region, expires=expires)
        payload = "UNSIGNED-PAYLOAD"

    stages = {}

    def keep(stage):
        original = getattr(auth, stage)

        def wrapper(*arguments):
            stages[stage] = original(*arguments)
            return stages[stage]

        setattr(auth, stage, wrapper)

    for stage in ("canonical_request", "string_to_sign", "signature"):
        keep(stage)
    moment = datetime.datetime.strptime(time, "%Y%m%dT%H%M%SZ")
    with mock.patch("botocore.auth.get_current_datetime", lambda: moment):
        auth.add_auth(request)
    return {
        "name": f"{kind}: {name}",
        "kind": kind,
        "method": method,
        "path": path,
        "query": [list(pair) for pair in query],
        "headers": [list(pair) for pair in headers],
        "host": HOST,
        "payloadHash": payload,
        "secondsSinceEpoch": calendar.timegm(moment.timetuple()),
        "time": time,
        "expirySeconds": expires,
        "region": region,
        "accessKeyID": ACCESS_KEY,
        "secretAccessKey": SECRET_KEY,
        "sessionToken": token,
        "canonicalRequest": stages["canonical_request"],
        "stringToSign": stages["string_to_sign"],
        "signature": stages["signature"],
        "authorization": request.headers.get("Authorization", ""),
    }


def vectors():
    for name, path in PATHS.items():
        yield vector(f"path, {name}", "headers", path=path)
        yield vector(f"path, {name}", "query", path=path)
    for name, query in QUERIES.items():
        yield vector(f"query, {name}", "headers", query=query)
        # botocore keeps only the first of duplicate names when it presigns.
        if "duplicate" not in name:
            yield vector(f"query, {name}", "query", query=query)
    for name, headers in HEADERS.items():
        yield vector(f"headers, {name}", "headers", headers=headers)
    for time in TIMES:
        yield vector(f"time, {time}", "headers", time=time)
        yield vector(f"time, {time}", "query", time=time)
    yield vector(
        "PUT with a payload",
        "headers",
        method="PUT",
        payload="ab" * 32,
        headers=[["content-type", "audio/ogg"]],
    )
    yield vector("HEAD", "query", method="HEAD", expires=604800)
    yield vector("another region", "headers", region="us-east-1")
    for kind in ["headers", "query"]:
        for name, token in TOKENS.items():
            yield vector(f"session token, {name}", kind, token=token)
        query = [["x-z", "1"], ["X-Aa", "2"]]
        yield vector("session token among others", kind, token="t", query=query)


json.dump(list(vectors()), sys.stdout, indent=1, ensure_ascii=True)
sys.stdout.write("\n")
