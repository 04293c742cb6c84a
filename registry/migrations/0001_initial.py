"""All tables of the first release, as frozen DDL for either engine in the two files beside this one."""

from pathlib import Path

from registry.kernel.migrate import run_statements


def up(migrator, db):
    run_statements(Path(__file__).parent, "0001_initial")
