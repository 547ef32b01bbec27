"""C03: one browser in its latest version, compared with a dated table."""

import pytest

from preflight.checks.server import listed
from preflight.facts.browsers import BROWSERS, NAMES, judge_browsers, table_entry

BY_HAND = "Use an account with administrator rights, elevated; else look at it by hand, and attest the item."
FOR_ALL = "Installs of single users are not seen over the network."


@pytest.mark.item("C03")
def test_an_up_to_date_browser_is_there(server):
    """Edge, Chrome or Firefox is up to date; Internet Explorer 11 alone is an advisory, as it is retired."""
    browsers = server.get(BROWSERS)
    table = server.site.checklist.browsers
    judged = judge_browsers(browsers.found, table, server.asked_on)
    modern = [j for j in judged if j.browser.key != "ie"]
    for one in judged:
        server.seen(one.words)

    up_to_date = [j for j in modern if j.standing.good]
    if up_to_date:
        server.note(f"{listed(j.browser.name for j in up_to_date)} by {table.origin}")
        for one in (j for j in modern if not j.standing.good):
            server.note(f"not shown to be up to date: {one.words}")
        return

    if browsers.unread:
        raise server.unknown(f"not every browser could be read: {listed(browsers.unread)}", do=BY_HAND)
    unsure = [j for j in modern if j.standing.kind == "unknown"]
    if unsure:
        raise server.unknown(listed(j.words for j in unsure), do=table_entry(unsure, server.asked_on))

    assert not modern, server.wrong(f"no browser is up to date: {listed(j.words for j in modern)}")
    assert judged, server.wrong(
        f"{server.name} has none of {listed(NAMES.values())} for all users", do=f"Install one for all users. {FOR_ALL}"
    )
    assert all(j.standing.good for j in judged), server.wrong(
        f"only an old Internet Explorer: {listed(j.words for j in judged)}"
    )
    server.advise(f"Internet Explorer is the only browser for all users: {judged[0].words}. {FOR_ALL}")
