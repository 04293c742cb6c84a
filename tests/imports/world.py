"""Files on their way into the registry, for tests: brought, applied, counted."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from registry.assets.models import Asset
from registry.imports import service
from registry.imports.models import ImportSession
from registry.kernel import audit
from registry.kernel.access import Actor, visible
from tests.houses import House

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "csv"
COUNTS = ("rows", "created", "updated", "unchanged", "skipped", "error_count")


def table(*rows: Sequence[Any], delimiter: str = ",") -> str:
    """A CSV text of these rows, headers first."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def bring(house: House, data: str | bytes | Path, kind: str = "assets", **values: Any) -> ImportSession:
    """Import `data` for the customer acme, as the house unless `actor` says otherwise."""
    actor = values.pop("actor", None) or house.system
    content = data.read_bytes() if isinstance(data, Path) else data.encode() if isinstance(data, str) else data
    name = data.name if isinstance(data, Path) else "file.csv"
    ready = {"kind": kind, "customer": "acme", "filename": name, **values}
    made = service.create_import(actor, ready, lambda path: path.write_bytes(content))
    return session(made.id)


def session(session_id: int) -> ImportSession:
    return visible(ImportSession, Actor.system()).where(ImportSession.id == session_id).get()


def counts(found: ImportSession) -> tuple[int, ...]:
    """(rows, created, updated, unchanged, skipped, error_count)."""
    return tuple(getattr(found, name) for name in COUNTS)


def errors(found: ImportSession) -> list[tuple[Any, ...]]:
    return [(e["line"], e["column"], e["value"], e["message"]) for e in found.errors]


def assets(house: House) -> list[Asset]:
    return list(visible(Asset, house.system).order_by(Asset.id))


def asset(house: House, serial: str) -> Asset:
    return visible(Asset, house.system).where(Asset.serial == serial).get()


def assert_sound() -> None:
    """Every audit chain verifies."""
    faults = [state.fault for state in audit.verify() if state.fault]
    assert faults == []


def content(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows as plain data, without what a change leaves behind in any case."""
    left_out = ("version", "changed_at")
    return [{name: value for name, value in row.__data__.items() if name not in left_out} for row in rows]
