"""Optics: modules, memory, readings, places, proofs, profiles: as frozen DDL in the two files beside this one."""

from pathlib import Path

from registry.kernel.migrate import run_statements


def up(migrator, db):
    run_statements(Path(__file__).parent, "0006_optics")
