"""Browsers that are installed for all users, and where their versions stand against a table.

Installs of single users are not seen: they are told of in profiles of users who are not logged in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from preflight.agents.reads import RegistryRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.registry_key import RegistryKey, registry_key
from preflight.facts.windows import clipped, need_windows
from preflight.values.version_table import Standing, Version, VersionTable, dotted, parse_version

EDGE = "{56EB18F8-B008-4CBD-B6D2-8C97FE7E9062}"
CHROME = "{8A69D345-D564-463C-AFF1-A69D9E530F96}"
# Microsoft retired Internet Explorer 11 on 2022-06-15 (learn.microsoft.com/lifecycle/announcements/
# internet-explorer-11-end-of-support); server editions keep it for as long as they are supported. 11 is its last.
IE_LAST, IE_RETIRED = 11, "2022-06-15"
NOTHING = (0, 0, 0, 0)  # what an uninstalled Edge or Chrome leaves behind
NAMES = {"ie": "Internet Explorer", "edge": "Edge", "chrome": "Chrome", "firefox": "Firefox"}


def _read(name: str, path: str, *values: str) -> RegistryRead:
    return RegistryRead(name=f"browsers:{name}", path=rf"HKLM\SOFTWARE\{path}", values=values)


# Each browser's keys, 64-bit first; the values in the order in which they are believed.
KEYS: dict[str, tuple[RegistryRead, ...]] = {
    "ie": (_read("ie", r"Microsoft\Internet Explorer", "svcVersion", "Version"),),
    "edge": (
        _read("edge", rf"Microsoft\EdgeUpdate\Clients\{EDGE}", "pv"),
        _read("edge32", rf"WOW6432Node\Microsoft\EdgeUpdate\Clients\{EDGE}", "pv"),
    ),
    "chrome": (
        _read("chrome", rf"Google\Update\Clients\{CHROME}", "pv"),
        _read("chrome32", rf"WOW6432Node\Google\Update\Clients\{CHROME}", "pv"),
    ),
    "firefox": (
        _read("firefox", r"Mozilla\Mozilla Firefox", "CurrentVersion"),
        _read("firefox32", r"WOW6432Node\Mozilla\Mozilla Firefox", "CurrentVersion"),
    ),
}


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser; `version` is None where what stands in the registry is none."""

    key: str  # ie, edge, chrome, firefox
    text: str  # as the registry has it
    version: Version | None

    @property
    def name(self) -> str:
        """Its name for people."""
        return NAMES[self.key]


@dataclass(frozen=True, slots=True)
class Browsers:
    """What is installed; `unread`: browsers whose keys could not be read, and why."""

    found: tuple[Browser, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A browser and where it stands."""

    browser: Browser
    standing: Standing

    @property
    def words(self) -> str:
        """For a report."""
        return f"{self.browser.name} {self.standing.words}"


def judge_browsers(found: Iterable[Browser], table: VersionTable, on: date) -> list[Judged]:
    """Each against the table, on the day that the host was asked; what counts most comes first."""
    judged = (Judged(browser, _stand(browser, table, on)) for browser in found)
    return sorted(judged, key=lambda one: (one.browser.key == "ie", not one.standing.good))


def table_entry(unsure: Iterable[Judged], on: date) -> str:
    """What to do where the table cannot tell: a block for the inventory, to be filled in."""
    installed = {one.browser.key: one.browser.version for one in unsure}
    versions = ", ".join(
        f'{key}: [{{version: "{dotted(version)}", as_of: {on}, source: "?"}}]'
        for key, version in installed.items()
        if version is not None
    )
    return (
        "Look up the makers' newest versions. Write them with day and source into the inventory (or a file that it "
        f"names), like checklist: {{browsers: {{versions: {{{versions}}}}}}}"
    )


def _stand(browser: Browser, table: VersionTable, on: date) -> Standing:
    if browser.version is None:
        return Standing("unknown", f"has no readable version ({browser.text})")
    if browser.key != "ie":
        return table.stand(browser.key, browser.version, on)
    if browser.version[0] >= IE_LAST:
        return Standing("current", f"{browser.version[0]} is its last version; Microsoft retired it on {IE_RETIRED}")
    return Standing("behind", f"{browser.version[0]} is behind {IE_LAST}, the last one")


def _browsers(told: Told) -> Browsers:
    need_windows(told, "what browsers it has")
    unread: list[str] = []
    found = tuple(_found(told, unread))
    return Browsers(found, tuple(unread))


def _found(told: Told, unread: list[str]) -> Iterator[Browser]:
    for key, reads in KEYS.items():
        for read in reads:
            try:
                values = (registry_key(told, read.name) or RegistryKey()).values
            except UnobservedError as error:
                unread.append(f"{NAMES[key]}: {error.reason}")
                continue
            text = next((values[v] for v in read.values if isinstance(values.get(v), str) and values[v].strip()), None)
            if text is not None and parse_version(text) != NOTHING:
                yield Browser(key, clipped(text), parse_version(text))


BROWSERS = FactKind(
    "browsers", _browsers, tuple(read for reads in KEYS.values() for read in reads), rests_on=("system",)
)
