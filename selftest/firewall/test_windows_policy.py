"""Windows rule sets as data: every entry of rules.yaml, and what must hold for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from preflight.agents.contract_facts import FACT_TYPES
from preflight.firewall.evaluate import evaluate
from preflight.firewall.model import Flow, Policy
from preflight.values.shipped_yaml import load as load_yaml

ROWS = load_yaml(Path(__file__).with_name("rules.yaml").read_text(encoding="utf-8"))
EVERYWHERE = [{"interface": "eth0", "profile": "domain", "addresses": ["10.0.0.2"]}]


def fact_of(row: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {"store": "policy", "name": f"r{n}", "text": r["policy"]}
        if isinstance(r, dict)
        else {"store": "local", "name": f"r{n}", "text": r}
        for n, r in enumerate(row["rules"])
    ]
    told = {"kind": "windows", "running": row.get("running", True), "rules": rules}
    told["complete"] = row.get("complete", True)
    told.update(profiles=row.get("profiles", []), interfaces=row.get("interfaces", EVERYWHERE))
    checked = FACT_TYPES["firewall"]
    value: dict[str, Any] = checked.dump_python(checked.validate_python(told), mode="json")
    return value


def flow_of(row: dict[str, Any]) -> Flow:
    asked = {"direction": "in", "protocol": "tcp", "local": "10.0.0.2", "remote": "10.0.0.1", **row.get("ask", {})}
    asked.setdefault("local_port" if asked["direction"] == "in" else "remote_port", 5012)
    return Flow(**{**asked, "networks": tuple(asked.get("networks", ["10.0.0.2/24"]))})


def answer(row: dict[str, Any]) -> Policy:
    return evaluate(fact_of(row), flow_of(row))


def test_there_are_enough_rows() -> None:
    names = [row["name"] for row in ROWS]
    assert len(names) >= 70
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", ROWS, ids=[r["name"] for r in ROWS])
def test_policy(row: dict[str, Any]) -> None:
    policy = answer(row)
    assert policy.verdict == row["expect"], policy
    assert row.get("says", "") in policy.sentence, policy
    assert row.get("because", policy.because) == policy.because
    assert row.get("profile", policy.profile) == policy.profile
    assert row.get("listener", policy.listener) == policy.listener
    assert row.get("note", "") in policy.listener_note
    if "by" in row:
        assert row["by"] == policy.rules[0].name


@pytest.mark.parametrize("row", ROWS, ids=[r["name"] for r in ROWS])
def test_what_every_answer_holds(row: dict[str, Any]) -> None:
    policy = answer(row)
    assert policy.sentence
    assert bool(policy.listener_note) == (policy.listener != policy.verdict)
    assert policy.silent == bool(policy.silence) == (policy.verdict == "block"), "Windows blocks in silence"
    texts = {rule["text"] for rule in fact_of(row)["rules"]}
    assert {rule.text for rule in policy.rules} <= texts


@pytest.mark.parametrize("row", ROWS, ids=[r["name"] for r in ROWS])
def test_the_order_of_the_rules_does_not_count(row: dict[str, Any]) -> None:
    turned = {**row, "rules": row["rules"][::-1]}
    assert answer(turned).verdict == answer(row).verdict


@pytest.mark.parametrize(
    ("fact", "verdict"),
    [
        ({"kind": "none"}, "allow"),
        ({"kind": "other"}, "unknown"),
        ({}, "unknown"),
        ({"kind": "windows", "rules": [1]}, "unknown"),
        ({"kind": "nftables", "ruleset": None}, "unknown"),
        ({"kind": "nftables", "ruleset": {"nftables": [{"rule": {}}]}}, "unknown"),
        ({"kind": "nftables", "ruleset": {"nftables": []}}, "allow"),
    ],
)
def test_other_kinds(fact: dict[str, Any], verdict: str) -> None:
    policy = evaluate(fact, Flow("in", "tcp", "10.0.0.2", 5012, "10.0.0.1"))
    assert policy.verdict == policy.listener == verdict
    assert policy.sentence
