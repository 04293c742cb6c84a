"""The handler of kinds that are written row by row, through the same verbs as pages and API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import ValidationError
from peewee import Model

from registry.imports.asset_refs import References
from registry.imports.run import Parsed, Run, Unknown
from registry.imports.scratch import Seen
from registry.kernel.access import visible
from registry.kernel.db import transaction
from registry.kernel.errors import Problem
from registry.kernel.language import _


@dataclass(frozen=True)
class RowKind:
    """The verbs of one kind.

    `prepare(references, values, row or None)` turns parsed cells into what the verbs' shapes take; the row is the
    one to be changed, None where one is created.
    """

    model: type[Model]
    create: Callable[[Run, dict[str, Any]], Any]
    change: Callable[[Run, int, dict[str, Any]], Any]
    create_shape: Any
    change_shape: Any
    prepare: Callable[[References, dict[str, Any], Any], dict[str, Any]]


class VerbRows:
    """The handler of one run: each row in a savepoint, so that a refused one leaves nothing behind."""

    def __init__(self, run: Run, kind: RowKind) -> None:
        self.run, self.kind = run, kind
        self.refs = References(run)
        self.seen = Seen()

    def close(self) -> None:
        self.seen.close()
        self.run.notices += self.refs.notices()

    def finish(self) -> None:
        """Every row has been written."""

    def keep(self) -> None:
        """The search index was kept up row by row."""

    def take(self, rows: Sequence[Parsed]) -> None:
        key = self.run.key
        repeated = self.seen.repeats([(str(values[key]), line) for line, values in rows if key in values])
        for line, values in rows:
            if line in repeated:
                text = _(
                    "The same %(key)s stands in line %(repeated)s already; keep one of the two rows.",
                    key=key,
                    repeated=repeated[line],
                )
                self.run.refuse(line, key, values[key], text)
                continue
            self.refs.begin_row()
            try:
                with transaction():
                    self._one(line, values)
            except (Unknown, Problem) as fault:
                self.refs.take_back_row()
                self.run.fault(line, fault, values)

    def _one(self, line: int, values: dict[str, Any]) -> None:
        found = self._chosen(values)
        ready = self.kind.prepare(self.refs, dict(values), found)
        if found is None:
            made = self.kind.create(self.run, _checked(self.kind.create_shape, ready))
            self.run.created += 1
            self._took(line, made)
            return
        after = self.kind.change(self.run, found.id, _checked(self.kind.change_shape, ready))
        if after.version == found.version:
            self.run.unchanged += 1
        else:
            self.run.updated += 1
            self._took(line, after)
            self._keep_secrets(found, after)

    def _took(self, line: int, row: Any) -> None:
        self.run.took(line, row._meta.table_name, row.id)

    def _chosen(self, values: dict[str, Any]) -> Any:
        """The row to change, or None to create one."""
        key, mode = self.run.key, self.run.mode
        found = self._existing(values)
        if found is not None and mode == "create":
            raise Unknown(
                key, _("There is one with this %(key)s already; choose mode mixed or update to change it.", key=key)
            )
        if found is None and mode == "update":
            raise Unknown(key, _("There is none with this %(key)s; choose mode mixed or create to add it.", key=key))
        return found

    def _existing(self, values: dict[str, Any]) -> Any:
        key, model = self.run.key, self.kind.model
        if key not in values:
            if self.run.mode == "create":
                return None
            raise Unknown(key, _("The key is empty: give the %(key)s, or choose mode create.", key=key))
        mine = (model.customer_id == self.run.customer.id) & (getattr(model, key) == values[key])  # type: ignore[attr-defined]
        found = list(visible(model, self.run.actor).where(mine).order_by(model.id).limit(2))  # type: ignore[attr-defined]
        if len(found) > 1:
            raise Unknown(key, _("Several have this %(key)s; choose another key, or correct them first.", key=key))
        return found[0] if found else None

    def _keep_secrets(self, before: Any, after: Any) -> None:
        """Sealed values as they were: an undo wants them back, and the audit chain never holds them."""
        names = [n for n in getattr(before, "SECRET", ()) if getattr(before, n) != getattr(after, n)]
        if names:
            self.run.kept[f"{before._meta.table_name} {before.id}"] = {name: getattr(before, name) for name in names}


def _checked(shape: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Through the API's own shape, so that a file can bring nothing that a request could not."""
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    try:
        return dict(shape.load(plain))
    except ValidationError as error:
        problems = error.normalized_messages()
        raise Problem(
            _("This row cannot be accepted."), errors={str(k): _texts(v) for k, v in problems.items()}
        ) from None


def _texts(found: Any) -> list[str]:
    return [str(text) for text in found] if isinstance(found, list) else [str(found)]


def owned(create: Callable[..., Any]) -> Callable[[Run, dict[str, Any]], Any]:
    """A verb that creates, for the run's customer: no column of a file ever decides whose a row is."""
    return lambda run, values: create(run.actor, {**values, "customer": run.customer.id})


def for_handler(kind: RowKind) -> Callable[[Run, Any], VerbRows]:
    return lambda run, _mapping: VerbRows(run, kind)
