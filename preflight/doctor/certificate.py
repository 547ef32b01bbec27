"""A server's certificate, as far as an engineer asks for it: for whom, by whom, how many days it has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from preflight.transports.clean import cleaned
from preflight.values.counted import counted

SOON_DAYS = 30  # a certificate that ends sooner is a warning


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate; names are cleaned, since the other end wrote them."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    ends: datetime
    days_left: int  # negative: expired so many days ago
    fingerprint: str  # SHA-256 of its DER

    @property
    def told(self) -> str:
        """One phrase: subject, issuer, end."""
        ends = f"{self.ends:%Y-%m-%d}"
        left = (
            f"{counted(self.days_left, 'day')} left"
            if self.days_left >= 0
            else f"expired {counted(-self.days_left, 'day')} ago"
        )
        by = "itself" if self.issuer == self.subject else self.issuer
        return f"{self.subject or '(no subject)'} by {by}, until {ends} ({left})"


def read_certificate(raw: bytes, now: datetime | None = None) -> Certificate | None:
    """Read a DER certificate; None when it cannot be read."""
    try:
        found = x509.load_der_x509_certificate(raw)
        ends = found.not_valid_after_utc
        return Certificate(
            _name(found.subject),
            _name(found.issuer),
            _alternative(found),
            ends,
            (ends - (now or datetime.now(UTC))).days,
            found.fingerprint(SHA256()).hex(),
        )
    except Exception:  # what a stranger sent may break the parser in any way; the verdict stands without it
        return None


def _name(name: x509.Name) -> str:
    return " ".join(cleaned(name.rfc4514_string()).split())[:200]


def _alternative(found: x509.Certificate) -> tuple[str, ...]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    texts = [str(value) for value in names.get_values_for_type(x509.DNSName)]
    texts += [str(value) for value in names.get_values_for_type(x509.IPAddress)]
    return tuple(" ".join(cleaned(text).split())[:100] for text in texts[:20])
