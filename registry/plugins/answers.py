"""What a hook answered, made into what the core can rely on: inside of the guard, where a failure is the plugin's."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from registry.plugins.records import Action, MenuItem, Objection, Panel

MOST_RECORDS = 1_000  # of one answer
RECORDS: dict[str, type] = {
    "panels": Panel, "dashboard_cards": Panel, "actions": Action, "menu": MenuItem, "validate": Objection
}  # fmt: skip


def whole(what: str, answer: Any) -> Any:
    """A generator's answers, asked for inside of the guard; for hooks that answer records, a list of those."""
    wanted = RECORDS.get(what)
    if wanted is None:
        return _listed(answer) if hasattr(answer, "__next__") else answer
    if type(answer) is list and len(answer) <= MOST_RECORDS:
        records = answer
    else:
        records = [] if answer is None else [answer] if isinstance(answer, wanted) else _listed(answer)
    for one in records:
        if type(one) is not wanted and not isinstance(one, wanted):
            raise TypeError(f"{what}() answered {type(one).__name__}, where sdk.{wanted.__name__} is wanted")
    return records


def _listed(answer: Iterable[Any]) -> list[Any]:
    found = list(islice(answer, MOST_RECORDS + 1))
    if len(found) > MOST_RECORDS:
        raise ValueError(f"it answered more than {MOST_RECORDS} records")
    return found


def said(error: BaseException) -> str:
    """What an error says, as any database can keep it."""
    try:
        text = str(error)
    except Exception:
        text = "(what it says cannot be said)"
    return text.encode("utf-8", "replace").decode().replace("\0", "")
