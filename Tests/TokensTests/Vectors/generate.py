"""Makes tokens.json: requests whose tokens are made by joserfc, or by the RFCs' steps.

scripts/test's Python does: .venv/bin/python Tests/TokensTests/Vectors/generate.py
"""

import json
import sys
from pathlib import Path

from joserfc import jwk

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EndToEnd"))
from tokens import (  # noqa: E402
    CBC,
    GCM,
    V4,
    V5,
    b64,
    cut,
    encrypted,
    forged,
    sealed,
    session,
    session_key,
    signed,
)  # fmt: skip

NOW = 1_800_000_000
SECRET, PREVIOUS = "the secret of the site", "the secret before it"
BEARER_SECRET = b"a secret for bearer tokens: 32 b"
ISSUER, AUDIENCE = "https://id.example", "sessions"
CLAIMS = {
    "sub": "internal-7", "externalId": "auth0|7", "email": "a@example.com", "name": "Zoë 100%",
    "iat": NOW - 60, "exp": NOW + 3_600,
}  # fmt: skip
USER = {"id": "auth0|7", "email": "a@example.com", "name": "Zo%C3%AB%20100%25"}
BEARER = {**CLAIMS, "iss": ISSUER, "aud": AUDIENCE}
SECURE = "__Secure-" + V5

RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "ec"})
ED = jwk.OKPKey.generate_key("Ed25519")
OTHER_RSA = jwk.RSAKey.generate_key(2048)
WEAK_RSA = jwk.RSAKey.generate_key(1024, {"kid": "weak"})
ENCRYPTION_RSA = jwk.RSAKey.generate_key(2048, {"kid": "enc"})
P384 = jwk.ECKey.generate_key("P-384", {"kid": "p384"})
OCT = {"kty": "oct", "k": b64(BEARER_SECRET), "kid": "oct"}


def without(claims, *names):
    return {name: value for name, value in claims.items() if name not in names}


def cookie(name, header, expected, https=False, now=NOW):
    headers = [header] if isinstance(header, str) else header
    return {"name": name, "cookies": headers, "authorization": [], "https": https, "now": now,
            "expected": expected}  # fmt: skip


def bearer(name, header, expected, now=NOW, cookies=()):
    headers = [f"Bearer {header}"] if isinstance(header, str) else header
    return {"name": f"bearer: {name}", "cookies": list(cookies), "authorization": headers,
            "https": True, "now": now, "expected": expected}  # fmt: skip


def sessions():
    token = session(CLAIMS, SECRET)
    good = f"{V5}={token}"
    for name in (V5, "__Secure-" + V5, "__Host-" + V5):
        yield cookie(f"v5, {name}", f"{name}={session(CLAIMS, SECRET, name)}", USER)
        gcm = encrypted(CLAIMS, session_key(SECRET, name, GCM), {"alg": "dir", "enc": GCM})
        yield cookie(f"v5 with GCM, {name}", f"{name}={gcm}", USER)
    for name in (V4, "__Secure-" + V4, "__Host-" + V4):
        token4 = session(CLAIMS, SECRET, name, version=4)
        yield cookie(f"v4, {name}", f"{name}={token4}", USER)
    secure = f"{SECURE}={session(CLAIMS, SECRET, SECURE)}"
    yield cookie("over HTTPS", secure, USER, https=True)
    yield cookie("over HTTPS without a prefix", good, "no_credentials", https=True)
    yield cookie("both over HTTPS", f"{good}; {secure}", USER, https=True)
    yield cookie("old secret", f"{V5}={session(CLAIMS, PREVIOUS)}", USER)
    yield cookie("among others", f"a=b; {good};c=d;=;x", USER)
    yield cookie("in a second header", ["a=b", good], USER)
    yield cookie("none", [], "no_credentials")
    yield cookie("an empty one", f"{V5}=", "no_credentials")
    yield cookie("another name", f"x{good}", "no_credentials")
    yield cookie("another case", good.replace("authjs", "Authjs"), "no_credentials")
    yield cookie("twice", f"{good}; {good}", "repeated")
    yield cookie("twice, in two headers", [good, good], "repeated")
    yield cookie("twice, one empty", f"{V5}=; {good}", "repeated")
    old = session({**CLAIMS, "exp": NOW - 100}, SECRET)
    new4 = session(CLAIMS, SECRET, V4, version=4)
    yield cookie("of both versions, one expired", f"{V5}={old}; {V4}={new4}", USER)
    yield cookie("a session of the database", f"{V5}=5f1c7d0e-5f62-4a7e", "not_encrypted")
    yield cookie("signed alone", f"{V5}={forged({'alg': 'HS256'}, CLAIMS)}", "not_encrypted")


