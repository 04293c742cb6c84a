"""Running an import: the same routine for a dry run and a real one. All or nothing, whatever happens in between."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from peewee import IntegrityError

from registry.actions import Action
from registry.customers.models import Customer
from registry.imports import changes, store
from registry.imports.mapping import Mapping, MappingError, match_headers
from registry.imports.models import ImportSession
from registry.imports.reading import Table, UnreadableFile, open_table
from registry.imports.run import KINDS, Handler, Run, chunks, parsed_rows
from registry.kernel import audit, clock, events
from registry.kernel.access import Actor
from registry.kernel.db import is_sqlite, problem_of, transaction
from registry.kernel.errors import Invalid, Problem
from registry.kernel.jobs import job
from registry.kernel.language import _


class _TakeBack(Exception):
    """Ends a transaction whose changes must not stay."""


@contextmanager
def open_file(session: ImportSession) -> Iterator[Table]:
    """The file as it was asked to be read. Raises Invalid, which tells what would fit where that is the question."""
    options = session.options
    with store.at_hand(session.file_key) as path:
        try:
            table = open_table(
                path,
                filename=session.filename,
                encoding=options.get("encoding"),
                delimiter=options.get("delimiter"),
                sheet=options.get("sheet"),
            )
        except UnreadableFile as error:
            raise unreadable(error) from error
        with table:
            yield table


def unreadable(error: UnreadableFile) -> Invalid:
    """What is wrong with the file as a whole, with the encodings that would fit where that is the question."""
    texts = [error.message]
    texts += [
        _("%(encoding)s would read: %(sample)s", encoding=one.encoding, sample=one.sample) for one in error.suggestions
    ]
    return Invalid(error.message, code=error.code, errors={"file": texts})


def mapped(actor: Actor, customer: Customer, session: ImportSession, table: Table) -> Mapping:
    """The file's columns as fields; the session then has its key. Raises Invalid naming what is to be decided."""
    fields = KINDS[session.kind].fields(actor, customer, session.options)
    try:
        mapping = match_headers(table.headers, fields, session.options.get("mapping"))
    except MappingError as error:
        raise Invalid.field("mapping", str(error)) from None
    problems = mapping.problems(creating=session.mode != "update")
    if problems:
        raise Invalid(problems[0], errors={"mapping": problems})
    _choose_key(session, {spec.name for spec in mapping.columns.values()})
    return mapping


def _choose_key(session: ImportSession, given: set[str]) -> None:
    """Without a key of his own choice: the first usual one that the file has."""
    usual = KINDS[session.kind].keys
    session.key = session.key or next((name for name in usual if name in given), usual[0])
    if session.key not in given and session.mode != "create":
        text = _("The file has no column for the key %(key)s; choose another key, or mode create.", key=session.key)
        raise Invalid.field("key", text)


def look(actor: Actor, customer: Customer, session: ImportSession) -> None:
    """Whether the file can be read and its columns are understood. Raises Invalid."""
    with open_file(session) as table:
        mapped(actor, customer, session, table)


def execute(actor: Actor, customer: Customer, session: ImportSession, *, write: bool, patience: float) -> None:
    """Go through the whole file and keep the outcome. Writing, it is one transaction together with that outcome.

    Raises Invalid where the rest of the file cannot be read, Busy when other imports do not end within `patience`
    seconds; nothing is stored then.
    """
    options = session.options
    with open_file(session) as table:
        mapping = mapped(actor, customer, session, table)
        session.mapping = mapping.to_dict()
        run = Run(
            session.id, actor, customer, session.mode, session.key, write, options.get("create_missing", True),
            notices=[*table.notices, *_unused(mapping)],
            headers={spec.name: table.headers[at] for at, spec in mapping.columns.items()},
            secrets=KINDS[session.kind].secrets,
        )  # fmt: skip
        with store.turn("all" if is_sqlite() else str(customer.id), patience):
            broken = _carry_out(run, session, table, mapping)
    if broken or session.state == "applied":
        store.remove(session.file_key)  # another run of it would be of no use
    if session.state == "applied":
        return
    if broken or write:
        run.created = run.updated = 0
        run.changes.clear()
        save_outcome(session, run, "failed")
    else:
        save_outcome(session, run, "checked")
    if broken:
        raise unreadable(broken)


