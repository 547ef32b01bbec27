"""Names of Windows systems by build and kind: what an inventory may ask for and what a host is called in a report."""

from __future__ import annotations

from collections.abc import Mapping

SERVERS: Mapping[int, str] = {
    7601: "server-2008-r2",
    9200: "server-2012",
    9600: "server-2012-r2",
    14393: "server-2016",
    17763: "server-2019",
    20348: "server-2022",
    25398: "server-23h2",
    26100: "server-2025",
}
_WINDOWS_10 = (10240, 10586, 14393, 15063, 16299, 17134, 17763, 18362, 18363, 19041, 19042, 19043, 19044, 19045)
CLIENTS: Mapping[int, str] = {
    7601: "windows-7",
    9200: "windows-8",
    9600: "windows-8.1",
    **dict.fromkeys(_WINDOWS_10, "windows-10"),
    **dict.fromkeys((22000, 22621, 22631, 26100, 26200), "windows-11"),
}
SYSTEM_NAMES: tuple[str, ...] = tuple(dict.fromkeys((*SERVERS.values(), *CLIENTS.values())))
