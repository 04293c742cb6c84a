"""Many changes at once: all or nothing, with what is wrong said for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, Problem
from registry.kernel.language import _

T = TypeVar("T")
MOST = 1000


def together(items: Sequence[Mapping[str, Any]], one: Callable[[dict[str, Any]], T]) -> list[T]:
    """`one` for each item, or for none: raises Invalid with errors by item number, {"3": {"serial": [...]}}."""
    if not 1 <= len(items) <= MOST:
        raise Invalid.field("items", _("Give 1 to %(most)s items.", most=MOST))
    problems: dict[str, Any] = {}
    done = []
    with transaction():
        for number, item in enumerate(items):
            try:
                with transaction():
                    done.append(one(dict(item)))
            except Problem as problem:
                problems[str(number)] = problem.errors or {"item": [problem.message]}
        if problems:
            raise Invalid(_("Nothing was stored: some items cannot be accepted."), errors=problems)
    return done


class _Back(Exception):
    """Takes a rehearsal back."""


@contextmanager
def rehearsal() -> Iterator[None]:
    """What is written inside can be looked at, and is taken back at the end. Not inside of a transaction."""
    try:
        with transaction():
            yield
            raise _Back
    except _Back:
        pass
