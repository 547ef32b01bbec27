"""What a node's try at a share comes to (C06): open, shut, or nothing that can be said from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from preflight.facts.model import UnobservedError
from preflight.facts.shares import Shares, ShareSeen, Step
from preflight.topology.checklist_shares import SharedFolder
from preflight.topology.model import Machine

REMEDIES: dict[Step, str] = {
    "way": "Let TCP 445 pass from the node to the file server, and see that the server is up.",
    "login": "Give the installing account a login on the file server.",
    "folder": "Create the share and the folder in it, or correct checklist.shares in the inventory.",
    "right": "Let the installing account read the share and the folder below it: both lists of rights count.",
    "unknown": "Open it by hand on the node.",
}


@dataclass(frozen=True, slots=True)
class ShareJudged:
    """One share on one node, with what to do."""

    outcome: Literal["open", "shut", "unknown"]
    text: str
    do: str = ""


def judge_share(machine: Machine, share: SharedFolder, shares: Shares) -> ShareJudged:
    """The share's name, its way, the login, the list and the named file, by the first thing that stands in the way."""
    where, unnamed = f"{share.path} from {machine.name}", shares.knows(share.server) is False
    nameless = ShareJudged(
        "shut",
        f"{machine.name} knows no address of {share.server}",
        f"Give {share.server} a record in the name service that {machine.name} asks.",
    )
    try:
        seen = shares.folder(share.path)
    except UnobservedError as error:
        late = f"{REMEDIES['way']} A system may take 20 s to say that nobody is there, longer than the suite waits."
        do = late if shares.late(share.path) else error.remedy
        return nameless if unnamed else ShareJudged("unknown", error.reason, do)
    return nameless if unnamed and seen.code else _judge_seen(machine, share, where, seen)


def _judge_seen(machine: Machine, share: SharedFolder, where: str, seen: ShareSeen) -> ShareJudged:
    if seen.second_hop and not _delegates(machine):
        return ShareJudged(
            "unknown", f"{where}: this session may not go on to another machine; {seen.words}", _out(share)
        )
    if seen.nobody:
        return ShareJudged(
            "unknown", f"{where}: asked as a guest, as no account is named for it; {seen.words}", _named(share)
        )
    if seen.code:
        what = f"the file {share.file} in " if seen.listed and share.file else ""
        return ShareJudged("shut", f"{what}{where}: {seen.words}", REMEDIES[seen.step])
    return _opened(where, share, seen)


def _opened(where: str, share: SharedFolder, seen: ShareSeen) -> ShareJudged:
    if not seen.listed:
        return ShareJudged("unknown", f"{where}: whether it can be listed was not told", REMEDIES["unknown"])
    if share.file and seen.read is None:
        return ShareJudged("unknown", f"{where}: whether {share.file} can be read was not told", REMEDIES["unknown"])
    if share.file and not seen.read:
        return ShareJudged("shut", f"{where}: {share.file} cannot be read {seen.detail}".rstrip(), REMEDIES["right"])
    things = "" if seen.entries is None else f", {seen.entries} things in it"
    return ShareJudged("open", f"{where}: listed{things}" + (f", {share.file} read" if share.file else ""))


def _delegates(machine: Machine) -> bool:
    return machine.manage is not None and machine.manage.by == "winrm" and machine.manage.auth == "credssp"


def _out(share: SharedFolder) -> str:
    return (
        f"Log on to the node itself, open {share.path}, and attest the item; or let the suite hand its credentials on: "
        "manage: {auth: credssp, https: true} for this host, where the site allows CredSSP. Or: "
        + _named(share, "name")
    )


def _named(share: SharedFolder, verb: str = "Name") -> str:
    return (
        f"{verb} the account that shall open it in the inventory: checklist: {{shares: "
        f"[{{path: '{share.path}', user: 'DOMAIN\\account', password: {{env: SHARE_PASSWORD}}}}]}}."
    )
