"""Users of the Samba domain with planted faults; the tests say in which numbers."""

from __future__ import annotations

from collections.abc import Iterator

from samba_dc import BRANCH, SERVICE, STAFF, SUFFIX, unit, user

PERSONS = 60  # in Staff, and 20 more in Branch
NEVER = 66048  # a normal account whose password does not expire


def ad_people() -> Iterator[str]:
    """Units, accounts to log in with, users."""
    yield from map(unit, (STAFF, BRANCH, SERVICE, f"OU=Empty,{SUFFIX}"))
    yield from (user(name, SERVICE, NEVER) for name in ("svc", "writer", "keeper", "blind", "clumsy"))
    yield user("gone", SERVICE, NEVER | 2)
    yield user("late", SERVICE, NEVER, accountExpires="116444736000000000")
    yield user("fresh", SERVICE, 512, pwdLastSet="0")
    # Computers and contacts are no users, whatever class they inherit from.
    yield f"dn: CN=PC1,{STAFF}\nobjectClass: computer\nsAMAccountName: PC1$\nuserAccountControl: 4096\n\n"
    # A read-only controller lacks the bit of the others: WORKSTATION_TRUST_ACCOUNT and PARTIAL_SECRETS_ACCOUNT.
    yield (
        f"dn: CN=RODC1,OU=Domain Controllers,{SUFFIX}\nobjectClass: computer\nsAMAccountName: RODC1$\n"
        "userAccountControl: 67112960\ndNSHostName: rodc1.corp.example\n\n"
    )
    yield f"dn: CN=Contact One,{STAFF}\nobjectClass: contact\nsn: One\n\n"
    for number in range(PERSONS + 20):
        yield _person(number)


def _person(number: int) -> str:
    """Faults by number: 0-4 no department, 5-6 no first name, 7-9 no card, 10 and 11 share one, 12 and 13 mirror ...

    ... each other, 14 has its card in decimal, 15-16 no id, 17 and 18 share one, 19 no e-mail, 20 a misshapen one.
    """
    card = {11: 10, 13: 12}.get(number, number)
    values = {
        "givenName": f"Given{number}",
        "sn": f"Surname{number:03}",
        "department": str(100 + number % 7),
        "pager": f"{0xA1B2C300 + card * 3 + 1:08X}",
        "employeeID": f"E{1000 + (17 if number == 18 else number)}",
        "mail": f"given.surname{number:03}@corp.example",
    }
    if number == 13:
        values["pager"] = bytes.fromhex(values["pager"])[::-1].hex().upper()
    if number == 14:
        values["pager"] = "3000000014"
    if number == 20:
        values["mail"] = "surname020 at corp"
    dropped = {
        "department": range(5),
        "givenName": range(5, 7),
        "pager": range(7, 10),
        "employeeID": range(15, 17),
        "mail": range(19, 20),
    }
    kept = {name: value for name, value in values.items() if number not in dropped.get(name, ())}
    control = NEVER | 2 if number in (0, 21, 22) else NEVER  # disabled
    return user(f"person{number:03}", STAFF if number < PERSONS else BRANCH, control, **kept)
