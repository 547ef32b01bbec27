"""All users as they are read: each entry is counted and forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from preflight.directory.attribute_tally import AttributeTally, Value
from preflight.directory.card_tally import CardTally
from preflight.directory.email_tally import EmailTally
from preflight.directory.login_tally import LoginTally
from preflight.directory.options import AskOptions
from preflight.directory.redaction import Tagger
from preflight.topology.directory_model import Directory
from preflight.values.directory_users import AttributeSeen
from preflight.wire.ldap_replies import Entry


class UserTally:
    """Counts over all containers. Keeps the DNs of a few users, for questions about rights, and tells none."""

    def __init__(self, directory: Directory, options: AskOptions) -> None:
        tagger, most = Tagger(), options.max_distinct
        self._tagger = tagger
        self._disabled = {name.casefold().encode(): bit for name, bit in directory.preset.disabled.items()}
        self._sample_size = options.rights_sample
        self._in_container: dict[int, int] = {}
        self._most = options.max_users
        self._entries: dict[bytes, int] = {}
        self.attributes = {
            role: AttributeTally(role, named.name, named.named_by, tagger, most)
            for role, named in directory.attributes.items()
        }
        self._by_name = {role: _bare(named.name.encode()) for role, named in directory.attributes.items()}
        self.logins = LoginTally(directory.preset.login_forbids, tagger, most)
        self.cards = CardTally(directory.card, tagger, most)
        self.emails = EmailTally(tagger, most)
        self.sampled: list[tuple[bytes, str]] = []  # DN and login of a few users
        self.users = self.disabled = self.again = self.unreadable = 0

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of the attributes to ask for."""
        names = [tally.name for tally in self.attributes.values()]
        return tuple(dict.fromkeys([*names, *(name.decode() for name in self._disabled)]))

    @property
    def full(self) -> bool:
        """Whether as many have been read as ever will be."""
        return self.users >= self._most

    def add(self, entry: Entry, container: int) -> None:
        """Count one user."""
        key = self._tagger.tag(entry.dn)
        known = self._entries.get(key)
        self._entries[key] = container
        if known is not None:
            self.again += known != container
            return
        self.users += 1
        held: dict[bytes, list[bytes]] = {}
        for name, values in entry.attributes:
            held.setdefault(_bare(name), []).extend(values)
        self.unreadable += not any(held.values())
        enabled = not self._is_disabled(held)
        self.disabled += not enabled
        values_of = {
            role: tally.add(held.get(self._by_name[role], ()), enabled) for role, tally in self.attributes.items()
        }
        self.logins.add(values_of.get("login", ()), container)
        self.cards.add(values_of.get("card", []))
        self.emails.add(values_of.get("email", ()))
        self._sample(entry.dn, values_of.get("login", []), container)

    def seen(self, schema: frozenset[str] | None, readable: Mapping[str, bool | None]) -> dict[str, AttributeSeen]:
        """Each attribute's counts, by role; `schema` holds the names that the directory knows, in lower case."""
        return {
            role: tally.seen(None if schema is None else self._by_name[role].decode() in schema, readable.get(role))
            for role, tally in self.attributes.items()
        }

    def _is_disabled(self, held: Mapping[bytes, list[bytes]]) -> bool:
        for name, bit in self._disabled.items():
            values = held.get(name)
            if values and (bit is None or _bit_set(values[0], bit)):
                return True
        return False

    def _sample(self, dn: bytes, logins: list[Value], container: int) -> None:
        """Keep the first, second, fourth, eighth ... of each container: few, and from all over it."""
        count = self._in_container[container] = self._in_container.get(container, 0) + 1
        if count & (count - 1) == 0 and len(self.sampled) < self._sample_size:
            self.sampled.append((dn, (logins[0].text or "") if logins else ""))


def _bare(name: bytes) -> bytes:
    """An attribute's name without options (`;binary`, `;range=0-1499`), case even."""
    return name.partition(b";")[0].lower()


def _bit_set(value: bytes, bit: int) -> bool:
    try:
        return bool(int(value[:20]) & bit)
    except ValueError:
        return False
