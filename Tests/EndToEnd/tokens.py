"""Tokens as Auth.js and identity providers make them, and as an attacker would."""

import base64
import hashlib
import hmac
import json
import os
import warnings

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe, jwk, jws
from joserfc.errors import SecurityWarning

V4, V5 = "next-auth.session-token", "authjs.session-token"
CBC, GCM = "A256CBC-HS512", "A256GCM"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def as_json(value):
    """Bytes are taken for JSON as no library makes it."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def session_key(secret, cookie, encryption=CBC, version=5):
    """getDerivedEncryptionKey of @auth/core's jwt.ts, or of next-auth 4's jwt/index.ts."""
    info, salt = "NextAuth.js Generated Encryption Key", ""
    if version == 5:
        info, salt = f"Auth.js Generated Encryption Key ({cookie})", cookie
    length = {CBC: 64, GCM: 32}[encryption]
    return HKDF(hashes.SHA256(), length, salt.encode(), info.encode()).derive(secret.encode())


def session(claims, secret, cookie=V5, version=5):
    """encode of the same files: for version 5 the header names the key by its thumbprint."""
    encryption = CBC if version == 5 else GCM
    key = session_key(secret, cookie, encryption, version)
    header = {"alg": "dir", "enc": encryption}
    if version == 5:
        members = {"kty": "oct", "k": b64(key)}
        header["kid"] = jwk.thumbprint(members, f"sha{len(key) << 3}")
    return encrypted(claims, key, header)


def encrypted(claims, key, header):
    """By joserfc."""
    content = claims if isinstance(claims, (bytes, str)) else json.dumps(claims)
    key = jwk.OctKey.import_key(key)
    return jwe.encrypt_compact(header, content, key, algorithms=["dir", CBC, GCM])


def sealed(header, content, key, tag_size=None, iv_size=None, encrypted_key=b""):
    """By RFC 7518 section 5 alone, which lets everything be as no library makes it."""
    protected = b64(as_json(header))
    if len(key) == 64:
        iv = os.urandom(iv_size or 16)
        padder = padding.PKCS7(128).padder()
        block = Cipher(algorithms.AES(key[32:]), modes.CBC(iv[:16])).encryptor()
        ciphertext = block.update(padder.update(content) + padder.finalize())
        length = (len(protected) * 8).to_bytes(8, "big")
        whole = hmac.digest(key[:32], protected.encode() + iv + ciphertext + length, "sha512")
        tag = whole[: tag_size or 32]
    else:
        iv = os.urandom(iv_size or 12)
        ciphertext = AESGCM(key).encrypt(iv, content, protected.encode())
        ciphertext, tag = ciphertext[:-16], ciphertext[-16:][: tag_size or 16]
    return ".".join([protected, b64(encrypted_key), b64(iv), b64(ciphertext), b64(tag)])


def signed(claims, key, algorithm, **header):
    """By joserfc."""
    header = {"alg": algorithm, "typ": "JWT", **header}
    with warnings.catch_warnings():
        # "EdDSA" is to be called "Ed25519" (RFC 9864), which others do not know yet.
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[algorithm])


def forged(header, claims, secret=None):
    """A token with that header, signed by HMAC with `secret` or not at all."""
    message = f"{b64(as_json(header))}.{b64(as_json(claims))}"
    tag = hmac.digest(secret, message.encode(), hashlib.sha256) if secret else b""
    return f"{message}.{b64(tag)}"


def cut(name, value, size=3_936):
    """The cookies that Auth.js makes of a long value."""
    pieces = [value[start : start + size] for start in range(0, len(value), size)]
    return "; ".join(f"{name}.{number}={piece}" for number, piece in enumerate(pieces))
