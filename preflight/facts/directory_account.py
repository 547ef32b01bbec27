"""The integration account: does it get in, see everything, and no more than that (L11)."""

from __future__ import annotations

from preflight.facts.directory_fill import nothing_readable, told_by, why_unread
from preflight.facts.remarks import Findings, Remark
from preflight.values.counted import counted
from preflight.values.directory import DirectoryObservation, ServerSeen
from preflight.values.step import Step

# The directory has judged the account itself. Any other refusal says nothing of it: a login in clear that a hardened
# controller does not want, a busy server.
REFUSED = {
    "no-such-user",
    "wrong-password",
    "wrong-hours",
    "wrong-workstation",
    "password-expired",
    "disabled",
    "too-many-groups",
    "expired",
    "must-change",
    "locked",
    "invalid-dn",
}
# A replication that stops on a day that nobody remembers: our figure.
PASSWORD_DAYS = 30
LISTS_ALL = "Have the right to list and read all given to it there, and limits on its searches lifted."
READ_ONLY = "Have it given the rights to list and to read, and no more."


def judge_account(seen: DirectoryObservation) -> Findings:
    """Logins, listing, reading, writing."""
    found = Findings()
    for server in seen.servers:
        _login(server.name, server.bound, found)
        if server.catalog is not None and server.catalog.bound.outcome != "not-asked":
            _login(f"global catalogue of {server.name}", server.catalog.bound, found)
        _password(server, found)
    inside = [server.name for server in seen.servers if server.bound.ok]
    if not inside:
        if not found.wrong:
            found.unknown.insert(0, why_unread(seen))
        return found
    found.seen.append(f"let in by {', '.join(inside)}")
    _listing(seen, found)
    _reading(seen, found)
    _writing(seen, found)
    return found


def _login(where: str, step: Step, found: Findings) -> None:
    if step.outcome == "failed" and step.code in REFUSED:
        found.wrong.append(told_by(f"{where} refuses the account", step))
    elif step.outcome in ("failed", "timeout"):
        found.unknown.append(told_by(where, step))
    elif not step.ok:
        found.notes.append(told_by(f"{where} was not logged in to", step).text)


def _password(server: ServerSeen, found: Findings) -> None:
    if server.password_expires_s is not None and server.password_expires_s < PASSWORD_DAYS * 86400:
        text = f"the account's password expires in {server.password_expires_s / 86400:.1f} days ({server.name} says so)"
        found.advice.append(Remark(text, "Have it renewed and set not to expire."))
    if server.password_in_clear:
        text = f"the account's password went to {server.name} in clear (`protocol: ldap`)"
        found.advice.append(Remark(text, "Use `protocol: ldaps` or `starttls`, and have the password changed."))


def _listing(seen: DirectoryObservation, found: Findings) -> None:
    users = seen.users
    if users is None:
        found.unknown.append(why_unread(seen))
        return
    for container in seen.containers:
        if container.capped:
            text = f"{container.dn}: the directory ends the account's list after {container.users + container.again}"
            found.wrong.append(Remark(f"{text} entries", LISTS_ALL))
        elif container.listed.code == "insufficientAccessRights":
            found.wrong.append(Remark(told_by(container.dn, container.listed).text, LISTS_ALL))
        elif not container.listed.ok:
            found.unknown.append(told_by(container.dn, container.listed))
    if remark := nothing_readable(seen):
        for container in (c for c in seen.containers if c.unreadable):
            text = f"{container.dn}: it lists {counted(container.unreadable, 'user')} of whom it may read nothing"
            found.wrong.append(Remark(text, remark.do))
    if not users.users and not found.wrong:
        text = "not a single user came: the account may not list them, or there are none"
        found.wrong.append(Remark(text, f"{LISTS_ALL} Look at the containers and the filter, too (L03)."))
    found.seen.append(f"{users.users} users listed{'' if users.complete else ', not all'}")


def _reading(seen: DirectoryObservation, found: Findings) -> None:
    attributes = seen.users.attributes if seen.users else {}
    names = {role: attributes[role].name if role in attributes else role for role in seen.rights.reads}
    hidden = [names[role] for role, readable in seen.rights.reads.items() if readable is False]
    untold = [names[role] for role, readable in seen.rights.reads.items() if readable is None]
    if hidden:
        text = f"it may not read {', '.join(hidden)}, which users have"
        found.wrong.append(Remark(text, "Have the right to read it given to the account."))
    if untold:
        found.notes.append(
            f"nobody showed {', '.join(untold)}: empty, misspelt or hidden, see that attribute's own item"
        )
    found.seen.append(
        f"reads {len(seen.rights.reads) - len(hidden) - len(untold)} of {len(seen.rights.reads)} attributes"
    )


def _writing(seen: DirectoryObservation, found: Findings) -> None:
    rights = seen.rights
    if rights.writes is None:
        why = rights.write_step.said.rstrip(".") or "the directory does not tell"
        text = f"it lists and reads; whether it may write as well is open: {why}"
        found.unknown.append(Remark(text, "Ask the directory's administrator for its rights, and attest the item."))
    elif rights.writes:
        more = [*rights.writable]
        more += [f"{rights.writable_others} other attributes"] if rights.writable_others else []
        more += [f"new entries of {rights.creates} kinds"] if rights.creates else []
        if more or not rights.secures:
            found.advice.append(Remark(f"it may write: {', '.join(more) or 'something'} of users", READ_ONLY))
        if rights.secures:
            text = f"it may change the owner or the permissions of {rights.secures} of {rights.sampled} users looked at"
            found.advice.append(Remark(f"{text}, and by that anything of them", READ_ONLY))
    else:
        found.seen.append(f"may write nothing (looked at {rights.sampled} users)")
