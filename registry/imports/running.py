"""Running an import: the same routine for a dry run and a real one. All or nothing, whatever happens in between."""

from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.imports import store
from registry.imports.mapping import Mapping, MappingError, match_headers
from registry.imports.models import ImportSession
from registry.imports.reading import Table, UnreadableFile, open_table
from registry.imports.run import KINDS, Run, chunks, parsed_rows
from registry.kernel import audit, clock, events
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, Problem
from registry.kernel.jobs import job


class _TakeBack(Exception):
    """Ends a transaction whose changes must not stay."""


def open_file(session: ImportSession) -> Table:
    options = session.options
    try:
        return open_table(
            store.path_of(session.file_key),
            filename=session.filename,
            encoding=options.get("encoding"),
            delimiter=options.get("delimiter"),
            sheet=options.get("sheet"),
        )
    except UnreadableFile as error:
        raise unreadable(error) from None


def unreadable(error: UnreadableFile) -> Invalid:
    """What is wrong with the file as a whole, with the encodings that would fit where that is the question."""
    texts = [error.message]
    texts += [f"{one.encoding} would read: {one.sample}" for one in error.suggestions]
    return Invalid(error.message, code=error.code, errors={"file": texts})


def mapped(actor: Actor, customer: Customer, session: ImportSession, table: Table) -> Mapping:
    """The file's columns as fields. Raises Invalid naming what has to be decided first."""
    fields = KINDS[session.kind].fields(actor, customer, session.options)
    try:
        mapping = match_headers(table.headers, fields, session.options.get("mapping"))
    except MappingError as error:
        raise Invalid.field("mapping", str(error)) from None
    problems = mapping.problems() if session.mode != "update" else _ambiguous(mapping)
    if problems:
        raise Invalid(problems[0], errors={"mapping": problems})
    return mapping


def _ambiguous(mapping: Mapping) -> list[str]:
    missing = {spec.name for spec in mapping.missing}
    return [text for text in mapping.problems() if not any(repr(name) in text or name in text for name in missing)]


def execute(actor: Actor, customer: Customer, session: ImportSession, *, write: bool) -> Run:
    """Go through the whole file. Writing, it is one transaction together with the session's new state."""
    run = Run(
        session.id, actor, customer, session.mode, session.key, write, session.options.get("create_missing", True)
    )
    with open_file(session) as table:
        mapping = mapped(actor, customer, session, table)
        run.headers = {spec.name: table.headers[at] for at, spec in mapping.columns.items()}
        run.notices += [*table.notices, *_unused(mapping)]
        session.mapping = mapping.to_dict()
        _choose_key(run, session)
        try:
            with transaction():
                _take_all(run, session, table, mapping)
                kept = write and not (run.error_count and session.on_error == "stop")
                if not kept:
                    raise _TakeBack
                _record(actor, session, run)
        except _TakeBack:
            if write:
                run.created = run.updated = 0
        finally:
            store.finished(session.file_key)
    if not write or (run.error_count and session.on_error == "stop"):
        save_outcome(session, run, "failed" if write else "checked")
    return run


def _unused(mapping: Mapping) -> list[str]:
    if not mapping.unknown:
        return []
    return [f"Not imported, since no field fits: {', '.join(mapping.unknown)}."]


def _choose_key(run: Run, session: ImportSession) -> None:
    """Without a key of his own choice: the first usual one that the file has."""
    if not run.key:
        usual = KINDS[session.kind].keys
        run.key = next((name for name in usual if name in run.headers), usual[0])
        session.key = run.key
    if run.key not in run.headers and run.mode != "create":
        raise Invalid.field("key", f"The file has no column for the key {run.key}; choose another key or mode create.")


def _take_all(run: Run, session: ImportSession, table: Table, mapping: Mapping) -> None:
    handler = KINDS[session.kind].handler(run, mapping)
    try:
        with audit.batch(session.id):
            for chunk in chunks(parsed_rows(table, mapping, run)):
                handler.take(chunk)
                store.report(session.file_key, run.rows, table.progress)
            if run.write and not (run.error_count and session.on_error == "stop"):
                handler.finish()
    except UnreadableFile as error:
        run.problem(error.line or 0, None, None, error.message)
        session.on_error = "stop"  # what follows the fault cannot be trusted, so nothing of the file is
    finally:
        handler.close()


def _record(actor: Actor, session: ImportSession, run: Run) -> None:
    """The outcome, in the transaction of what was imported: after a crash both are there, or neither."""
    save_outcome(session, run, "applied")
    counts = {"created": run.created, "updated": run.updated, "unchanged": run.unchanged, "skipped": run.skipped}
    after = {"file": session.filename, "mode": session.mode, "key": session.key, **counts}
    entry = audit.Entry(Action.IMPORT_APPLIED, "import_session", session.id, session.label, None, after)
    audit.record(actor, session.customer_id, [entry])
    events.emit(Action.IMPORT_APPLIED, session.customer_id, "import_session", session.id, {"kind": session.kind, **counts})


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
        "errors": run.errors,
        "notices": run.notices,
        "finished_at": clock.now(),
    }
    with transaction():
        ImportSession.update(**values, version=ImportSession.version + 1).where(
            ImportSession.id == session.id
        ).execute()
    for name, value in values.items():
        setattr(session, name, value)


def fail(session: ImportSession, problem: Problem) -> None:
    """Nothing of it was stored; say why."""
    texts = [f"{name}: {' '.join(map(str, found))}" for name, found in problem.errors.items()] or [problem.message]
    errors = [{"line": None, "column": None, "value": None, "message": text} for text in texts]
    with transaction():
        ImportSession.update(
            state="failed", errors=errors, error_count=len(errors), finished_at=clock.now(),
            version=ImportSession.version + 1,
        ).where(ImportSession.id == session.id).execute()  # fmt: skip


@job("imports.run")
def run_in_worker(session_id: int, user_id: int | None) -> None:
    """Carry out a queued import, as the user who asked for it."""
    from registry.imports.service import run_queued

    run_queued(session_id, user_id)