def _unused(mapping: Mapping) -> Sequence[str]:
    return (
        [_("Not imported, since no field fits: %(known)s.", known=", ".join(mapping.unknown))]
        if mapping.unknown
        else []
    )


def _carry_out(run: Run, session: ImportSession, table: Table, mapping: Mapping) -> UnreadableFile | None:
    """The one transaction. What is not to stay is taken back. Answers the fault of the file, if it has one."""
    broken = None
    try:
        with transaction():
            audit.hold(session.customer_id)
            handler = KINDS[session.kind].handler(run, mapping)
            try:
                _take_all(run, session, table, mapping, handler)
                changes.gather(run)
                if not run.write or _refuses_too_much(run, session):
                    raise _TakeBack
                handler.keep()
            finally:
                handler.close()
            _record(run.actor, session, run)
    except _TakeBack:
        pass
    except UnreadableFile as error:  # what follows the fault cannot be trusted, so nothing of the file is
        broken = error
        run.problem(error.line or 0, None, None, error.message)
    except IntegrityError as error:  # somebody else was faster
        raise problem_of(error) from error
    return broken


def _refuses_too_much(run: Run, session: ImportSession) -> bool:
    """More than whoever saw a preview has agreed to leave out: he may have seen other rights, or another registry."""
    if session.on_error == "stop":
        return run.error_count > 0
    agreed = session.options.get("leave_out")
    if agreed is None or run.skipped <= agreed:
        return False
    run.notices.append(_("Nothing was stored, since more rows are refused now than when this was looked at."))
    return True


def _take_all(run: Run, session: ImportSession, table: Table, mapping: Mapping, handler: Handler) -> None:
    with audit.batch(session.id):
        for chunk in chunks(parsed_rows(table, mapping, run)):
            handler.take(chunk)
            store.report(session.file_key, run.rows, table.progress)
        handler.finish()


def _record(actor: Actor, session: ImportSession, run: Run) -> None:
    """The outcome, in the transaction of what was imported: after a crash both are there, or neither."""
    save_outcome(session, run, "applied")
    counts = {"created": run.created, "updated": run.updated, "unchanged": run.unchanged, "skipped": run.skipped}
    after = {"file": session.filename, "mode": session.mode, "key": session.key, **counts}
    entry = audit.Entry(Action.IMPORT_APPLIED, "import_session", session.id, session.label, None, after)
    audit.record(actor, session.customer_id, [entry])
    told = {"kind": session.kind, **counts}
    events.emit(Action.IMPORT_APPLIED, session.customer_id, "import_session", session.id, told)


def save_outcome(session: ImportSession, run: Run, state: str) -> None:
    values: dict[str, Any] = {
        "state": state,
        "key": session.key,
        "on_error": session.on_error,
        "mapping": session.mapping,
        "rows": run.rows,
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "skipped": run.skipped,
        "error_count": run.error_count,
        "errors": sorted(run.errors, key=lambda error: error["line"]),
        "notices": run.notices,
        "kept": run.kept if state == "applied" else {},
        "finished_at": clock.now(),
    }
    with transaction():
        ImportSession.update(**values, version=ImportSession.version + 1).where(
            ImportSession.id == session.id
        ).execute()
        changes.keep(session, run)
    for name, value in values.items():
        setattr(session, name, value)


def fail(session: ImportSession, problem: Problem) -> None:
    """Nothing of it was stored; say why."""
    texts = [f"{name}: {' '.join(map(str, found))}" for name, found in problem.errors.items()] or [problem.message]
    errors = [{"line": None, "column": None, "value": None, "message": text} for text in texts]
    values = {"state": "failed", "errors": errors, "error_count": len(errors), "finished_at": clock.now()}
    with transaction():
        ImportSession.update(**values, version=ImportSession.version + 1).where(
            ImportSession.id == session.id
        ).execute()
    for name, value in values.items():
        setattr(session, name, value)


@job("imports.run")
def run_in_worker(session_id: int, user_id: int | None, rights: list[str]) -> None:
    """Carry out a queued import, as the user who asked for it and with no more than the rights he asked with."""
    from registry.imports.service import run_queued

    run_queued(session_id, user_id, rights)
