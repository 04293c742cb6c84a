"""Verbs about imports: bring a file, look what it would do, apply it, undo it as a whole."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import customer_by
from registry.imports import running, store
from registry.imports.models import MODES, ON_ERROR, ImportSession, SavedMapping
from registry.imports.run import KINDS
from registry.imports.undo import take_back
from registry.kernel import access
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, Problem
from registry.kernel.logs import log
from registry.kernel.writing import change, create
from registry.people.models import User
from registry.people.signin import actor_of

access.declare(Permission("import.run", "Import files, and undo imports"))

OPTIONS = ("encoding", "delimiter", "sheet", "date_order", "decimal_mark", "mapping", "create_missing")


def create_import(
    actor: Actor, values: Mapping[str, Any], keep_file: Callable[[Path], None], *, in_worker: bool = False
) -> ImportSession:
    """Take a file in and go through it: a dry run, or at once for real.

    values: kind, filename, and maybe customer, mode, key, on_error, dry_run, saved_mapping and OPTIONS.
    `keep_file(path)` puts the file where it is told. Raises Invalid when the file as a whole cannot be read.
    """
    customer = customer_by(actor, values.get("customer"))
    kind = _permitted(actor, customer, values["kind"])
    options = {name: values[name] for name in OPTIONS if values.get(name) is not None}
    options |= _saved(actor, customer, kind, values.get("saved_mapping"))
    key = store.new_key()
    keep_file(store.path_of(key))
    row = {
        "customer_id": customer.id, "kind": kind, "filename": Path(values["filename"]).name[:255] or "file",
        "file_key": key, "mode": _one_of("mode", values.get("mode") or "mixed", MODES), "key": values.get("key") or "",
        "on_error": _one_of("on_error", values.get("on_error") or "stop", ON_ERROR), "options": options,
        "state": "queued" if in_worker else "running", "dry_run": bool(values.get("dry_run", False)),
        "actor_id": actor.user_id, "actor_name": actor.name,
    }  # fmt: skip
    _check_key(kind, row["key"])
    session = create(actor, ImportSession, row, Action.IMPORT_CREATED)
    if not in_worker:
        _run(actor, customer, session, write=not session.dry_run)
    return session


def _permitted(actor: Actor, customer: Customer, kind: str) -> str:
    if kind not in KINDS:
        raise Invalid.field("kind", f"Choose one of: {', '.join(KINDS)}.")
    actor.must("import.run", customer.id)
    actor.must(KINDS[kind].permission, customer.id)
    return kind


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise Invalid.field(name, f"Choose one of: {', '.join(allowed)}.")
    return value


def _check_key(kind: str, key: str) -> None:
    if key and key not in KINDS[kind].keys:
        raise Invalid.field("key", f"Choose one of: {', '.join(KINDS[kind].keys)}.")


def _saved(actor: Actor, customer: Customer, kind: str, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    where = (SavedMapping.customer_id == customer.id) & (SavedMapping.kind == kind) & (SavedMapping.name == name)
    found = visible(SavedMapping, actor).where(where).first()
    if found is None:
        raise Invalid.field("saved_mapping", f"There is no saved mapping {name!r} for {kind}.")
    return {**found.options, "mapping": found.columns}


def _run(actor: Actor, customer: Customer, session: ImportSession, *, write: bool) -> None:
    try:
        running.execute(actor, customer, session, write=write)
    except Problem as problem:
        running.fail(session, problem)
        raise


def get_import(actor: Actor, session_id: int) -> ImportSession:
    session = fetch(ImportSession, actor, session_id)
    actor.must("import.run", session.customer_id)
    return session


def apply_import(actor: Actor, session_id: int, *, in_worker: bool = False) -> ImportSession:
    """Carry out what a dry run looked at. The file is gone through again, since the registry may have changed."""
    session = get_import(actor, session_id)
    customer = customer_by(actor, session.customer_id)
    _permitted(actor, customer, session.kind)
    _claim(session, ("checked", "failed"), "queued" if in_worker else "running")
    if not in_worker:
        _run(actor, customer, session, write=True)
    return session


def _claim(session: ImportSession, from_states: tuple[str, ...], to: str) -> None:
    """Move on only from these states, and only one caller at a time."""
    with transaction():
        moved = (
            ImportSession.update(state=to, version=ImportSession.version + 1)
            .where((ImportSession.id == session.id) & ImportSession.state.in_(from_states))
            .execute()
        )
    if not moved:
        wanted = " or ".join(from_states)
        raise Conflict(f"This import is {session.state}; only one that is {wanted} can go on.", code="wrong_state")
    session.state = to


def run_queued(session_id: int, user_id: int | None) -> None:
    """In the worker: carry out a queued import with the rights that its user has now."""
    user = User.get_or_none(User.id == user_id) if user_id else None
    actor = actor_of(user) if user and user.active else Actor.system(kind="job")
    session = fetch(ImportSession, actor, session_id)
    if session.state != "queued":
        return
    _claim(session, ("queued",), "running")
    customer = customer_by(actor, session.customer_id)
    try:
        _run(actor, customer, session, write=not session.dry_run)
    except Problem as problem:
        log.info("import_failed", session=session_id, reason=problem.message)


def undo_import(actor: Actor, session_id: int) -> ImportSession:
    """Take the whole batch back. Refused, with names, when something was changed or used since."""
    session = get_import(actor, session_id)
    actor.must(KINDS[session.kind].permission, session.customer_id)
    if session.state != "applied":
        raise Conflict(f"This import is {session.state}; only an applied one can be undone.", code="wrong_state")
    with transaction():
        _claim(session, ("applied",), "undone")
        take_back(actor, session)
    return session


def give_up_interrupted() -> int:
    """At start: imports that were running when everything stopped have left nothing behind. Say so."""
    lost = list(visible(ImportSession, Actor.system()).where(ImportSession.state == "running"))
    for session in lost:
        report = store.progress(session.file_key)
        if report is None or not _alive(int(report["pid"])):
            running.fail(session, Problem("It was interrupted; nothing of it was stored. Apply it again."))
            store.finished(session.file_key)
    return len(lost)


def _alive(pid: int) -> bool:
    import os

    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def save_mapping(actor: Actor, values: Mapping[str, Any]) -> SavedMapping:
    """Keep which column means what. values: customer, kind, name, columns, options; the same name replaces."""
    customer = customer_by(actor, values.get("customer"))
    kind = _permitted(actor, customer, values["kind"])
    where = (SavedMapping.customer_id == customer.id) & (SavedMapping.kind == kind)
    before = visible(SavedMapping, actor).where(where & (SavedMapping.name == values["name"])).first()
    ready = {"columns": values["columns"], "options": values.get("options") or {}}
    if before is not None:
        return change(actor, before, ready, Action.MAPPING_SAVED, version=before.version)
    row = {"customer_id": customer.id, "kind": kind, "name": values["name"], **ready}
    return create(actor, SavedMapping, row, Action.MAPPING_SAVED)
