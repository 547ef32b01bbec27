"""Print solutions of others on a Windows host, by their services, and by the list of installed programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.own_tables import PrintProduct, print_products
from preflight.facts.software import SOFTWARE, Program
from preflight.facts.windows_services import SERVICE_READS, WindowsService, alike, parse_services


@dataclass(frozen=True, slots=True)
class Solution:
    """One match. `sure`: by a name that a source gives; else by a word in a name or a path."""

    product: str
    name: str  # of the service or the program
    evidence: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Installed:
    """What is searched for print solutions; `untold`: what of the list of programs is not known, and why."""

    services: tuple[WindowsService, ...]
    programs: tuple[Program, ...] = ()
    untold: str = ""


def parse_installed(told: Told) -> Installed:
    """Raises UnobservedError where the services are not known: they run, a list of programs only tells of them."""
    services = parse_services(told)
    try:
        software = SOFTWARE.parse(told)
    except UnobservedError as error:
        return Installed(services, untold=f"print solutions were looked for among services only: {error.reason}")
    rest = f"print solutions may be among the programs that were not told: {software.untold}"
    return Installed(services, software.programs, rest if software.untold else "")


def solutions(installed: Installed, agreed: Iterable[str], own: Iterable[str] = ()) -> list[Solution]:
    """Print solutions among services and programs, without what is agreed and without the product's own services.

    A program is left out where a service of the same product was found.
    """
    meant = tuple(agreed)
    ours = {name.casefold() for name in own}
    found: list[Solution] = []
    for service in installed.services:
        match = _match((service.name,), (service.name, service.display), (service.program,))
        if match and service.name.casefold() not in ours:
            found.append(Solution(match[0].product, service.name, f"service {service}", match[1]))
    seen = {solution.product for solution in found}
    for program in installed.programs:
        match = _match((), (program.name,), ())
        if match and match[0].product not in seen:
            found.append(Solution(match[0].product, program.name, f"installed program {program}", match[1]))
    return [s for s in found if not any(alike(text, meant) for text in (s.name, s.product))]


def _match(keys: Iterable[str], names: tuple[str, ...], paths: tuple[str, ...]) -> tuple[PrintProduct, bool] | None:
    """The product that some texts speak of, and whether that is sure."""
    for product in print_products():
        if any(alike(key, product.services) for key in keys) or any(alike(name, product.names) for name in names):
            return product, True
    for product in print_products():
        words = [f"*{word}*" for word in product.keywords]
        if any(alike(text, words) for text in (*names, *paths)):
            return product, False
    return None


PRINT_PRODUCTS = FactKind(
    "print_products",
    parse_installed,
    reads=(*SERVICE_READS, *SOFTWARE.reads),
    rests_on=SOFTWARE.rests_on,
)
