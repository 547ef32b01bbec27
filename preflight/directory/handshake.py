"""TLS with a directory: contexts, and why a handshake failed in words."""

from __future__ import annotations

import ssl

from preflight.errors import InventoryError, TransportError

# X509_V_ERR_... of OpenSSL, by number: words for tests, and sentences.
_VERIFY = {
    9: ("not-yet-valid", "the certificate is not valid yet"),
    10: ("expired", "the certificate has expired"),
    18: ("self-signed", "the certificate is self-signed and not among the CAs"),
    19: ("unknown-issuer", "the chain ends in a root that is not among the CAs"),
    20: ("unknown-issuer", "its issuer is not among the CAs, or a certificate between was not sent"),
    21: ("unknown-issuer", "its issuer is not among the CAs, or a certificate between was not sent"),
    26: ("wrong-purpose", "the certificate is not made for servers"),
    23: ("revoked", "the certificate is revoked"),
    66: ("weak", "its key is too weak for this machine's settings"),
    67: ("weak", "a key of its chain is too weak for this machine's settings"),
    68: ("weak", "it is signed in a way that is too weak for this machine's settings"),
}


def checking(ca: bool | str) -> ssl.SSLContext:
    """A context that checks the chain, by the system's CAs or those of a file; names are held against it by us.

    Raises InventoryError where the file of CAs cannot be used.
    """
    if ca is False:
        return looking()
    if ca is True:
        context = ssl.create_default_context()
    else:
        try:
            context = ssl.create_default_context(cafile=ca)
        except (OSError, ValueError):
            raise InventoryError(
                f"the file of CA certificates {ca} cannot be used; give a PEM file with at least one"
            ) from None
    context.check_hostname = False
    return context


def looking() -> ssl.SSLContext:
    """A context that checks nothing, to read a certificate by, old versions of TLS included. No secret goes over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def lenient() -> ssl.SSLContext:
    """As `looking`, down to the oldest TLS that this Python can still speak."""
    context = looking()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    try:
        context.set_ciphers("ALL:@SECLEVEL=0")
    except ssl.SSLError:  # another library than OpenSSL
        return context
    return context


def refused_certificate(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """Why a certificate was refused: a word and a sentence."""
    return _VERIFY.get(error.verify_code, ("other", f"the certificate was refused: {error.verify_message}"))


def handshake_trouble(error: ssl.SSLError) -> TransportError:
    """A handshake that failed for another reason than the certificate."""
    reason = (error.reason or "").upper()
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"):
        return TransportError(
            "no-tls", "what answers on that port does not speak TLS.", "Check the port; 636 is for LDAPS, 389 is not."
        )
    if reason in ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"):
        return TransportError(
            "old-tls", "the directory speaks only versions of TLS older than 1.2.", "Have TLS 1.2 switched on there."
        )
    if "HANDSHAKE_FAILURE" in reason or "NO_SHARED_CIPHER" in reason or "INSUFFICIENT_SECURITY" in reason:
        return TransportError(
            "no-cipher",
            "the directory and this machine have no cipher in common, or it has no certificate.",
            "Look at the certificate that it is set up with: Active Directory needs one of its own for LDAPS.",
        )
    if "CERTIFICATE_REQUIRED" in reason:
        return TransportError("client-certificate", "the directory wants a certificate of the client.", "")
    if reason in ("UNEXPECTED_EOF_WHILE_READING", "") or isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return TransportError(
            "tls-ended",
            "the directory ended the TLS handshake.",
            "Look at the certificate that it is set up with: Active Directory needs one of its own for LDAPS.",
        )
    return TransportError("tls", f"the TLS handshake failed: {reason.lower().replace('_', ' ')}.", "")