def chunks():
    claims = {**CLAIMS, "picture": "x" * 600}
    token = session(claims, SECRET)
    pieces = cut(V5, token, 500).split("; ")
    assert len(pieces) >= 3
    yield cookie("in pieces", "; ".join(pieces), USER)
    yield cookie("in pieces, in any order", "; ".join(reversed(pieces)), USER)
    many = cut(V5, token, 100).split("; ")
    assert len(many) > 12
    yield cookie("in more than ten pieces", "; ".join(sorted(many)), USER)
    yield cookie("the first missing", "; ".join(pieces[1:]), "incomplete_chunks")
    yield cookie("the second missing", "; ".join(pieces[:1] + pieces[2:]), "incomplete_chunks")
    yield cookie("the last missing", "; ".join(pieces[:-1]), "not_encrypted")
    yield cookie("a piece twice", "; ".join([*pieces, pieces[0]]), "repeated")
    whole = f"{V5}={session(CLAIMS, SECRET)}"
    yield cookie("whole and in pieces", "; ".join([*pieces, whole]), "incomplete_chunks")
    yield cookie("whole beside an emptied piece", f"{whole}; {V5}.0=", USER)
    yield cookie("pieces beside an emptied whole", "; ".join([*pieces, f"{V5}="]), USER)
    odd = [f"{V5}.00=x", f"{V5}.01=x", f"{V5}.-1=x", f"{V5}.1x=x", f"{V5}.=x", f"{V5}.32=x"]
    yield cookie("numbers of nobody's", "; ".join([*pieces, *odd]), USER)
    yield cookie("v4 in pieces", cut(V4, session(claims, SECRET, V4, version=4), 500), USER)


GENUINE = '"externalId":"auth0|7","exp":1900000000'
MALFORMED_JSON = {
    "the user twice": f'{{"externalId":"victim",{GENUINE}}}',
    "exp twice": f'{{{GENUINE},"exp":1}}',
    "exp twice, once by number": f'{{{GENUINE},"e\\u0078p":1}}',
    "a name twice in what nobody reads": f'{{{GENUINE},"a":[{{"b":1,"b":1}}]}}',
    "a comma too many": f"{{{GENUINE},}}",
    "a comma too few": f'{{{GENUINE} "a":1}}',
    "two texts": f"{{{GENUINE}}}{{}}",
    "a text that is cut off": f"{{{GENUINE}",
    "an escape that is cut off": f'{{{GENUINE},"a":"\\u00',
    "an escape of nobody's": f'{{{GENUINE},"a":"\\x41"}}',
    "a line end in a string": f'{{{GENUINE},"a":"\n"}}',
    "a number with a sign": f'{{{GENUINE},"a":+1}}',
    "a number with a zero before": f'{{{GENUINE},"a":01}}',
    "a number without an end": f'{{{GENUINE},"a":1.}}',
    "a number of nobody's": f'{{{GENUINE},"a":NaN}}',
    "exp without end": '{"externalId":"auth0|7","exp":1e400}',
    "exp that is true": '{"externalId":"auth0|7","exp":true}',
}  # fmt: skip
EXTRAVAGANT = """ {
\t"externalId" : "\\u0061uth0\\u007c7" , "exp":19E+8,"nbf":-0.5e-1 ,\r
 "email":"a@example.com","name":"Zo\\u00eb 100%", "a\\ud83d\\ude00\\"\\/\\\\\\b\\f\\n\\r\\t":
 [ ] , "b":{ },"c":[true, false ,null,0,-0,"",[{}]]} \n"""


