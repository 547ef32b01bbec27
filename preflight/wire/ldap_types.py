"""ldap3's ASN.1 types of LDAP messages (RFC 4511), imported without the warnings that its last release gives."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # ldap3 2.9.1 imports names that pyasn1 has renamed; the old ones still work, and warn.
    warnings.simplefilter("ignore", DeprecationWarning)
    from ldap3.protocol import rfc4511

__all__ = ["rfc4511"]
