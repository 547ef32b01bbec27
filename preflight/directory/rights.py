"""What the account may do, by the directory's own word. Nothing is written to find out."""

from __future__ import annotations

from collections.abc import Mapping

from preflight.directory.entrance import Door, timed
from preflight.directory.session import Session
from preflight.directory.user_tally import UserTally
from preflight.directory.wording import not_asked, search_trouble
from preflight.topology.directory_words import folded_dn
from preflight.values.directory import RightsSeen
from preflight.values.directory_users import AttributeSeen
from preflight.wire.ldap_replies import Entry
from preflight.wire.ldap_requests import Search

_OWNER_OR_PERMISSIONS = 1 | 4  # OWNER_SECURITY_INFORMATION and DACL_SECURITY_INFORMATION ([MS-DTYP] 2.4.7)


def read_rights(
    door: Door,
    session: Session,
    tally: UserTally,
    attributes: Mapping[str, AttributeSeen],
    schema: frozenset[str] | None,
) -> RightsSeen:
    """Listing and reading as observed; writing where the preset names an attribute that tells of it."""
    seen = RightsSeen(
        lists=True if tally.users else None, reads={role: found.readable for role, found in attributes.items()}
    )
    preset = door.directory.preset
    if not preset.writable:
        return _untold(seen, "the preset knows no attribute by which the directory tells what may be written.")
    if schema is None or preset.writable.casefold() not in schema:
        return _untold(seen, f"the directory does not know {preset.writable}, by which it could tell.")
    found = _Found(door, session, tally, preset.securable if preset.securable.casefold() in schema else "")
    step, _ = timed(found.look)
    if not step.ok or not found.sampled:
        why = "the directory showed no user but the account itself."
        return RightsSeen(seen.lists, seen.reads, not_asked(why) if step.ok else step)
    named = {role: one.name.casefold() for role, one in door.directory.attributes.items()}
    writable = tuple(role for role, name in named.items() if name in found.writable)
    others = max((len(names - set(named.values())) for names in found.each), default=0)
    return RightsSeen(
        lists=seen.lists,
        reads=seen.reads,
        write_step=step,
        writes=bool(found.writable or found.creatable or found.secures),
        writable=writable,
        writable_others=others,
        creates=len(found.creatable),
        sampled=found.sampled,
        secures=found.secures,
    )


def _untold(seen: RightsSeen, why: str) -> RightsSeen:
    return RightsSeen(seen.lists, seen.reads, not_asked(why))


class _Found:
    """What the directory told of a few users and of the containers."""

    def __init__(self, door: Door, session: Session, tally: UserTally, securable: str) -> None:
        self._door, self._session, self._tally = door, session, tally
        self._securable = securable
        self.each: list[set[str]] = []
        self.creatable: set[str] = set()
        self.secures = 0
        self.sampled = 0

    @property
    def writable(self) -> set[str]:
        """Attributes that it may write on any of them."""
        return set().union(*self.each)

    def look(self) -> None:
        """Ask. Raises TransportError where the directory stops answering."""
        preset = self._door.directory.preset
        me = self._session.who_am_i(self._door.step()).casefold()
        account = (self._door.directory.user or "").casefold()
        for dn, login in self._tally.sampled:
            text = dn.decode("utf-8", errors="replace")
            if not _is_me(text, login, me, account):  # everybody may write a little of his own entry
                told = self._values(text, preset.writable, *filter(None, [self._securable]))
                if told is not None:
                    self.each.append(told[preset.writable])
                    self.secures += any(_governs(bits) for bits in told.get(self._securable, ()))
                    self.sampled += 1
        for container in self._door.directory.containers if preset.creatable else ():
            told = self._values(container, preset.creatable)
            self.creatable |= told[preset.creatable] if told else set()

    def _values(self, dn: str, *attributes: str) -> dict[str, set[str]] | None:
        """What the directory tells there; None where it does not show the entry, which tells nothing of rights."""
        found: dict[str, set[str]] = {name: set() for name in attributes}
        asked = {name.casefold(): name for name in attributes}

        def keep(entry: Entry) -> None:
            for raw, values in entry.attributes:
                name = asked.get(raw.decode("utf-8", errors="replace").casefold())
                if name is not None:
                    texts = (value[:200].decode("utf-8", errors="replace").casefold() for value in values[:5000])
                    found[name].update(texts)

        end = self._session.search(Search(dn, attributes=attributes, scope="base"), self._door.step(), keep)
        trouble = search_trouble(end.reply, "a user's entry")
        if trouble and end.reply.code not in (32, 50):  # it may have been moved since, or be hidden
            raise trouble
        return found if end.entries else None


def _governs(bits: str) -> bool:
    """Whether these bits let the owner or the permissions of an entry be changed."""
    return bits.isdecimal() and bits.isascii() and bool(int(bits[:10]) & _OWNER_OR_PERMISSIONS)


def _is_me(dn: str, login: str, me: str, account: str) -> bool:
    name = login.casefold()
    words = {me.partition(":")[2].rpartition("\\")[2], account.rpartition("\\")[2], account.partition("@")[0]}
    same_dn = folded_dn(dn) in (folded_dn(account), folded_dn(me.removeprefix("dn:")))
    return same_dn or bool(name and name in words)
