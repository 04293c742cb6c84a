"""A program that erases acme and dies in the middle of it: python -m tests.handover.killed POINT

POINT says where kill -9 strikes; "never" lets it come to its end. Settings come from ASSETCARE_* variables.
"""

import sys
from collections.abc import Callable

from registry.app import open_house
from registry.handover import deleting, erasing, letters, scrubbing
from registry.handover.erasing import Erasing
from registry.kernel import audit, db, files, wall
from registry.plugins import tables
from registry.settings import Settings
from tests.imports.killed import after, before

POINTS: dict[str, Callable[[], None]] = {
    "before anything": lambda: before(letters, "addresses_of"),
    "after the letters": lambda: after(letters, "forget_jobs"),
    "in the first batch": lambda: before(Erasing, "_counted", times=3),
    "between batches": lambda: before(deleting, "_delete_some", times=12),
    "late among the rows": lambda: before(deleting, "_delete_some", times=60),
    "after the rows": lambda: after(deleting, "delete_rows"),
    "in the chain, unguarded": lambda: before(Erasing, "_counted", times=45),
    "after the chain": lambda: after(deleting, "delete_chain"),
    "before the last commit": lambda: after(deleting, "delete_last"),
    "between files": lambda: before(files.FolderStore, "delete", times=2),
    "before rewriting": lambda: before(scrubbing, "scrub"),
    "after rewriting": lambda: after(scrubbing, "scrub"),
    "before the certificate": lambda: before(erasing, "sealed"),
    "before its commit": lambda: after(audit, "record"),
    "never": lambda: None,
}


def main(point: str) -> None:
    open_house(Settings.load(log_level="ERROR"))
    wall.stand(wall.EVERYWHERE)
    with db.connection():
        tables.settle(may_migrate=False)
        POINTS[point]()
        [found] = erasing.unfinished()
        erasing.resume(found)


if __name__ == "__main__":
    main(sys.argv[1])
