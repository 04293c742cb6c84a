"""The documents say what the code does: every setting, role and command is in them."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from registry import commands
from registry.cli import cli
from registry.kernel.access import PERMISSIONS
from registry.people.roles import ROLES

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_table_of_settings_is_current() -> None:
    shown = CliRunner().invoke(cli, ["settings"])
    assert shown.output == (DOCS / "settings.md").read_text(), "run make docs"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_is_explained(role: str) -> None:
    assert f"| {role} |" in (DOCS / "use.md").read_text()


def test_roles_hold_only_permissions_that_exist() -> None:
    for role in ROLES.values():
        assert role.permissions <= set(PERMISSIONS), role.name


def test_customers_roles_hold_only_what_customers_may() -> None:
    for role in ROLES.values():
        if not role.operator:
            assert all(PERMISSIONS[name].customer for name in role.permissions), role.name


def _paths(group: click.Group, start: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        path = f"{start} {name}"
        found += _paths(command, path) if isinstance(command, click.Group) else [path]
    return found


def test_every_command_is_in_a_document() -> None:
    commands.install(cli)
    text = "".join((DOCS / name).read_text() for name in ("use.md", "operate.md"))
    missing = [path for path in _paths(cli, "assetcare") if path not in text]
    assert not missing
