"""Certificates for endpoints, good ones and each kind of bad one, made on the spot."""

from __future__ import annotations

import datetime
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from preflight.lab.wsman.settings import TlsFiles

CertificateKind = Literal["good", "expired", "not-yet", "wrong-name", "untrusted", "self-signed"]
DAY = datetime.timedelta(days=1)
VALID: dict[str, tuple[int, int]] = {"expired": (-30, -1), "not-yet": (1, 30)}  # days from now; others: -1 to 30


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of ours, in memory."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def save(self, folder: Path) -> Path:
        """Write its certificate, for a client to trust, and tell where."""
        path = folder / "authority.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path


def new_authority(name: str = "Preflight lab CA") -> Authority:
    """A new authority that signs for 30 days."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(_sign(name, key, [], name, key, (-1, 30), is_authority=True), key)


def new_certificate(
    folder: Path, names: Sequence[str], kind: CertificateKind = "good", authority: Authority | None = None
) -> TlsFiles:
    """A server's certificate for host names and addresses, and its key, as files in a private folder.

    `untrusted` is signed by an authority that nobody knows, `wrong-name` is for another host. Without an authority
    the others are signed by a new one, which nobody knows either.
    """
    signer = new_authority("Unknown CA") if authority is None or kind == "untrusted" else authority
    key = ec.generate_private_key(ec.SECP256R1())
    bound = ["other.host.example"] if kind == "wrong-name" else list(names)
    days = VALID.get(kind, (-1, 30))
    if kind == "self-signed":
        certificate = _sign(bound[0], key, bound, bound[0], key, days, is_authority=False)
    else:
        issuer = signer.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        certificate = _sign(bound[0], key, bound, str(issuer), signer.key, days, is_authority=False)
    files = TlsFiles(folder / f"{kind}.pem", folder / f"{kind}.key")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(files.key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(secret)
    return files


def _sign(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
    days: tuple[int, int],
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(n) for n in names]), critical=False)
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(server, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
