"""C12: the account has administrator rights, as the installation needs them."""

import pytest

from preflight.facts.standing import SYSTEM

LOCAL_ACCOUNT = (
    "A local account other than the built-in Administrator gets a restricted token over the network: install with a "
    "domain account of the Administrators group, or have LocalAccountTokenFilterPolicy set to 1 for the time of it."
)


@pytest.mark.item("C12")
def test_the_account_is_an_administrator(server):
    """The account that asked is elevated: the same account is to install."""
    system = server.get(SYSTEM)
    server.seen(f"{system.user} is {'' if system.elevated else 'not '}elevated on {server.name}")
    domain = system.user.partition("\\")[0] if "\\" in system.user else ""
    local = bool(domain) and domain.casefold() == system.hostname.casefold()
    assert system.elevated, server.wrong(
        f"{system.user} has no administrator rights on {server.name}", do=LOCAL_ACCOUNT if local else ""
    )
