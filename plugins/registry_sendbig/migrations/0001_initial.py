"""The first tables: frozen SQL in the two files beside this one."""

from pathlib import Path

from registry.sdk import run_statements


def up(migrator, db):
    run_statements(Path(__file__).parent, "0001_initial")
