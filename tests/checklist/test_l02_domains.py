"""L02: the names of all domains that users come from are known."""

import pytest

from preflight.checks.subject import listed

READY_BLOCK = """Ask the directory's administrator, and write down each domain whose users print:
directory:
  domains: [{}]"""
ASK = "Look at L01 first; where the directory is not built of domains, ask its administrator, and attest the item."


@pytest.mark.item("L02")
def test_the_domains_are_named_and_served(directory):
    """The site names them, and the servers hold them."""
    told = directory.asked
    if not directory.wish.domains:
        known = listed(told.forest.domains) or "corp.example"
        raise directory.unknown("the site has not named the users' domains", do=READY_BLOCK.format(known))
    strange = [d.name for d in told.domains if d.served is False]
    answered = {d.name for d in told.domains if d.served is not None}
    silent = [name for name in directory.wish.domains if name not in answered]
    parts = {c for s in told.servers if s.root_dse for c in s.root_dse.naming_contexts}
    directory.seen(
        f"named: {listed(directory.wish.domains)}; the directory's own: {listed(told.forest.domains) or 'untold'}"
    )

    assert not strange, directory.wrong(
        f"the servers do not hold {listed(strange)}",
        do=f"Correct directory.domains, or name a server of that domain; the servers hold {listed(sorted(parts))}.",
    )
    if silent:
        own = f"; its own parts are {listed(sorted(parts))}" if parts else ""
        raise directory.unknown(f"no server told whether it holds {listed(silent)}{own}", do=ASK)
    if told.forest.domains_step.outcome in ("failed", "timeout"):
        directory.note(f"which other domains the directory has was not told: {told.forest.domains_step.said}")
    for domain in told.domains:
        if not domain.resolved.ok:
            directory.note(f"{domain.name} does not resolve on the machine that runs the suite")
    if told.forest.unnamed:
        directory.remedy = "Add them to directory.domains where their users print; else leave it so."
        directory.advise(f"the directory has domains that the site does not name: {listed(told.forest.unnamed)}")
