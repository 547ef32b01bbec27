"""L02: the names of all domains that users come from are known."""

import pytest

from preflight.checks.subject import listed

READY_BLOCK = """Ask the directory's administrator, and write down each domain whose users print:
directory:
  domains: [{}]"""


@pytest.mark.item("L02")
def test_the_domains_are_named_and_served(directory):
    """The site names them, and the servers hold them."""
    told = directory.asked
    if not directory.wish.domains:
        known = listed(told.forest.domains) or "corp.example"
        raise directory.unknown("the site has not named the users' domains", do=READY_BLOCK.format(known))
    strange = [d.name for d in told.domains if d.served is False]
    silent = [d.name for d in told.domains if d.served is None]
    directory.seen(
        f"named: {listed(directory.wish.domains)}; the directory's own: {listed(told.forest.domains) or 'untold'}"
    )

    assert not strange, directory.wrong(
        f"the servers do not hold {listed(strange)}",
        do="Correct directory.domains, or name a server of that domain; the servers hold "
        f"{listed({c for s in told.servers if s.root_dse for c in s.root_dse.naming_contexts})}.",
    )
    if silent:
        raise directory.unknown(f"no server told whether it holds {listed(silent)}", do="Look at L01 first.")
    for domain in told.domains:
        if not domain.resolved.ok:
            directory.note(f"{domain.name} does not resolve on the machine that runs the suite")
    if told.forest.unnamed:
        directory.remedy = "Add them to directory.domains where their users print; else leave it so."
        directory.advise(f"the directory has domains that the site does not name: {listed(told.forest.unnamed)}")
