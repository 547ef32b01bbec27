"""What is shipped: Python 3.6 text without clashes, a command that every shell takes, a schema that is current."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from runner import CASES, fill

from preflight.agents.schema import SCHEMA_FILE, contract_schema, schema_text
from preflight.agents.scripts import PARTS, agent_script, bootstrap_command

AGENTS = list(PARTS)


@pytest.mark.parametrize("name", AGENTS)
def test_shipped_text_needs_no_more_than_python_3_6(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.py"
    file.write_bytes(agent_script(name))
    argv = [
        sys.executable,
        "-c",
        "from vermin import main; main()",
        "-t=3.6-",
        "--violations",
        "--eval-annotations",
        "--no-tips",
        str(file),
    ]
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("name", AGENTS)
def test_parts_joined_into_one_text_do_not_clash(name: str) -> None:
    tree = ast.parse(agent_script(name))
    seen: dict[str, str] = {}
    for node in tree.body:
        names = []
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [leaf.id for target in node.targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)]
        elif isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("preflight"), "an import between the parts was left"
        for one in names:
            text = ast.unparse(node)
            assert seen.setdefault(one, text) == text, f"{one} means two things"


@pytest.mark.parametrize("name", AGENTS)
def test_command_needs_nothing_but_double_quotes(name: str) -> None:
    argv = bootstrap_command("python3", agent_script(name))
    assert argv[0] == "python3"
    assert argv[-1] == f"preflight-{name}"
    assert not set("".join(argv)) & set("\"'$`!\\%^&|<>*?~#\n")


def test_script_is_taken_to_the_byte_and_the_rest_of_stdin_is_left() -> None:
    script = b"rest = sys.stdin.buffer.read()\nsys.stdout.buffer.write(rest[::-1])\n"
    argv = bootstrap_command(sys.executable, script)
    said = subprocess.run(argv, input=script + b"\x00requests\n", capture_output=True, check=True)
    assert said.stdout == b"\nstseuqer\x00"


def test_schema_file_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run python -m preflight.agents.schema"


def test_schema_takes_the_requests_of_the_recorded_cases_and_refuses_others() -> None:
    schema = jsonschema.Draft202012Validator(contract_schema())
    taken = 0
    for file in sorted(CASES.glob("*.json")):
        if "malformed" in file.stem or file.stem == "hello-foreign":
            continue
        for step in json.loads(file.read_text(encoding="utf-8"))["steps"]:
            if "send" in step:
                schema.validate(_with_ports(fill(step["send"], {})))
                taken += 1
    assert taken > 30
    for wrong in ({"do": "dance"}, {"id": "x"}, {"do": "close"}, {"do": "beat", "more": 1}, {"event": "done"}):
        with pytest.raises(jsonschema.ValidationError):
            schema.validate(wrong)


def _with_ports(value: object) -> object:
    if isinstance(value, dict):
        return {k: 9100 if k == "port" and isinstance(v, dict) else _with_ports(v) for k, v in value.items()}
    return [_with_ports(item) for item in value] if isinstance(value, list) else value
