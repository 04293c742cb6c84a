"""Verbs about a file that somebody goes through step by step: bring it, look into it, say what its columns mean, see
what it would do, or throw it away. Whatever is done stays done, so that it can be taken up again later.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import customer_by
from registry.imports import changes, running, store
from registry.imports.asked import OPTIONS, key_of, label_of_file, must_import, one_of, permitted
from registry.imports.formats import as_table
from registry.imports.mapping import FieldSpec, MappingError, match_headers
from registry.imports.mapping import Mapping as Matched
from registry.imports.models import MODES, ON_ERROR, ImportSession, SavedMapping
from registry.imports.problems import RowProblem, Suggestion, UnreadableFile
from registry.imports.run import KINDS, storable
from registry.imports.service import PATIENCE, carry_out, claim, get_import, save_mapping
from registry.kernel import writing
from registry.kernel.access import Actor, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, NotFound, PreconditionRequired, Problem, Stale
from registry.kernel.language import _

OPEN = ("draft", "checked", "failed")  # may be prepared, and thrown away
SAMPLED_ROWS = 50
SHOWN_VALUES = 3
SHOWN_TEXT = 60
READING = ("encoding", "delimiter", "sheet")
# What another encoding, delimiter or sheet may put right; the file need not be brought again for it.
_TO_DECIDE = frozenset({"wrong_encoding", "nul_byte", "ambiguous_delimiter"})


@dataclass
class Look:
    """What is in the file. With a `problem` it could not be read as it was asked for; `suggestions` may help."""

    fields: list[FieldSpec]
    headers: list[str] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)  # of each column the first values that are not empty
    matched: Matched | None = None
    problem: Problem | None = None
    suggestions: tuple[Suggestion, ...] = ()
    line: int | None = None  # where the problem is
    kind: str = ""  # csv or xlsx
    encoding: str = ""
    delimiter: str = ""
    notices: list[str] = field(default_factory=list)


def bring_file(actor: Actor, values: Mapping[str, Any], keep_file: Callable[[Path], None]) -> ImportSession:
    """Take a file in, and do nothing with it yet. values: customer, kind, filename, and maybe READING.

    Raises Invalid when it can be no table; one that only needs its encoding or delimiter told is taken.
    """
    customer = customer_by(actor, values.get("customer"))
    kind = permitted(actor, customer, values["kind"])
    row = {
        "customer_id": customer.id, "kind": kind, "filename": label_of_file(values["filename"]),
        "file_key": store.new_key(customer.id), "mode": "mixed", "key": "", "on_error": "stop",
        "options": {name: values[name] for name in READING if values.get(name)}, "state": "draft", "dry_run": True,
        "actor_id": actor.user_id, "actor_name": actor.name,
    }  # fmt: skip
    try:
        keep_file(store.scratch(row["file_key"]))
        row["filename"] = as_table(store.scratch(row["file_key"]), row["filename"], customer.id)
        row["file_size"] = store.scratch(row["file_key"]).stat().st_size
        _must_be_table(ImportSession(**row))
        store.keep(row["file_key"])
        return writing.create(actor, ImportSession, row, Action.IMPORT_CREATED)
    except BaseException:
        store.remove(row["file_key"])
        raise


def _must_be_table(session: ImportSession) -> None:
    try:
        with running.open_file(session):
            pass
    except Invalid as problem:
        if problem.code not in _TO_DECIDE:
            raise


def look_into(actor: Actor, session: ImportSession) -> Look:
    """Its columns with their first values, and which fields they fit. Raises Conflict when the file is gone."""
    customer = customer_by(actor, session.customer_id)
    found = Look(KINDS[session.kind].fields(actor, customer, session.options))
    try:
        with running.open_file(session) as table:
            found.headers, found.kind = table.headers, table.kind
            found.encoding, found.delimiter = table.encoding or "", table.delimiter or ""
            rows = [record[1] for record in islice(table, SAMPLED_ROWS) if not isinstance(record, RowProblem)]
            found.notices = table.notices
    except NotFound:
        raise gone() from None
    except (Invalid, UnreadableFile) as problem:
        cause = problem if isinstance(problem, UnreadableFile) else problem.__cause__
        found.problem = problem if isinstance(problem, Invalid) else running.unreadable(problem)
        if isinstance(cause, UnreadableFile):
            found.suggestions, found.line = cause.suggestions, cause.line
        return found
    found.samples = [_samples(row[at] for row in rows) for at in range(len(found.headers))]
    found.matched = _matched(found, session.options.get("mapping"))
    return found


def _samples(cells: Iterable[str]) -> list[str]:
    different = dict.fromkeys(text for cell in cells if (text := _shown(cell)))
    return list(different)[:SHOWN_VALUES]


def _shown(text: str) -> str:
    text = storable(" ".join(text.split()))
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}…"


def _matched(found: Look, decided: Mapping[str, str | None] | None) -> Matched:
    try:
        return match_headers(found.headers, found.fields, decided)
    except MappingError:  # a field that somebody has removed since
        return match_headers(found.headers, found.fields)


def gone() -> Conflict:
    return Conflict(_("The file is not kept any more; bring it again."), code="file_gone")


def read_otherwise(actor: Actor, session_id: int, values: Mapping[str, Any], version: int) -> ImportSession:
    """Read the file with another encoding, delimiter or sheet; nothing given: as it is recognised."""
    session, _customer = _open(actor, session_id, version)
    kept = {name: value for name, value in session.options.items() if name not in READING}
    options = {**kept, **{name: values[name] for name in READING if values.get(name)}}
    return writing.change(
        actor, session, {"options": options, "state": "draft"}, Action.IMPORT_PREPARED, version=version
    )


def use_mapping(actor: Actor, session_id: int, name: str, version: int) -> ImportSession:
    """Take over what a saved mapping says about columns, dates and decimals."""
    session, customer = _open(actor, session_id, version)
    mine = (SavedMapping.customer_id == customer.id) & (SavedMapping.kind == session.kind)
    found = visible(SavedMapping, actor).where(mine & (SavedMapping.name == name)).first()
    if found is None:
        raise Invalid.field("saved_mapping", _("There is no such saved mapping. Choose another one."))
    options = {**session.options, **found.options, "mapping": found.columns}
    return writing.change(
        actor, session, {"options": options, "state": "draft"}, Action.IMPORT_PREPARED, version=version
    )


def prepare_import(
    actor: Actor,
    session_id: int,
    values: Mapping[str, Any],
    *,
    version: int,
    in_worker: bool = False,
    patience: float = PATIENCE,
) -> ImportSession:
    """Say what the columns mean, then go through the file without changing anything.

    values: mapping, and maybe mode, key, on_error, date_order, decimal_mark, create_missing, `remember`: a name
    under which the mapping is kept. Raises Invalid naming what is to be decided.
    """
    session, customer = _open(actor, session_id, version)
    given = {name: values[name] for name in OPTIONS if name not in READING and values.get(name) is not None}
    read = {name: value for name, value in session.options.items() if name in READING}
    asked = {
        "options": {**read, **given}, "mode": one_of("mode", values.get("mode") or session.mode, MODES),
        "key": key_of(session.kind, values.get("key")), "state": "draft",
        "on_error": one_of("on_error", values.get("on_error") or session.on_error, ON_ERROR),
    }  # fmt: skip
    _must_fit(actor, customer, session, asked)
    with transaction():
        writing.change(actor, session, asked, Action.IMPORT_PREPARED, version=version)
        if values.get("remember"):
            _remember(actor, customer, session, values["remember"])
        claim(session, OPEN, "queued" if in_worker else "running", dry_run=True)
    if not in_worker:
        with store.running(session.file_key):
            carry_out(actor, customer, session, write=False, patience=patience)
    return session


def _must_fit(actor: Actor, customer: Customer, session: ImportSession, asked: Mapping[str, Any]) -> None:
    """Looked at apart, so that a refusal leaves the session as it was."""
    wanted = ImportSession(kind=session.kind, filename=session.filename, file_key=session.file_key, **asked)
    try:
        running.look(actor, customer, wanted)
    except NotFound:
        raise gone() from None


def _remember(actor: Actor, customer: Customer, session: ImportSession, name: str) -> None:
    options = {key: value for key, value in session.options.items() if key not in ("mapping", *READING)}
    values = {"kind": session.kind, "name": name, "columns": session.options.get("mapping") or {}, "options": options}
    save_mapping(actor, {**values, "customer": customer.id})


def discard_import(actor: Actor, session_id: int, version: int | None) -> None:
    """Throw away a file that nothing was imported of, and what was found in it."""
    if version is None:
        must_import(actor, (found := get_import(actor, session_id)).kind, found.customer_id)
        raise PreconditionRequired()
    session, _customer = _open(actor, session_id, version)
    with transaction():
        changes.forget(session.id)
        writing.remove(actor, session, Action.IMPORT_DISCARDED, version=session.version)
    store.remove(session.file_key)


def _open(actor: Actor, session_id: int, version: int | None) -> tuple[ImportSession, Customer]:
    session = get_import(actor, session_id)
    must_import(actor, session.kind, session.customer_id)
    if session.state not in OPEN:
        text = _("This import is under way or done; only one that nothing was imported of can be changed.")
        raise Conflict(text, code="wrong_state")
    if version not in (None, writing.ANY_VERSION, session.version):
        raise Stale()
    return session, customer_by(actor, session.customer_id)
