"""The keys of `directory` as they are written."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, TypeAdapter, ValidationError

from preflight.topology.directory_model import CARD_FORMATS, DIRECTORY_PROTOCOLS
from preflight.topology.directory_presets import PRESETS
from preflight.topology.directory_words import (
    AttributeText,
    Distinguished,
    DomainName,
    FilterText,
    FullRun,
    Interval,
)
from preflight.topology.raw_base import Raw, RawSecret, Verify, listed_word
from preflight.topology.scalars import HostWord, Name, ShortText, Text, one_of

Protocol = Annotated[str, one_of("directory protocol", DIRECTORY_PROTOCOLS)]
Preset = Annotated[str, one_of("preset", PRESETS)]
Format = Annotated[str, one_of("card format", CARD_FORMATS)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Length = Annotated[int, Field(ge=1, le=256)]
ServerNames = Annotated[
    list[Name],
    Field(min_length=1, max_length=50),
    BeforeValidator(listed_word, json_schema_input_type=Name | list[Name]),
]
DomainNames = Annotated[
    list[DomainName],
    Field(min_length=1, max_length=50),
    BeforeValidator(listed_word, json_schema_input_type=DomainName | list[DomainName]),
]
Containers = Annotated[
    list[Distinguished],
    Field(min_length=1, max_length=50),
    BeforeValidator(listed_word, json_schema_input_type=Distinguished | list[Distinguished]),
]
CertificateNames = Annotated[
    list[HostWord],
    Field(max_length=50),
    BeforeValidator(listed_word, json_schema_input_type=HostWord | list[HostWord]),
]


_ATTRIBUTE: TypeAdapter[str] = TypeAdapter(AttributeText)


def _wanted(value: Any) -> str | Literal[False]:
    if value is False:
        return False
    if not isinstance(value, str):
        raise ValueError("write the name of an attribute, or false where there is none")
    try:
        return _ATTRIBUTE.validate_python(value)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


Wanted = Annotated[str | Literal[False], PlainValidator(_wanted, json_schema_input_type=AttributeText | Literal[False])]


def _lengths(value: Any) -> Any:
    return [value] if isinstance(value, int) and not isinstance(value, bool) else value


def _format(value: Any) -> Any:
    return {"format": value} if isinstance(value, str) else value


def _unwanted(value: Any) -> Any:
    return None if value is False else value


class RawAttributes(Raw):
    """`attributes` of a directory; `false`: the site does not use it."""

    login: AttributeText | None = None
    first_name: Wanted | None = None
    last_name: Wanted | None = None
    department: Wanted | None = None
    card: Wanted | None = None
    id: Wanted | None = None
    email: Wanted | None = None


class RawCard(Raw):
    """`card` of a directory: how numbers are written."""

    format: Format = "any"
    prefix: ShortText | None = None
    length: Annotated[
        list[Length], Field(max_length=20), BeforeValidator(_lengths, json_schema_input_type=Length | list[Length])
    ] = Field(default_factory=list)


class RawReplication(Raw):
    """`replication` of a directory."""

    full: FullRun
    differential: Interval | None = None
    window_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None


class RawDirectory(Raw):
    """`directory`, or one of its list."""

    name: Name = "directory"
    servers: ServerNames | None = None
    preset: Preset = "active_directory"
    protocol: Protocol | None = None
    port: PortNumber | None = None
    global_catalog_port: PortNumber | None = None
    ca: Verify | None = None
    certificate_names: CertificateNames = Field(default_factory=list)
    user: Text | None = None
    password: RawSecret | None = None
    domains: DomainNames | None = None
    containers: Containers | None = None
    filter: FilterText | None = None
    attributes: RawAttributes = Field(default_factory=RawAttributes)
    card: Annotated[RawCard, BeforeValidator(_format, json_schema_input_type=Format | RawCard)] = Field(
        default_factory=RawCard
    )
    replication: Annotated[
        RawReplication | None, BeforeValidator(_unwanted, json_schema_input_type=Literal[False] | RawReplication)
    ] = None


def listed_directory(value: Any) -> Any:
    """A lone directory stands for a list of it."""
    return [value] if isinstance(value, dict) else value


Directories = Annotated[
    list[RawDirectory],
    Field(max_length=20),
    BeforeValidator(listed_directory, json_schema_input_type=RawDirectory | list[RawDirectory]),
]
