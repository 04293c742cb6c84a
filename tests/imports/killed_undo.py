"""A worker that undoes an import and dies in the middle of it: python -m tests.imports.killed_undo POINT ID STEP

POINT says where kill -9 strikes; "never" lets it come to its end. STEP: entries at a time. Settings come from
ASSETCARE_* variables.
"""

import sys
from collections.abc import Callable

from registry.app import open_house
from registry.imports import service, store, undo, undoing
from registry.imports.models import ImportSession
from registry.kernel import audit, db, wall
from registry.kernel.access import PERMISSIONS, Actor, visible
from registry.people.models import User
from registry.settings import Settings
from tests.imports.killed import after, before

POINTS: dict[str, Callable[[], None]] = {
    "before it looks": lambda: before(undo, "_changed_since"),
    "while it looks": lambda: before(store, "report"),
    "between chunks": lambda: before(undo, "_undo", times=2),
    "between rows and audit": lambda: before(audit, "record", times=2),
    "just before the commit": lambda: after(service, "take_back"),
    "just after the commit": lambda: after(undoing, "carry_out_undo"),
    "never": lambda: None,
}


def main(point: str, session_id: int, step: int) -> None:
    undo.STEP = step
    open_house(Settings.load(log_level="ERROR"))
    wall.stand(wall.EVERYWHERE)
    with db.connection():
        POINTS[point]()
        user = User.get(User.email == "alice@acme.example")
        undoing.undo_in_worker(session_id, user.id, sorted(PERMISSIONS))
        print(visible(ImportSession, Actor.system()).where(ImportSession.id == session_id).get().state)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
