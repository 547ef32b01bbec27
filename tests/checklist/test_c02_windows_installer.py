"""C02: the Windows Installer that the embedded MS SQL 2008 Express needs."""

import pytest

from preflight.facts.windows_installer import WINDOWS_INSTALLER

NEEDED = (4, 5)


@pytest.mark.item("C02")
def test_windows_installer_is_new_enough(server):
    """The version of msi.dll is 4.5 or later."""
    version = server.get(WINDOWS_INSTALLER)
    shown = ".".join(map(str, version))
    server.seen(f"Windows Installer {shown} on {server.name}")
    assert version >= NEEDED, server.wrong(f"{server.name} has Windows Installer {shown}; it needs 4.5 or later")
