"""Keys that files are encrypted with, and stores that have moved: as frozen DDL in the two files beside this one."""

from pathlib import Path

from registry.kernel.migrate import run_statements


def up(migrator, db):
    run_statements(Path(__file__).parent, "0005_files")
