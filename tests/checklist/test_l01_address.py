"""L01: the address of the primary directory server is known, and of every other one that SafeQ may be sent to."""

import pytest

from preflight.checks.subject import listed
from preflight.facts.directory_servers import judge_servers


@pytest.mark.item("L01")
def test_every_server_is_known_and_answers(directory):
    """Way in, TLS and certificate from the machine that runs the suite; each CML server's own way is rows O01-O03.

    The global catalogue in TLS has no row: each CML server asks it for this item. Where a CML server was shown a
    certificate, it is held against the one that was seen here.
    """
    found = judge_servers(directory.asked, directory.nodes)
    directory.judge_own_ways(found)
    directory.tell(found)
    directory.note("Asked from the machine that runs the suite; a CML server's own way there is rows O01 to O03.")
    if directory.own_ways:
        directory.note("The global catalogue in TLS is no row of the page: each CML server asked it for this item.")
    for way in directory.ways:
        directory.note(f"{way.case} {way.outcome}: {way.reason}")

    assert not found.wrong, directory.wrong(listed(r.text for r in found.wrong), do=found.wrong[0].do)
    if found.unknown:
        raise directory.unknown(listed(r.text for r in found.unknown), do=found.unknown[0].do)
