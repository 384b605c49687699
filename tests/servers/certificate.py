"""A certificate that is good for an hour, for the servers that speak TLS."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificate:
    """A certificate that signs itself, for the given hosts; this machine's names by default.

    Args:
        folder: Where its files are put.
    """

    def __init__(self, folder: Path, *hosts: str) -> None:
        self.path = folder / "certificate.pem"  # what a client must trust
        key = ec.generate_private_key(ec.SECP256R1())
        self.path.write_bytes(_signed(key, hosts or ("127.0.0.1", "localhost")))
        secret = folder / "key.pem"
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.path, secret)

    def client(self) -> ssl.SSLContext:
        """What a client uses that trusts this certificate and no other."""
        return ssl.create_default_context(cafile=self.path)


def _signed(key: ec.EllipticCurvePrivateKey, hosts: tuple[str, ...]) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "guidepath tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([*map(_named, hosts)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
