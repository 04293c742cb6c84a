"""An end to waiting: a plugin for which somebody waits is stopped where it stands after so many seconds.

Only where Python can do so: in the main thread, where requests of `assetcare serve` are answered. Elsewhere a slow
plugin is counted after it has come back, and suspended when it happens again and again.
"""

import signal
import threading
from typing import Any

LONGEST = 8.0  # seconds; half of what a proxy usually waits


class TookTooLong(BaseException):
    """Not an Exception, so that a plugin's own `except Exception` does not swallow it."""


_main = threading.main_thread()
_installed = _armed = _inside = _rung = False


def _ring(_signal: int, _frame: Any) -> None:
    global _inside, _rung
    _rung = True
    if _inside:  # between two plugins it is nobody's
        _inside = False
        raise TookTooLong(f"it did not come back within {LONGEST:g} seconds")


def begin() -> bool:
    """Wind the clock up, unless it runs already (then the outer one counts) or this is no main thread. Whoever gets
    True must call `end`."""
    global _armed, _installed, _rung
    if _armed or threading.current_thread() is not _main:
        return False
    if not _installed:
        signal.signal(signal.SIGALRM, _ring)
        _installed = True
    _armed, _rung = True, False
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    return True


def end() -> None:
    global _armed
    _armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)


def enter() -> bool:
    """From here a plugin's own code runs; answers for leave() whether one's ran before. After one that was stopped the
    next has as long."""
    global _inside, _rung
    if threading.current_thread() is not _main:  # the clock, and who is inside, are the main thread's
        return False
    before = _inside
    if _armed:
        if _rung:
            _rung = False
            signal.setitimer(signal.ITIMER_REAL, LONGEST)
        _inside = True
    return before


def leave(before: bool) -> None:
    global _inside
    if threading.current_thread() is _main:
        _inside = before
