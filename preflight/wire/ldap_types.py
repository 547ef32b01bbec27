"""What we take of ldap3: types, filters and encoding (RFC 4511), imported without its last release's warnings."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # ldap3 2.9.1 imports names that pyasn1 has renamed; the old ones still work, and warn.
    warnings.simplefilter("ignore", DeprecationWarning)
    from ldap3.core.exceptions import LDAPExceptionError
    from ldap3.operation.extended import extended_operation
    from ldap3.operation.search import search_operation
    from ldap3.protocol import rfc4511
    from ldap3.protocol.controls import build_control
    from ldap3.protocol.rfc2696 import paged_search_control
    from ldap3.utils.asn1 import encode  # type: ignore[attr-defined]

__all__ = [
    "LDAPExceptionError",
    "build_control",
    "encode",
    "extended_operation",
    "paged_search_control",
    "rfc4511",
    "search_operation",
]
