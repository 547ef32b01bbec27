"""The users of a directory as counts and redacted samples. No value of a person ever stands in here."""

from __future__ import annotations

from dataclasses import dataclass, field

from preflight.values.step import Step


@dataclass(frozen=True, slots=True)
class Sample:
    """A value that is told apart and not told: its first character, its length, a tag that is equal for equal ones."""

    shown: str  # "n***** (6)"
    tag: str
    entries: int = 0


@dataclass(frozen=True, slots=True)
class AttributeSeen:
    """One attribute over all users read."""

    role: str  # login, first_name, last_name, department, card, id, email
    name: str
    named_by: str  # site or preset
    in_schema: bool | None = None  # None: the directory does not show its schema
    filled: int = 0  # users with a value that is not blank
    missing: int = 0
    missing_enabled: int = 0  # of those, users that are not disabled
    rate: float | None = None  # filled / users; None without users
    readable: bool | None = None  # seen at least once; False: it may be searched by and is not shown; None: no telling
    distinct: int = 0
    distinct_exact: bool = True  # False: there were more than are told apart
    duplicates: int = 0  # values that more than one user has
    duplicate_users: int = 0  # users that share one
    multi_valued: int = 0  # users with more than one value
    most_values: int = 0
    shortest: int | None = None  # characters, of binary values bytes
    longest: int | None = None
    digits_only: int = 0  # values
    binary: int = 0  # values that are no text
    control_characters: int = 0  # values with such
    blanks_around: int = 0  # values that begin or end with a blank
    too_long: int = 0  # values of more than a thousand characters, measured only
    samples: tuple[Sample, ...] = ()  # of duplicates


@dataclass(frozen=True, slots=True)
class LoginsSeen:
    """Logins, held against each other."""

    case_clashes: int = 0  # logins that differ from another's in upper and lower case only
    clash_users: int = 0
    across_containers: int = 0  # logins that stand in more than one container (case aside)
    forbidden: int = 0  # logins with characters that the preset forbids
    forbidden_characters: str = ""  # which of them were met
    inner_blanks: int = 0
    not_ascii: int = 0
    samples: tuple[Sample, ...] = ()  # of clashes and of those across containers


@dataclass(frozen=True, slots=True)
class CardsSeen:
    """Card numbers: how they are written, and which of them are the same card."""

    values: int = 0
    users: int = 0
    several: int = 0  # users with more than one card
    hex: int = 0  # values with hexadecimal letters
    digits: int = 0  # values of digits alone, which may be decimal or hexadecimal
    other: int = 0  # neither
    decimal_suspected: int = 0  # digits alone where the others are hexadecimal, and too many to be chance
    mixed: bool = False  # hexadecimal and decimal ones
    upper: int = 0  # hexadecimal letters in upper case
    lower: int = 0
    separated: int = 0  # with colons, blanks, dashes
    prefixed: int = 0  # with 0x or other text in front
    prefixes: dict[str, int] = field(default_factory=dict)
    leading_zeros: int = 0
    lengths: dict[str, int] = field(default_factory=dict)  # digits without prefix and separators -> values
    against_format: int | None = None  # values that are not as the inventory says; None: it says nothing
    duplicates_normalised: int = 0  # cards written in several ways that differ in case, zeros, separators, prefix
    reversed_twins: int = 0  # pairs: one is the other in the other byte order
    decimal_twins: int = 0  # pairs: decimal and hexadecimal of one number
    decimal_reversed_twins: int = 0
    twins_by_chance: float = 0.0  # pairs to be expected of random numbers of these lengths
    samples: tuple[Sample, ...] = ()
    complete: bool = True  # False: there were more cards than are held against each other


@dataclass(frozen=True, slots=True)
class EmailsSeen:
    """E-mail addresses by their shape."""

    values: int = 0
    shaped: int = 0  # local@domain.tld
    misshapen: int = 0
    domains: int = 0  # how many different ones
    duplicates_folded: int = 0  # addresses that more than one user has, case aside
    samples: tuple[Sample, ...] = ()  # of misshapen ones


@dataclass(frozen=True, slots=True)
class ContainerSeen:
    """The users below one container, as read."""

    dn: str
    listed: Step
    users: int = 0
    again: int = 0  # entries that another container had shown before
    pages: int = 0
    referrals: int = 0
    referred_to: tuple[str, ...] = ()  # hosts
    oversize: int = 0  # entries that were too large to be read
    unreadable: int = 0  # entries without a single one of the wanted attributes
    complete: bool = False
    capped: bool = False  # the directory ended the list by a limit of its own
    inside: str | None = None  # container of the inventory that holds this one


@dataclass(frozen=True, slots=True)
class CapSeen:
    """What a search that does not page gets: many programs search so."""

    step: Step
    entries: int = 0  # that many came
    capped: bool | None = None  # the directory cut it there; None: not asked


@dataclass(frozen=True, slots=True)
class UsersSeen:
    """All users of all containers, counted while they were read."""

    read_from: str  # machine
    users: int = 0
    complete: bool = False
    why_not: str = ""  # where it is not
    disabled: int | None = None  # None: the preset does not say how to know
    took_s: float = 0.0
    page: int = 0  # entries asked for at a time; 0: without paging
    attributes: dict[str, AttributeSeen] = field(default_factory=dict)
    logins: LoginsSeen | None = None
    cards: CardsSeen | None = None
    emails: EmailsSeen | None = None
    unpaged: CapSeen | None = None

    @property
    def all_disabled(self) -> bool:
        """Whether not one of them can log in, so that there is nobody to judge by."""
        return bool(self.users) and self.disabled is not None and self.disabled >= self.users
