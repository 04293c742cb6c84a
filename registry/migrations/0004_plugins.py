"""Plugins, labels, and what contracts lend: as frozen DDL in the two files beside this one."""

from pathlib import Path

from registry.kernel.migrate import run_statements


def up(migrator, db):
    run_statements(Path(__file__).parent, "0004_plugins")
