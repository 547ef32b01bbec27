"""Users of a made-up company as LDIF, with faults planted in known numbers."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

SUFFIX = "dc=corp,dc=example"
STAFF, BRANCH = f"ou=Staff,{SUFFIX}", f"ou=Branch,{SUFFIX}"
CARD, ID, DEPARTMENT, LOGIN, EMAIL = "carLicense", "employeeNumber", "departmentNumber", "uid", "mail"
HIDDEN = "employeeType"  # may be searched by, is not shown


@dataclass(frozen=True, slots=True)
class Faults:
    """How many of each are planted: no more and no fewer are to be found."""

    no_login: int = 3
    same_login: int = 4  # the same in both containers
    case_clash: int = 5  # pairs, in one container
    forbidden_login: int = 6
    blank_login: int = 2
    foreign_login: int = 3
    no_first_name: int = 7
    no_department: int = 50
    no_department_disabled: int = 20  # of those, disabled
    disabled: int = 40
    no_card: int = 200
    same_card: int = 20  # pairs
    decimal_card: int = 12
    reversed_card: int = 6  # pairs
    decimal_twin: int = 5  # pairs
    rewritten_card: int = 4  # pairs: lower case and colons
    two_cards: int = 9
    no_id: int = 2
    same_id: int = 3  # pairs
    no_email: int = 30
    misshapen_email: int = 8
    same_email: int = 2  # pairs, differing in case


@dataclass(slots=True)
class Person:
    """One user."""

    number: int
    container: str
    values: dict[str, list[str]] = field(default_factory=dict)

    @property
    def dn(self) -> str:
        """The DN, by a name that nobody shares."""
        return f"cn=Person{self.number:05},{self.container}"


class Company:
    """All users, with the faults in them."""

    def __init__(self, staff: int = 15_000, branch: int = 5_000, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self._random = random.Random(5)  # noqa: S311 - the same people every time
        self._cards: set[str] = set()
        self.people = [self._person(n, STAFF if n < staff else BRANCH) for n in range(staff + branch)]
        self.staff, self.branch = staff, branch
        self._plant()

    def ldif(self) -> Iterator[str]:
        """Entries, each with its empty line."""
        for person in self.people:
            lines = [f"dn: {person.dn}", "objectClass: inetOrgPerson", f"cn: Person{person.number:05}"]
            for name, values in person.values.items():
                lines += [_line(name, value) for value in values]
            yield "\n".join(lines) + "\n\n"

    def secrets(self) -> list[str]:
        """Words of persons that no report may hold: names, logins, cards, addresses, DNs."""
        chosen = [p for p in self.people if p.number % 97 == 0 or p.number < 400]
        words = {v for p in chosen for n in (LOGIN, EMAIL, CARD, ID, "sn") for v in p.values.get(n, ()) if len(v) > 5}
        return sorted(words | {p.dn for p in chosen} | {f"Person{p.number:05}" for p in chosen})

    def _person(self, number: int, container: str) -> Person:
        values = {
            LOGIN: [f"user{number:05}"],
            "givenName": [f"Given{number % 300}"],
            "sn": [f"Surname{number:05}"],
            DEPARTMENT: [str(100 + number % 40)],
            CARD: [self._card()],
            ID: [f"E{number + 100000}"],
            EMAIL: [f"given.surname{number:05}@corp.example"],
            HIDDEN: ["internal"],
        }
        return Person(number, container, values)

    def _card(self) -> str:
        """Eight hexadecimal digits with a letter, first and last byte not zero, no other's mirror or decimal twin."""
        while True:
            card = f"{self._random.randrange(0x10000000, 0xFFFFFFFF):08X}"
            if card.isdigit() or card.endswith("00") or card in self._cards or card == _mirror(card):
                continue
            self._cards |= {card, _mirror(card)}
            return card

    def _plant(self) -> None:
        faults = self.faults
        staff = iter(self.people[: self.staff])
        branch = iter(self.people[self.staff :])

        def some(count: int, people: Iterator[Person] = staff) -> list[Person]:
            return [next(people) for _ in range(count)]

        def pairs(count: int) -> Iterator[tuple[Person, Person]]:
            return ((next(staff), next(staff)) for _ in range(count))

        for person in some(faults.no_login):
            del person.values[LOGIN]
        for one, other in zip(some(faults.same_login), some(faults.same_login, branch), strict=True):
            other.values[LOGIN] = one.values[LOGIN]
        for one, other in pairs(faults.case_clash):
            other.values[LOGIN] = [one.values[LOGIN][0].upper()]
        for person in some(faults.forbidden_login):
            person.values[LOGIN][0] += ";x"
        for person in some(faults.blank_login):
            person.values[LOGIN][0] = "user " + person.values[LOGIN][0]
        for person in some(faults.foreign_login):
            person.values[LOGIN][0] += "ž"
        for person in some(faults.no_first_name):
            del person.values["givenName"]
        for index, person in enumerate(some(faults.no_department)):
            del person.values[DEPARTMENT]
            if index < faults.no_department_disabled:
                person.values["pwdAccountLockedTime"] = ["000001010000Z"]
        for person in some(faults.disabled - faults.no_department_disabled):
            person.values["pwdAccountLockedTime"] = ["000001010000Z"]
        self._plant_cards(some, pairs)
        for person in some(faults.no_id):
            del person.values[ID]
        for one, other in pairs(faults.same_id):
            other.values[ID] = one.values[ID]
        for person in some(faults.no_email):
            del person.values[EMAIL]
        for person in some(faults.misshapen_email):
            person.values[EMAIL] = [f"nobody{person.number}.corp.example"]
        for one, other in pairs(faults.same_email):
            other.values[EMAIL] = [one.values[EMAIL][0].upper()]

    def _plant_cards(self, some, pairs) -> None:  # type: ignore[no-untyped-def]
        faults = self.faults
        for person in some(faults.no_card):
            del person.values[CARD]
        for one, other in pairs(faults.same_card):
            other.values[CARD] = one.values[CARD]
        for person in some(faults.decimal_card):
            person.values[CARD] = [str(4_000_000_000 + person.number)]
        for one, other in pairs(faults.reversed_card):
            other.values[CARD] = [_mirror(one.values[CARD][0])]
        for one, other in pairs(faults.decimal_twin):
            number = 0xB0000000 + one.number
            one.values[CARD], other.values[CARD] = [f"{number:08X}"], [str(number)]
        for one, other in pairs(faults.rewritten_card):
            card = one.values[CARD][0].lower()
            other.values[CARD] = [":".join(card[i : i + 2] for i in range(0, 8, 2))]
        for person in some(faults.two_cards):
            person.values[CARD].append(self._card())


def _mirror(card: str) -> str:
    return "".join(card[i : i + 2] for i in range(6, -1, -2))


def _line(name: str, value: str) -> str:
    if value.isascii() and not value.startswith((" ", ":", "<")):
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"