def hostile_sessions():
    cbc, gcm = session_key(SECRET, V5), session_key(SECRET, V4, GCM, version=4)
    content = json.dumps(CLAIMS).encode()

    def v5(name, expected, header=(), content=content, key=cbc, **how):
        token = sealed({"alg": "dir", "enc": CBC, **dict(header)}, content, key, **how)
        return cookie(name, f"{V5}={token}", expected)

    def v4(name, expected, **how):
        return cookie(name, f"{V4}={sealed({'alg': 'dir', 'enc': GCM}, content, gcm, **how)}",
                      expected)  # fmt: skip

    yield v5("as it should be", USER)
    yield v4("as v4 should be", USER)
    for size in (1, 16, 31):
        yield v5(f"a tag of {size} bytes", "malformed", tag_size=size)
    for size in (4, 8, 12, 15):
        yield v4(f"a tag of {size} bytes for GCM", "malformed", tag_size=size)
    yield v5("an IV that is too long", "malformed", iv_size=17)
    for size in (8, 11, 13, 16):
        yield v4(f"an IV of {size} bytes for GCM", "malformed", iv_size=size)
    yield v5("an encrypted key", "malformed", encrypted_key=cbc)
    yield v5("zip", "compressed", {"zip": "DEF"})
    yield v5("zip that is null", "compressed", {"zip": None})
    yield v5("crit", "critical_extension", {"crit": ["exp"], "exp": NOW + 10})
    yield v5("crit that is empty", "critical_extension", {"crit": []})
    yield v5("nested", "nested", {"cty": "JWT"})
    yield v5("nested, in small letters", "nested", {"cty": "jwt"})
    yield v5("another key's alg", "algorithm_not_taken", {"alg": "A256KW"})
    yield v5("alg of passwords", "algorithm_not_taken",
             {"alg": "PBES2-HS256+A128KW", "p2c": 2**31, "p2s": "x"})  # fmt: skip
    yield v5("alg none", "algorithm_not_taken", {"alg": "none"})
    yield v5("alg that is a number", "malformed", {"alg": 1})
    yield v5("a smaller enc", "algorithm_not_taken", {"enc": "A128CBC-HS256"})
    yield v5("no enc", "algorithm_not_taken", {"enc": None})
    yield v5("enc in small letters", "algorithm_not_taken", {"enc": CBC.lower()})
    yield v5("a large header", "too_long", {"x": "x" * 2_000})
    yield v5("a header in a header", "not_authentic", {"enc": GCM}, key=session_key("x", V5, GCM))
    yield v5("no JSON", "malformed", content=b"externalId=7")
    yield v5("JSON that is no object", "malformed", content=b'["externalId"]')
    yield v5("JSON that is deep", "malformed", content=b"[" * 10_000)
    for name, text in MALFORMED_JSON.items():
        yield v5(name, "malformed", content=text.encode())
    yield v5("blanks and escapes", USER, content=EXTRAVAGANT.encode())
    half = json.dumps({**CLAIMS, "name": "a\ud83d", "note": "\ud83d\\u", "nöte": "\udc00"})
    yield v5("half a surrogate pair", {**USER, "name": None}, content=half.encode())
    yield v5("half a surrogate pair as the user", "unusable_user",
             content=b'{"externalId":"\\ud83d","exp":1900000000}')  # fmt: skip
    doubled = b'{"alg":"dir","enc":"A256CBC-HS512","enc":"A256GCM"}'
    yield cookie("enc twice", f"{V5}={sealed(doubled, content, cbc)}", "malformed")
    yield v5("no UTF-8", "unusable_user", content=b'{"externalId":"\xff","exp":1900000000}')
    yield v5("another site's secret", "not_authentic", key=session_key("another", V5))
    yield v5("a key of another cookie's", "not_authentic", key=session_key(SECRET, SECURE))
    state = {"value": "PKCE", "exp": NOW + 900, "iat": NOW}
    flow = session(state, SECRET, V4, version=4)
    yield cookie("v4's cookie of a sign-in flow", f"{V4}={flow}", "without_user")
    token = session(CLAIMS, SECRET)
    protected, _, iv, ciphertext, tag = token.split(".")
    changed = ("A" if ciphertext[0] != "A" else "B") + ciphertext[1:]
    for name, parts, expected in (
        ("changed content", [protected, "", iv, changed, tag], "not_authentic"),
        ("tag and content of two", [protected, "", iv, ciphertext, b64(bytes(32))],
         "not_authentic"),
        ("half a block", [protected, "", iv, ciphertext[:-4], tag], "not_authentic"),
        ("no content", [protected, "", iv, "", tag], "malformed"),
        ("no tag", [protected, "", iv, ciphertext, ""], "malformed"),
        ("padding", [protected, "", iv + "==", ciphertext, tag], "malformed"),
        ("bits left over", [protected, "", iv[:-1] + "B", ciphertext, tag], "malformed"),
        ("a blank", [protected, "", iv, " " + ciphertext, tag], "malformed"),
        ("a sixth part", [protected, "", iv, ciphertext, tag, ""], "not_encrypted"),
        ("no header", ["", "", iv, ciphertext, tag], "malformed"),
    ):  # fmt: skip
        yield cookie(name, f"{V5}={'.'.join(parts)}", expected)


