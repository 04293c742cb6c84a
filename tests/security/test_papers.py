"""The papers say what is so: tests that they name exist, what is generated is current, links lead somewhere."""

import ast
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

import pytest

from registry.web.permissions import describe
from tests.houses import House
from tests.needs import lacking

ROOT = Path(__file__).parent.parent.parent.resolve()
DOCS = ROOT / "docs"
PAPERS = ("docs/security-rules.md", "docs/threat-model.md", "SECURITY.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def names_in_file(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.exists():
        return frozenset()
    return frozenset(n.name for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.FunctionDef))


@pytest.mark.parametrize("paper", PAPERS)
def test_every_test_that_is_named_exists(paper: str) -> None:
    text = (ROOT / paper).read_text()
    missing = [f"{path}::{name}" for path, name in NAMED.findall(text) if name not in names_in_file(path)]
    assert not missing


def test_every_rule_has_a_proof_or_a_reason() -> None:
    rows = [line for line in (DOCS / "security-rules.md").read_text().splitlines() if line.startswith("| ")]
    rules = [row for row in rows if row != "| rule | proof |"]
    assert len(rules) > 70
    bare = [row for row in rules if not NAMED.search(row) and "Why not: " not in row]
    assert not bare
    assert sum("Why not: " in row for row in rules) < 10


def test_every_threat_has_a_proof() -> None:
    text = (DOCS / "threat-model.md").read_text().partition("## Threats")[2].partition("## Not in scope")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
    assert len(rows) > 15 and all(NAMED.search(row) for row in rows)


@pytest.mark.parametrize("paper", PAPERS)
def test_links_lead_somewhere(paper: str) -> None:
    file = ROOT / paper
    for target in re.findall(r"\]\(([^)#]+)", file.read_text()):
        assert (file.parent / target).exists(), target


def test_the_permission_matrix_is_current(house: House) -> None:
    assert describe(house.app) + "\n" == (DOCS / "permissions.md").read_text(), "run make docs"


def test_the_permission_matrix_has_every_route_role_and_right(house: House) -> None:
    text = (DOCS / "permissions.md").read_text()
    for rule in house.app.url_map.iter_rules():
        assert f"| `{rule.rule}` |" in text
    assert "nothing | anybody |" in text and "| `asset.edit` |" in text


@pytest.mark.slow
def test_the_list_of_parts_names_what_is_installed(tmp_path: Path) -> None:
    """The script on the environment at hand: every library with its version, and what npm brings into a release."""
    cyclonedx = Path(sys.executable).parent / "cyclonedx-py"
    if not cyclonedx.exists() or shutil.which("npm") is None:
        lacking("sbom", "cyclonedx-bom or npm is missing: run make setup")
    command = [str(ROOT / "tools" / "make_sbom.sh"), sys.executable, str(tmp_path), str(cyclonedx)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    python, npm = (json.loads(Path(line).read_text()) for line in done.stdout.split())
    listed = {(part["name"].lower(), part["version"]) for part in python["components"]}
    names = ("flask", "peewee", "cryptography", "argon2-cffi", "authlib", "webauthn")
    installed = {(one.name.lower(), one.version) for one in distributions() if one.name.lower() in names}
    assert len(installed) == len(names) and installed <= listed
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert wanted.keys() <= {f"{part.get('group', '')}/{part['name']}".lstrip("/") for part in npm["components"]}
    assert not any("oidc-provider" in str(part) for part in npm["components"]), "what only tests need is no part"
    assert npm["metadata"]["component"]["version"] and "file://" not in json.dumps(npm)
