"""The parts of a run that tell what was looked at: machines, networks, rows of the page, certificates."""

from __future__ import annotations

from typing import Literal

from preflight.run.base import Model, Text
from preflight.values.case import Phase
from preflight.values.probe import Protocol


class HostResult(Model):
    """One machine of the inventory, and whether it could be talked to."""

    name: Text
    roles: tuple[Text, ...]  # sorted
    address: Text
    site: Text
    network: Text | None
    managed_by: Text | None  # None: no agent runs there
    via: Text = ""
    reached: bool | None = None  # None: it was not asked
    failure: Text = ""
    cause: Text = ""
    remedy: Text = ""
    phase: Phase | None = None
    system: Text = ""
    skew_s: float | None = None  # host's clock minus the controller's


class NetworkResult(Model):
    """One network of the inventory."""

    name: Text
    cidr: Text
    site: Text | None
    vantage: Text | None


class RowResult(Model):
    """One row of the vendor page, so that a report can show the page's own tables without the catalogue."""

    id: Text
    section: Text
    kind: Literal["check", "flow"]
    level: Text  # the page's word; checklist items have none
    requirement: Text
    purpose: Text
    when: Text  # the page's condition
    protocol: Protocol | None
    ports: Text  # as the page writes them
    source: Text  # the page's words for the asking end
    destination: Text
    note: Text


Flaw = Literal["expired", "not yet valid", "other name", "untrusted", "weak encryption", "unchecked"]


class CertificateResult(Model):
    """One certificate that a service showed during the run."""

    host: Text  # name in the inventory, or of the directory's server
    address: Text
    port: int
    service: Text  # what was spoken: ldaps, starttls, tds; tls where only machines of the site saw it
    subject: Text
    issuer: Text
    names: tuple[Text, ...]
    not_before: Text
    not_after: Text
    days_left: int | None  # whole days when it was shown; negative once it has expired
    sha256: Text
    tls: Text  # version that was agreed on
    problem: Text = ""  # why it is not to be trusted; empty: nothing was found
    flaws: tuple[Flaw, ...] = ()  # the same in fixed words; "unchecked": nobody looked at its chain
    here: bool = True  # shown to the machine that runs the suite
    nodes: tuple[Text, ...] = ()  # machines of the site that were shown it from their own place; sorted
