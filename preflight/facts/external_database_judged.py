"""What an observation of the external database server comes to: what is wrong, what is open, what to mention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preflight.facts.sql_errors import login_meaning, opening_meaning
from preflight.values.database import AccountSeen, DatabaseObservation, DatabaseSeen

BY_HAND = "Or log in as each account from the node itself (sqlcmd, Management Studio), and attest the item."
FROM_ANYWHERE = {"no-instance", "instance-without-tcp"}  # the server's own word, whoever asks


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence and what to do."""

    text: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """All that can be said."""

    wrong: tuple[Remark, ...]
    unknown: tuple[Remark, ...]
    notes: tuple[str, ...]
    story: str  # what was seen, in a line


def judge_database(seen: DatabaseObservation) -> Judged:
    """The server, every account, every database."""
    wrong: list[Remark] = []
    unknown: list[Remark] = []
    if seen.trouble:
        kept_out = Remark(seen.cause.rstrip("."), f"{seen.remedy} {BY_HAND}".strip())
        (wrong if seen.trouble in FROM_ANYWHERE else unknown).append(kept_out)
    for account in seen.accounts:
        if account.outcome == "refused":
            meaning = login_meaning(account.errors)
            said = Remark(f"{account.user} is not let in: {meaning.text}", meaning.do)
            (unknown if meaning.passing else wrong).append(said)
        elif account.outcome != "in" and not seen.trouble:
            unknown.append(Remark(f"{account.user} was not tried: {account.why}", BY_HAND))
        elif account.outcome == "in" and account.databases and not any(d.opened for d in account.databases):
            names = " and ".join(d.name for d in account.databases)
            wrong.append(Remark(f"{account.user} is let in, and opens none of {names}", "Have it made a user of them."))
        elif account.outcome == "in" and not account.databases:
            unknown.append(Remark(f"{account.user} is let in, and nobody told what it opens", BY_HAND))
    inside = any(account.outcome == "in" for account in seen.accounts)
    for name in seen.databases:
        views = [(a, d) for a in seen.accounts for d in a.databases if d.name == name]
        if inside and not views:
            unknown.append(Remark(f"nobody told whether database {name} opens", BY_HAND))
            continue
        closed, passing = _database(name, views)
        (unknown if passing else wrong).extend(closed)
    return Judged(tuple(wrong), tuple(unknown), tuple(_notes(seen)), _story(seen))


def _database(name: str, views: list[tuple[AccountSeen, DatabaseSeen]]) -> tuple[list[Remark], bool]:
    opened = next((d for _, d in views if d.opened), None)
    if not views:
        return [], False  # nobody was let in: said of the accounts already
    if opened is None:
        # One of them may not know that it is there: the error that tells most counts.
        meanings = [opening_meaning(d.errors) for _, d in views]
        meaning = next((m for m in meanings if "911" not in m.text), meanings[0])
        return [Remark(f"database {name} {meaning.text}", meaning.do)], meaning.passing
    if opened.state not in ("", "ONLINE"):
        return [Remark(f"database {name} is {opened.state}", "Have it brought online.")], False
    if opened.read_only:
        return [Remark(f"database {name} is read-only", "Have it set to READ_WRITE.")], False
    if opened.single_user:
        return [Remark(f"database {name} is open to one user at a time", "Have it set to MULTI_USER.")], False
    return [], False


def _notes(seen: DatabaseObservation) -> Iterator[str]:
    for account in seen.accounts:
        if account.sysadmin:
            yield f"{account.user} is sysadmin: it may do anything on the whole server"
        for database in account.databases:
            if database.opened and database.owner is False and not account.sysadmin:
                roles = ", ".join(database.roles) or "no role"
                yield f"{account.user} is not db_owner of {database.name} ({roles}): ask the vendor whether that does"
            elif not database.opened:
                yield f"{account.user} does not open {database.name}: {opening_meaning(database.errors).text}"
    if seen.tls is not None and not seen.tls.version:
        yield f"passwords went to {seen.server} in clear: it offers no encryption"


def _story(seen: DatabaseObservation) -> str:
    where = f"{seen.server} ({seen.address}{f':{seen.port}' if seen.port else ''})"
    product = f"SQL Server {seen.version} {seen.edition}".strip() if seen.version else ""
    tls = f"{seen.tls.version}, certificate checked: {seen.tls.checked}" if seen.tls and seen.tls.version else ""
    accounts = "; ".join(_account(account) for account in seen.accounts if account.outcome == "in")
    asked = f"asked by {seen.node} itself, which checked no certificate"
    if seen.asked_by == "controller":
        why = f" ({seen.node_said})" if seen.node_said else ""
        asked = (
            f"asked by the machine that runs the suite, not by {seen.node}{why}: its own way there is rows O14 and O15"
        )
    return "; ".join(part for part in (where, product, seen.browser, tls, accounts, asked) if part)


def _account(account: AccountSeen) -> str:
    opened = ", ".join(_contents(d) for d in account.databases if d.opened)
    return f"{account.user} is let in" + (f" and opens {opened}" if opened else "")


def _contents(database: DatabaseSeen) -> str:
    tables = "" if database.tables is None else "empty" if database.tables == 0 else f"{database.tables} tables"
    limit = "" if database.limit_mb is None else f"at most {database.limit_mb:.0f} MB"
    about = ", ".join(part for part in (tables, database.collation, limit) if part)
    return f"{database.name} ({about})" if about else database.name
