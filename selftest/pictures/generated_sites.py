"""Sites out of thin air: any number of networks, machines of any role, hostile names, any outcome between any two."""

from __future__ import annotations

from random import Random

from generated import HOSTILE, OBSERVED, case, counted, head, ruling
from hypothesis import strategies as st

from preflight.run.build import build_run
from preflight.run.clean import clean_text
from preflight.run.model import Run
from preflight.run.model_site import HostResult, NetworkResult
from preflight.values.case import Case
from preflight.values.outcome import Outcome, Verdict

STRANGER = "stranger"  # an end of cases that is not in the inventory
ROLES = (
    "cml",
    "ors",
    "crs",
    "ts",
    "db",
    "ldap",
    "smtp",
    "printer",
    "terminal",
    "card_reader",
    "workstation",
    "vantage",
)
ROWS = ("C01", "S04", "P05", "I10")
LONG = ("hq", "a-name-that-is-longer-than-any-box-would-be-wide-" * 3, "MMMMMMMMMMMMMMMMMMMMMMMM", "\u4e2d\u6587" * 9)
words = st.one_of(
    st.sampled_from([*HOSTILE, *LONG]), st.text(st.characters(exclude_categories=()), min_size=1, max_size=20)
)


@st.composite
def site_runs(draw: st.DrawFn, most_networks: int = 30, most_hosts: int = 60, most_cases: int = 60) -> Run:
    """A run of any site: some machines stand in no network.

    Sizes and words are hypothesis' own, so that they shrink; who stands where and what came out is a seed's.
    """
    said = draw(st.lists(words, min_size=3, max_size=12))
    count = {
        "s": draw(st.integers(1, 8)),
        "n": draw(st.integers(0, most_networks)),
        "h": draw(st.integers(0, most_hosts)),
    }
    dice = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - a test's dice
    sites, networks, hosts = (
        [clean_text(f"{kind}{number} {dice.choice(said)}") for number in range(most)] for kind, most in count.items()
    )
    return build_run(
        head(site=said[0]),
        (judged := _cases(dice, draw(st.integers(0, most_cases)), [*hosts, STRANGER], said)),
        networks=[
            NetworkResult(name=name, cidr=dice.choice(said), site=dice.choice([None, *sites]), vantage=None)
            for name in networks
        ],
        hosts=[
            HostResult(
                name=name,
                roles=tuple(sorted(set(dice.sample(ROLES, dice.randint(0, 2))))),
                address=dice.choice(said),
                site=dice.choice(sites),
                network=dice.choice([None, *networks]),
                managed_by=None,
                reached=dice.choice([None, True, False]),
            )
            for name in hosts
        ],
        row_ids=ROWS,
        laid_over=(laid := {one.id: "R1" for one, _ in judged if dice.random() < 0.1}),
        rulings=counted([ruling("R1", "waiver")], judged, laid),
    )


def _cases(dice: Random, count: int, ends: list[str], said: list[str]) -> list[tuple[Case, Verdict | None]]:
    judged: list[tuple[Case, Verdict | None]] = []
    few = dice.sample(ends, min(len(ends), dice.randint(1, 12)))  # so that several cases have the same ends
    for number in range(count):
        row = dice.choice(ROWS)
        source, destination = dice.choice([None, *few]), dice.choice([None, *few])
        one = case(
            row,
            source,
            destination,
            id=f"{row}:{number}",
            ports=tuple(dice.randint(1, 65535) for _ in range(dice.randint(0, 4))),
            protocol="tcp" if source is not None or dice.random() < 0.5 else None,
        )
        outcome = dice.choice([*OBSERVED, Outcome.FAILED, Outcome.UNVERIFIED])
        judged.append((one, Verdict(outcome, dice.choice(said)) if outcome is not Outcome.NOT_RUN else None))
    return judged
