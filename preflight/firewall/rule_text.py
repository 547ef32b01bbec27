"""A Windows firewall rule as the registry holds it, taken apart; [MS-GPFAS] 2.2.2.19. Every field is kept.

v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=80|Name=...|   Words count in any case, as in ABNF.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_HEADER = re.compile(r"\s*v(\d{1,3}\.\d{1,3})\Z", re.IGNORECASE | re.ASCII)
# Fields of later versions add keywords to an older field: LPort2_10, RA42, TTK2_27, LUAuth2_24, Security2.
_LATER = re.compile(r"(lport|rport|la4|la6|ra4|ra6|ttk|luauth|security|icmp4|icmp6)(?:2(?:_\d{1,3})?)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule: its fields by name in lower case, later versions' fields beside those that they extend."""

    value: str  # name of the registry value
    store: str
    text: str
    version: str
    fields: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]  # the same as they were written, for people: Foo=bar

    @property
    def name(self) -> str:
        """What a person knows it by: its own name, or the value's where that is a reference into a DLL."""
        told = next(iter(self.fields.get("name", ())), "")
        return self.value if not told or told.startswith("@") else told

    def one(self, field: str) -> str | None:
        """The value of a field that may stand once; None where it is missing, "?" where it is said differently."""
        values = {value.lower() for value in self.fields.get(field, ())}
        return None if not values else next(iter(values)) if len(values) == 1 else "?"


def parse_rule(value: str, store: str, text: str) -> RuleText | None:
    """A rule, or None where the text is no rule at all: Windows ignores such values, and so do we."""
    head, _, rest = text.partition("|")
    header = _HEADER.match(head)
    if header is None or not rest.strip("| \0"):
        return None
    fields: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for part in rest.strip("\0").split("|"):
        if not part.strip():
            continue
        key, _, told = part.partition("=")
        name = key.strip().lower()
        later = _LATER.match(name)
        name = later.group(1) if later else name
        fields.setdefault(name, []).append(told.strip())
        words.setdefault(name, []).append(part.strip())
    return RuleText(value, store, text, header.group(1), _frozen(fields), _frozen(words))


def _frozen(fields: dict[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(values) for name, values in fields.items()})
