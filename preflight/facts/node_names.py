"""What the name service tells a CML node of the addresses of all CML nodes, and of the names that it gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from preflight.agents.reads import NamesRead, Read
from preflight.facts.adapters import same_address
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.windows_services import plain
from preflight.topology.model import Topology

READ = "node_names:answers"
MOST = 64  # answers that are read for one name or address


@dataclass(frozen=True, slots=True)
class NodeNames:
    """Forward and reverse answers as one host got them; names in lower case without the last dot."""

    forward: Mapping[str, tuple[str, ...]]
    reverse: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Naming:
    """What speaks against the names of an address: `wrong`, and `doubtful` for what is missing or too much.

    `untold`: lookups that nobody answered, on which host; `settled`: somewhere one was answered both ways.
    """

    wrong: tuple[str, ...]
    doubtful: tuple[str, ...]
    untold: tuple[str, ...]
    names: tuple[str, ...]
    settled: bool


def name_answers(told: Told, read: str) -> NodeNames:
    """The answers to one NamesRead. Raises UnobservedError."""
    value = told.value(read)
    if not isinstance(value, dict):
        raise UnobservedError(f"what {told.host} told of names has not the shape that the contract promises")
    forward, reverse = _table(value.get("forward")), _table(value.get("reverse"))
    return NodeNames(
        {_name(key): tuple(a for t in texts if (a := same_address(t))) for key, texts in forward.items()},
        {same_address(key): tuple(_name(text) for text in texts) for key, texts in reverse.items()},
    )


def judge_names(address: str, own: Iterable[str], hostname: str, tellers: Mapping[str, NodeNames]) -> Naming:
    """Whether names and addresses agree for `address`, by what each teller got; `own` are all addresses of the host."""
    wrong: dict[str, list[str]] = {}
    doubtful: dict[str, list[str]] = {}
    untold: list[str] = []
    settled = False
    found: dict[str, None] = {}
    mine = {same_address(a) for a in own} | {same_address(address)}
    label = hostname.casefold().partition(".")[0]
    for teller, told in tellers.items():
        if (led := told.forward.get(label)) and not mine & set(led):  # by its own name, whatever a reverse record says
            wrong.setdefault(f"{label} is {', '.join(led)}, not {address}", []).append(teller)
        names = told.reverse.get(same_address(address))
        if names is None:
            untold.append(f"{address} on {teller}")
            continue
        if not names:
            settled = True
            doubtful.setdefault(f"{address} has no name (no reverse record)", []).append(teller)
        for name in names:
            found[name] = None
            addresses = told.forward.get(name)
            if addresses is None:
                untold.append(f"{name} on {teller}")
                continue
            settled = True
            if not addresses:
                wrong.setdefault(f"{address} is {name}, and that name has no address", []).append(teller)
            elif same_address(address) not in addresses:
                text = f"{address} is {name}, but {name} is {', '.join(addresses)}"
                wrong.setdefault(text, []).append(teller)
            elif more := [a for a in addresses if a not in mine]:
                text = f"{name} is also {', '.join(more)}, which the host does not have"
                doubtful.setdefault(text, []).append(teller)
    own_words = []
    if found and label not in {name.partition(".")[0] for name in found}:
        own_words.append(f"{address} is {', '.join(found)}, and the host calls itself {hostname}")
    return Naming(_asked(wrong), (*_asked(doubtful), *own_words), tuple(untold), tuple(found), settled)


def _asked(said: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(f"{text}, asked on {', '.join(tellers)}" for text, tellers in said.items())


def _reads(site: Topology) -> tuple[Read, ...]:
    # Every node asks for all of them: Windows answers its own name without asking anybody.
    nodes = site.with_role("cml")
    names = tuple(machine.name.casefold() for machine in nodes)
    return (NamesRead(name=READ, forward=names, reverse=tuple(m.address for m in nodes), follow=True),)


def _table(value: object) -> dict[str, list[str]]:
    table = value if isinstance(value, dict) else {}
    return {
        key: [t for item in texts[:MOST] if (t := plain(item))]
        for key, texts in table.items()
        if isinstance(key, str) and isinstance(texts, list)
    }


def _name(text: str) -> str:
    return plain(text).casefold().rstrip(".")


NODE_NAMES = FactKind("node_names", lambda told: name_answers(told, READ), site_reads=_reads)
