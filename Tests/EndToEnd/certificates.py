"""Certificates that no authority would give: expired, or for another name."""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificate(NamedTuple):
    key: str
    chain: str
    private_key: ec.EllipticCurvePrivateKey
    parsed: x509.Certificate


def make_certificate(path, issuer=None, name="localhost", days=30):
    """A server's certificate from that issuer; without one, an authority of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(f"test authority {path}" if issuer is None else name)
    signer = key if issuer is None else issuer.private_key
    end = datetime.now(timezone.utc) + timedelta(days=days)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.parsed.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
    )
    if issuer is not None:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    key_path, chain_path = f"{path}.key", f"{path}.pem"
    with open(key_path, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    with open(chain_path, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    return Certificate(key_path, chain_path, key, certificate)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(text)[-60:])])
