"""Write what a migration of the core has to do as frozen DDL: python tools/freeze_schema.py NAME

NAME is a migration that has not been released (released files never change), such as 0002_open_house. Its files get
what the models say and no earlier migration has built: new tables and indexes, new columns, guards, policies.
Columns that change or go need a hand-written migration.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from registry.app import load_rooms
from registry.kernel import freezing, schema
from registry.kernel.freezing import ENGINES, columns_of
from registry.kernel.paths import PACKAGE

FOLDER = PACKAGE / "migrations"


def missing(name: str, engine: str) -> list[str]:
    """What the models say and no migration before `name` has built, in order."""
    load_rooms()
    return freezing.missing(FOLDER, name, engine, schema.statements, schema.models())


def main(name: str) -> None:
    load_rooms()
    for path in freezing.freeze(FOLDER, name, schema.statements, schema.models()):
        print(Path(*path.parts[-3:]))


__all__ = ["ENGINES", "columns_of", "missing"]

if __name__ == "__main__":
    main(sys.argv[1])
