"""Moving all files to another store while the house is used.

From the row that says so on, every process puts new files at the new place within seconds, and looks there first, then
where they were. File by file then goes over: put, read back, compared by size and SHA-256, and only then deleted where
it was. Whenever it is cut off, what is left at the old place is what is left to do. Uploads in progress go on where
they were begun, and what they become is moved like the rest: a move ends when there is nothing left.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from peewee import PeeweeException

from registry.kernel import clock, locks
from registry.kernel.db import connection, transaction
from registry.kernel.errors import Busy, Conflict, Invalid, NotFound, Problem
from registry.kernel.files import choice, moves
from registry.kernel.files.moves import DONE, GOING, LOOK_SECONDS, FileMove
from registry.kernel.files.names import WholeStore, new_key_of
from registry.kernel.language import _
from registry.kernel.logs import log

LOCK = "move-files"
GRACE = 3 * LOOK_SECONDS  # until every process has noticed, and what it was doing just then is done


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a move is: what this run has moved, and files that are `left` of this round. `waiting`: uploads that are
    still in progress at the old place; `done`: it has ended."""

    files: int = 0
    bytes: int = 0
    left: int = 0
    waiting: int = 0
    done: bool = False


Told = Callable[[Moved], None]


def move_store(url: str, told: Told = lambda _moved: None, *, wait: float = 0, drop_unfinished: bool = False) -> Moved:
    """Move all files to the store at `url`, or go on with that. `told` hears after each file how far it is.

    Uploads in progress are waited for `wait` seconds; `drop_unfinished` ends them instead: their senders begin anew.
    The answer says `done`, or how many are still `waiting`: then call it again later. Raises Invalid for an address
    that is none, Conflict while the files move elsewhere or are there already, Busy when somebody else is at it.
    """
    try:
        with locks.held(LOCK):
            return _Move(url, told).run(wait, drop_unfinished)
    except locks.Taken:
        raise Busy(_("Somebody is moving the files already.")) from None


def redirected() -> tuple[str, str] | None:
    """(what is configured, where the files are) when these are not the same any more."""
    configured, current = choice.configured(), choice.current_url()
    return None if configured == current else (configured, current)


def warn_at_start() -> None:
    """In the log: what the settings say is not where the files are."""
    with suppress(Problem, PeeweeException):
        found = moves.followed(choice.configured(), moves.rows())
        if found.current != choice.configured():
            log.warning("file_store_redirected", configured=choice.configured(), current=found.current)


def under_way() -> tuple[str, str] | None:
    """(from, to) while a move is going on, or was cut off."""
    found = moves.standing(choice.configured(), fresh=True)
    return (found.older, found.current) if found.older else None


def left_behind() -> int:
    """Files at places that have been moved from, which nobody finds there any more."""
    here = moves.standing(choice.configured(), fresh=True)
    sources = {source for source, _target, state in moves.rows() if state == DONE} - {here.current, here.older}
    return sum(1 for source in sources for _key in _peek(source))


def _peek(url: str) -> Iterator[str]:
    try:
        yield from choice.opened(url).keys()
    except (Problem, ValueError, OSError):  # it may have been taken away since
        return


class _Move:
    def __init__(self, url: str, told: Told) -> None:
        self.url, self.told = url, told
        self.count = self.bytes = 0

    def run(self, wait: float, drop_unfinished: bool) -> Moved:
        self._begin()
        deadline = time.monotonic() + wait
        while True:
            self._move_all()
            if drop_unfinished:
                self._drop_unfinished()
            waiting = sum(1 for _one in self.source.unfinished())
            if not waiting and next(iter(self.source.keys()), None) is None:
                return self._end()
            if waiting and time.monotonic() >= deadline:
                return self._tell(waiting=waiting)
            if waiting:
                self._tell(waiting=waiting)
                time.sleep(min(LOOK_SECONDS, max(0.0, deadline - time.monotonic())))

    def _begin(self) -> None:
        here = moves.standing(choice.configured(), fresh=True)
        if here.older and here.current != self.url:
            raise Conflict(_("The files are on their way to %(there)s: move them there first.", there=here.current))
        if not here.older:
            self._announce(here.current)
            here = moves.standing(choice.configured(), fresh=True)
        self.source: WholeStore = choice.opened(str(here.older))
        self.target: WholeStore = choice.opened(self.url)
        time.sleep(GRACE)

    def _announce(self, source: str) -> None:
        if source == self.url:
            raise Conflict(_("The files are there already."), code="there_already")
        try:
            target = choice.opened(self.url)
        except ValueError as error:
            raise Invalid.field("to", str(error)) from None
        self._try(choice.opened(source), target)
        with connection(), transaction():
            FileMove.create(source=source, target=self.url, state=GOING)

    @staticmethod
    def _try(source: WholeStore, target: WholeStore) -> None:
        """Before anybody depends on it: whether it takes a file and gives it back, and is another place at all. Moved
        onto themselves under another address, files would be deleted where they were, and so everywhere."""
        if not choice.there_and_back(target, 100_000):
            raise Problem(_("The new store gives back other bytes than it was given."))
        probe = new_key_of(None, encrypted=False)
        target.put(probe, BytesIO(b"probe"))
        try:
            if source.exists(probe):
                raise Conflict(_("The files are there already."), code="there_already")
        finally:
            target.delete(probe)

    def _move_all(self) -> None:
        keys = list(self.source.keys())
        for number, key in enumerate(keys, 1):
            self._move_one(key)
            self._tell(left=len(keys) - number)

    def _move_one(self, key: str) -> None:
        try:
            size, digest = _digest(self.source, key)
            stands = self._stands(key, size, digest) or self._copied(key, size, digest)
        except NotFound:  # deleted in this moment
            stands = False
        if not self.source.exists(key):  # whoever deletes does it here first: then no copy may be left there
            self.target.delete(key)
        elif not stands:
            self.target.delete(key)
            raise Problem(_("The new store gives back other bytes than it was given."))
        else:
            self.source.delete(key)
            self.count, self.bytes = self.count + 1, self.bytes + size

    def _copied(self, key: str, size: int, digest: str) -> bool:
        with self.source.open(key) as stream:
            self.target.put(key, stream)
        return self._stands(key, size, digest)

    def _stands(self, key: str, size: int, digest: str) -> bool:
        try:
            return _digest(self.target, key) == (size, digest)
        except NotFound:
            return False

    def _drop_unfinished(self) -> None:
        for key, place, _begun in list(self.source.unfinished()):
            self.source.abort(key, place)

    def _end(self) -> Moved:
        query: Any = FileMove.update(state=DONE, done_at=clock.now())
        with connection(), transaction():
            query.where((FileMove.target == self.url) & (FileMove.state == GOING)).execute()
        moves.forget()
        time.sleep(GRACE)
        for key in list(self.source.keys()):  # put by somebody who had not noticed anything: there is none such
            self._move_one(key)
        return self._tell(done=True)

    def _tell(self, **how_far: Any) -> Moved:
        moved = Moved(self.count, self.bytes, **how_far)
        self.told(moved)
        return moved


def _digest(store: WholeStore, key: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for piece in store.read(key):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()
