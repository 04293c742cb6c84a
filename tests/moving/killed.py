"""python -m tests.moving.killed TIMES COMMAND...: a command that is killed (kill -9) at its TIMES-th step on the disk
or the database."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from registry.kernel import archive, restoring, sides

STEPS = [
    *((sides.SqliteSide, name) for name in ("begin", "fill", "commit", "all_done", "lay_aside")),
    *((sides.PostgresSide, name) for name in ("begin", "fill", "commit", "all_done", "lay_aside")),
    *((Path, name) for name in ("rename", "unlink", "mkdir")),
    (archive.Archive, "read"),
    (restoring, "flush_folder"),
]


def armed(times: int) -> None:
    """From here on, this process is killed at its `times`-th step."""
    left = [times]

    def deadly(original: Any) -> Any:
        def step(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*given, **named)

        return step

    for owner, name in STEPS:
        setattr(owner, name, deadly(getattr(owner, name)))


if __name__ == "__main__":
    armed(int(sys.argv.pop(1)))
    from registry.__main__ import main

    main()