def claims():
    def of(label, expected, now=NOW, **changes):
        changed = {k: v for k, v in {**CLAIMS, **changes}.items() if v is not ...}
        return cookie(label, f"{V5}={session(changed, SECRET)}", expected, now=now)

    exp = CLAIMS["exp"]
    yield of("14 s late", USER, now=exp + 14)
    yield of("15 s late", "expired", now=exp + 15)
    yield of("a fraction of a second is left", USER, now=exp + 15, exp=exp + 0.5)
    yield of("no exp", "without_expiry", exp=...)
    yield of("exp that is null", "without_expiry", exp=None)
    yield of("exp that is a text", "malformed", exp=str(exp))
    yield of("exp of the last century", "expired", exp=-1)
    yield of("exp far away", USER, exp=1e300)
    yield of("nbf in 15 s", USER, nbf=NOW + 15)
    yield of("nbf in 16 s", "not_yet_valid", nbf=NOW + 16)
    yield of("no user, and sub is not taken", "without_user", externalId=...)
    yield of("user that is null", "without_user", externalId=None)
    yield of("user that is a number", "unusable_user", externalId=7)
    for user in ("", "a b", "Zoë", "a\nb", "a\r\nX-User-Id: victim", "a\x00", "x" * 256):
        yield of(f"user {user[:20]!r}", "unusable_user", externalId=user)
    yield of("user of 255 bytes", {**USER, "id": "x" * 255}, externalId="x" * 255)
    yield of("user that looks encoded", {**USER, "id": "a%41"}, externalId="a%41")
    nobody = {"id": USER["id"], "email": None, "name": None}
    for value in (..., None, "", 7, "a\nb", "\x7f", "x" * 256):
        said = "absent" if value is ... else repr(value)[:20]
        yield of(f"email and name {said}", nobody, email=value, name=value)
    yield of("an email that is not ASCII", {**USER, "email": None}, email="ä@example.com")


def bearers():
    yield bearer("HS256", signed(BEARER, jwk.OctKey.import_key(BEARER_SECRET), "HS256"), USER)
    yield bearer("RS256", signed(BEARER, RSA, "RS256", kid="rsa"), USER)
    yield bearer("ES256", signed(BEARER, EC, "ES256", kid="ec"), USER)
    ed = signed(BEARER, ED, "EdDSA")
    yield bearer("EdDSA, without kid", ed, USER)
    yield bearer("EdDSA, a kid that its key has not", signed(BEARER, ED, "EdDSA", kid="x"), USER)
    yield bearer("RS256 without kid", signed(BEARER, RSA, "RS256"), USER)
    yield bearer("unknown kid", signed(BEARER, RSA, "RS256", kid="other"), "unknown_key")
    yield bearer("another's key", signed(BEARER, OTHER_RSA, "RS256", kid="rsa"), "not_authentic")
    for key in (WEAK_RSA, ENCRYPTION_RSA):
        token = signed(BEARER, key, "RS256", kid=key.kid)
        yield bearer(f"a key that is not taken: {key.kid}", token, "unknown_key")
    p384 = signed(BEARER, P384, "ES384", kid="p384")
    yield bearer("an algorithm that is not taken", p384, "algorithm_not_taken")
    yield bearer("scheme in any case", [f"bEARER   {ed} "], USER)
    yield bearer("twice", [f"Bearer {ed}", f"Bearer {ed}"], "repeated")
    yield bearer("another scheme", ["Basic YTpi"], "no_credentials")
    yield bearer("no token", ["Bearer "], "malformed")
    yield bearer("a list", [f"Bearer {ed}, Bearer {ed}"], "malformed")
    good = f"{SECURE}={session(CLAIMS, SECRET, SECURE)}"
    yield bearer("none, but a session", [], USER, cookies=[good])
    yield bearer("another scheme and a session", ["Basic YTpi"], USER, cookies=[good])
    other = signed({**BEARER, "externalId": "other"}, ED, "EdDSA")
    yield bearer("a token and a session", other, {**USER, "id": "other"}, cookies=[good])
    yield bearer("a bad token and a session", f"{other}x", "malformed", cookies=[good])


