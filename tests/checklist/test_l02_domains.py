"""L02: the names of all domains that users come from are known."""

import pytest

from preflight.checks.subject import listed

READY_BLOCK = """Ask the directory's administrator, and write down each domain whose users print:
directory:
  domains: [{}]"""
ASK = "Look at L01 first; where the directory is not built of domains, ask its administrator, and attest the item."
BY_CATALOGUE = " Where users of {} come through the global catalogue, write global_catalog into features.ldap."


@pytest.mark.item("L02")
def test_the_domains_are_named_and_served(directory):
    """The site names them, and the servers hold them, or the global catalogue does, which has the whole forest."""
    told = directory.asked
    if not directory.wish.domains:
        known = listed(told.forest.domains) or "corp.example"
        raise directory.unknown("the site has not named the users' domains", do=READY_BLOCK.format(known))
    forest = {name.casefold() for name in told.forest.domains}
    elsewhere = [d.name for d in told.domains if d.served is False and d.name.casefold() in forest]
    copied = elsewhere if directory.wish.global_catalog else []
    strange = [d.name for d in told.domains if d.served is False and d.name not in copied]
    answered = {d.name for d in told.domains if d.served is not None}
    silent = [name for name in directory.wish.domains if name not in answered]
    parts = {c for s in told.servers if s.root_dse for c in s.root_dse.naming_contexts}
    directory.seen(
        f"named: {listed(directory.wish.domains)}; the directory's own: {listed(told.forest.domains) or 'untold'}"
    )

    assert not strange, directory.wrong(
        f"the servers do not hold {listed(strange)}",
        do=f"Correct directory.domains, or name a server of that domain; the servers hold {listed(sorted(parts))}."
        + (BY_CATALOGUE.format(listed(elsewhere)) if elsewhere and not copied else ""),
    )
    if copied:
        if not any(s.catalog and s.catalog.bound.ok for s in told.servers):
            raise directory.unknown(
                f"the forest names {listed(copied)}, and no server's global catalogue let the account in to read it",
                do="Look at L01 and L11: what keeps the account out of the global catalogue.",
            )
        for name in copied:
            directory.note(f"no server holds {name}, which the forest names: its users come from the global catalogue")
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
