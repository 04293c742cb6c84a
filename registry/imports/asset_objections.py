"""What plugins have against rows of assets: asked as about single changes, a chunk at a time."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import orjson

from registry.imports.asset_table import COLUMNS, DATES, FIELD, Stored
from registry.imports.run import Run
from registry.kernel.errors import Invalid
from registry.plugins import asking

BOOKKEEPING = ("id", "version", "created_at", "changed_at")
Fresh = list[tuple[int, Stored]]
Changed = list[tuple[int, Stored, Stored]]


def agreed(run: Run, fresh: Fresh, changed: Changed, given: Mapping[int, dict[str, Any]]) -> tuple[Fresh, Changed]:
    """Those rows that nobody objects to; the others are refused. `given`: line -> what its cells say."""
    if not asking.is_somebody_asked():
        return fresh, changed
    lines, owner = [*(row[0] for row in changed), *(row[0] for row in fresh)], run.customer.id
    found = asking.objections_to_many("asset", [*_changes(owner, changed), *_additions(owner, fresh)], run.actor, owner)
    refused = {line: errors for line, errors in zip(lines, found, strict=True) if errors}
    for line, errors in refused.items():
        run.fault(line, Invalid(errors=errors), given[line])
    return [row for row in fresh if row[0] not in refused], [row for row in changed if row[0] not in refused]


def _changes(owner: int, changed: Changed) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for _line, old, new in changed:
        yield {**_told(old), "customer_id": owner}, _told(new)


def _additions(owner: int, fresh: Fresh) -> Iterator[tuple[None, dict[str, Any]]]:
    names = [name for name in COLUMNS if name not in BOOKKEEPING]
    for _line, row in fresh:
        yield None, {**_told({name: row[name] for name in names}), "customer_id": owner}


def _told(row: Stored) -> dict[str, Any]:
    """As the verbs of the assets room say it."""
    return {FIELD[name]: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if name == "custom":
        return orjson.loads(value)
    return date.fromisoformat(value) if value and name in DATES else value