def hostile_bearers():
    oct_key = jwk.OctKey.import_key(BEARER_SECRET)
    yield bearer("alg none", forged({"alg": "none"}, BEARER), "algorithm_not_taken")
    yield bearer("alg None", forged({"alg": "None"}, BEARER), "algorithm_not_taken")
    yield bearer("no alg", forged({"typ": "JWT"}, BEARER), "malformed")
    yield bearer("HS256 without a tag", forged({"alg": "HS256"}, BEARER), "not_authentic")
    for secret in (RSA.as_pem(private=False), RSA.as_dict(private=False)["n"].encode()):
        token = forged({"alg": "HS256", "kid": "rsa"}, BEARER, secret)
        yield bearer(f"a public key as a secret, {len(secret)}", token, "not_authentic")
    token = forged({"alg": "HS256", "kid": "oct"}, BEARER, b"x" * 32)
    yield bearer("kid of the set's secret", token, "not_authentic")
    header, content, tag = signed(BEARER, RSA, "RS256", kid="rsa").split(".")
    for algorithm in ("ES256", "EdDSA", "HS256"):
        other = f"{b64(json.dumps({'alg': algorithm}).encode())}.{content}.{tag}"
        yield bearer(f"RS256 called {algorithm}", other, "not_authentic")
    other = f"{b64(json.dumps({'alg': 'PS256'}).encode())}.{content}.{tag}"
    yield bearer("RS256 called PS256", other, "algorithm_not_taken")
    good = signed(BEARER, oct_key, "HS256")
    header, content, tag = good.split(".")
    yield bearer("a tag cut off", f"{header}.{content}.{tag[:20]}", "not_authentic")
    yield bearer("other content", f"{header}.{content[:-4]}AAAA.{tag}", "not_authentic")
    yield bearer("a fourth part", good + ".", "malformed")
    yield bearer("unencoded content", f"{header}.{{}}.{tag}", "malformed")
    crit = signed(BEARER, oct_key, "HS256", crit=["b64"], b64=True)
    yield bearer("crit", crit, "critical_extension")
    yield bearer("zip", forged({"alg": "HS256", "zip": "DEF"}, BEARER, BEARER_SECRET), "compressed")
    yield bearer("nested", signed(BEARER, oct_key, "HS256", cty="JWT"), "nested")
    embedded = OTHER_RSA.as_dict(private=False)
    token = signed(BEARER, OTHER_RSA, "RS256", jwk=embedded, jku="https://evil.example/jwks")
    yield bearer("a key of its own", token, "not_authentic")
    token = forged(b'{"alg":"HS256","alg":"none"}', BEARER, BEARER_SECRET)
    yield bearer("alg twice", token, "malformed")
    doubled = f'{{"iss":"other",{json.dumps(BEARER)[1:]}'.encode()
    yield bearer("iss twice", forged({"alg": "HS256"}, doubled, BEARER_SECRET), "malformed")
    token = forged({"alg": "HS256", "x": "x" * 2_000}, BEARER, BEARER_SECRET)
    yield bearer("a large header", token, "too_long")
    yield bearer("an encrypted one", session(BEARER, SECRET), "malformed")

    def of(label, expected, now=NOW, **changes):
        changed = {k: v for k, v in {**BEARER, **changes}.items() if v is not ...}
        return bearer(label, signed(changed, oct_key, "HS256"), expected, now)

    exp = BEARER["exp"]
    yield of("14 s late", USER, now=exp + 14)
    yield of("15 s late", "expired", now=exp + 15)
    yield of("without exp", "without_expiry", exp=...)
    yield of("another issuer", "wrong_issuer", iss=ISSUER + "/")
    yield of("issuers", "wrong_issuer", iss=[ISSUER])
    yield of("no issuer", "wrong_issuer", iss=...)
    yield of("another audience", "wrong_audience", aud="other")
    yield of("no audience", "wrong_audience", aud=...)
    yield of("several audiences", USER, aud=["other", AUDIENCE])
    yield of("an audience with an accent", "wrong_audience", aud="\u00e9")
    yield of("audiences of numbers", "malformed", aud=[1])
    yield of("without user", "without_user", externalId=...)


def main():
    published = [key.as_dict(private=False) for key in (RSA, EC, ED, WEAK_RSA, P384)]
    published += [{**ENCRYPTION_RSA.as_dict(private=False), "use": "enc"}, OCT]
    cases = [
        *sessions(), *chunks(), *hostile_sessions(), *claims(), *bearers(), *hostile_bearers(),
    ]  # fmt: skip
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    made = {
        "secrets": [SECRET, PREVIOUS], "bearerSecret": BEARER_SECRET.decode(), "issuer": ISSUER,
        "audience": AUDIENCE, "keySet": json.dumps({"keys": published}), "cases": cases,
    }  # fmt: skip
    (HERE / "tokens.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
