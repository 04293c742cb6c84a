"""Verbs about imports: bring a file, look what it would do, apply it, undo it as a whole."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import customer_by
from registry.imports import running, store
from registry.imports.models import MODES, ON_ERROR, ImportSession, SavedMapping
from registry.imports.run import KINDS
from registry.imports.undo import take_back
from registry.kernel import access, clock, tickets
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, Problem
from registry.kernel.jobs import NotNow, job
from registry.kernel.logs import log
from registry.kernel.writing import change, create
from registry.people.models import User
from registry.people.signin import actor_of

access.declare(Permission("import.run", "Import files, and undo imports"))

QUEUING = timedelta(minutes=5)
PATIENCE = 3600.0  # seconds that an import waits for others to end, unless somebody waits for the answer
APPLICABLE = ("checked", "failed")
RESUMABLE = ("queued", "running")
OPTIONS = ("encoding", "delimiter", "sheet", "date_order", "decimal_mark", "mapping", "create_missing")


def create_import(
    actor: Actor,
    values: Mapping[str, Any],
    keep_file: Callable[[Path], None],
    *,
    in_worker: bool = False,
    patience: float = PATIENCE,
) -> ImportSession:
    """Take a file in and go through it: a dry run, or at once for real.

    values: kind, filename, and maybe customer, mode, key, on_error, dry_run, saved_mapping and OPTIONS.
    `keep_file(path)` puts the file where it is told. Raises Invalid when the file as a whole cannot be read, or
    its columns are not understood; then nothing of it is kept.
    """
    customer = customer_by(actor, values.get("customer"))
    kind = _permitted(actor, customer, values["kind"])
    row = {
        "customer_id": customer.id, "kind": kind,
        "filename": _label(values["filename"]), "file_key": store.new_key(customer.id),
        "mode": _one_of("mode", values.get("mode") or "mixed", MODES), "key": _key(kind, values.get("key")),
        "on_error": _one_of("on_error", values.get("on_error") or "stop", ON_ERROR),
        "options": _options(actor, customer, kind, values),
        "state": "queued" if in_worker else "running", "dry_run": bool(values.get("dry_run", False)),
        "actor_id": actor.user_id, "actor_name": actor.name,
    }  # fmt: skip
    try:
        keep_file(store.scratch(row["file_key"]))
        row["file_size"] = store.scratch(row["file_key"]).stat().st_size
        running.look(actor, customer, ImportSession(**row))
        if in_worker or row["dry_run"]:
            store.keep(row["file_key"])
    except BaseException:
        store.remove(row["file_key"])
        raise
    if in_worker:
        return create(actor, ImportSession, row, Action.IMPORT_CREATED)
    with store.running(row["file_key"]):
        session = create(actor, ImportSession, row, Action.IMPORT_CREATED)
        try:
            _run(actor, customer, session, write=not session.dry_run, patience=patience)
        finally:
            if store.scratch(session.file_key).exists():  # it failed, and may be applied later
                store.keep(session.file_key)
    return session


def _label(filename: str) -> str:
    """The name under which people know the file; never used as a path."""
    name = "".join(char for char in Path(filename).name if char.isprintable())
    return name[-255:] or "file"


def _options(actor: Actor, customer: Customer, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked for, over what the saved mapping says."""
    given = {name: values[name] for name in OPTIONS if values.get(name) is not None}
    return {**_saved(actor, customer, kind, values.get("saved_mapping")), **given}


def _permitted(actor: Actor, customer: Customer, kind: str) -> str:
    if kind not in KINDS:
        raise Invalid.field("kind", f"Choose one of: {', '.join(KINDS)}.")
    _must(actor, kind, customer.id)
    return kind


def _must(actor: Actor, kind: str, customer_id: int) -> None:
    actor.must("import.run", customer_id)
    if not any(actor.can(permission, customer_id) for permission in KINDS[kind].permissions):
        raise Forbidden()


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise Invalid.field(name, f"Choose one of: {', '.join(allowed)}.")
    return value


def _key(kind: str, key: str | None) -> str:
    """The key asked for; empty for the first usual one that the file has."""
    return _one_of("key", key, KINDS[kind].keys) if key else ""


def _saved(actor: Actor, customer: Customer, kind: str, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    where = (SavedMapping.customer_id == customer.id) & (SavedMapping.kind == kind) & (SavedMapping.name == name)
    found = visible(SavedMapping, actor).where(where).first()
    if found is None:
        raise Invalid.field("saved_mapping", f"There is no saved mapping {name!r} for {kind}.")
    return {**found.options, "mapping": found.columns}


def _run(actor: Actor, customer: Customer, session: ImportSession, *, write: bool, patience: float = PATIENCE) -> None:
    try:
        running.execute(actor, customer, session, write=write, patience=patience)
    except Problem as problem:
        if session.state != "failed":  # else it has told more already
            running.fail(session, problem)
        raise
    except Exception:
        running.fail(session, Problem("It was broken off by a fault of this installation; nothing of it was stored."))
        raise


def get_import(actor: Actor, session_id: int) -> ImportSession:
    session = fetch(ImportSession, actor, session_id)
    actor.must("import.run", session.customer_id)
    return session


def apply_import(
    actor: Actor, session_id: int, *, in_worker: bool = False, patience: float = PATIENCE
) -> ImportSession:
    """Carry out what a dry run looked at. The file is gone through again, since the registry may have changed."""
    session = get_import(actor, session_id)
    customer = customer_by(actor, session.customer_id)
    _must(actor, session.kind, session.customer_id)
    if session.state in APPLICABLE and not store.exists(session.file_key):
        raise Conflict("The file is not kept any more; bring it again.", code="file_gone")
    if in_worker:
        _claim(session, APPLICABLE, "queued")
        return session
    with store.running(session.file_key):
        _claim(session, APPLICABLE, "running")
        _run(actor, customer, session, write=True, patience=patience)
    return session


def _claim(session: ImportSession, from_states: tuple[str, ...], to: str, **values: Any) -> None:
    """Move on only from these states, and only one caller at a time."""
    if from_states == APPLICABLE:
        values["dry_run"] = False
    with transaction():
        moved = (
            ImportSession.update(state=to, version=ImportSession.version + 1, changed_at=clock.now(), **values)
            .where((ImportSession.id == session.id) & ImportSession.state.in_(from_states))
            .execute()
        )
    if not moved:
        wanted = " or ".join(from_states)
        raise Conflict(f"This import is {session.state}; only one that is {wanted} can go on.", code="wrong_state")
    for name, value in {"state": to, **values}.items():
        setattr(session, name, value)


def run_queued(session_id: int, user_id: int | None, rights: Iterable[str]) -> None:
    """In the worker: carry out a queued import as its user, with no more than `rights`.

    One whose worker was killed begins anew, since nothing of it was stored.
    """
    session = visible(ImportSession, Actor.system()).where(ImportSession.id == session_id).first()
    if session is None or session.state not in RESUMABLE:
        return
    try:
        with store.running(session.file_key):
            _claim(session, RESUMABLE, "running")
            _run_as(user_id, rights, session)
    except Problem as problem:
        if problem.code == "import_running":  # by a worker that seemed to be gone
            raise NotNow() from None
        log.info("import_failed", session=session_id, reason=problem.message)


def _run_as(user_id: int | None, rights: Iterable[str], session: ImportSession) -> None:
    user = User.get_or_none(User.id == user_id) if user_id else None
    if user is None or not user.active:
        running.fail(session, Problem("Whoever brought the file may not sign in any more; nothing was stored."))
        return
    actor = actor_of(user).narrowed(rights)
    try:
        _must(actor, session.kind, session.customer_id)
    except Problem as problem:
        running.fail(session, problem)
        return
    _run(actor, customer_by(actor, session.customer_id), session, write=not session.dry_run)


def undo_import(actor: Actor, session_id: int) -> ImportSession:
    """Take the whole batch back. Refused, with names, when something was changed or used since."""
    session = get_import(actor, session_id)
    _must(actor, session.kind, session.customer_id)
    if session.state != "applied":
        raise Conflict(f"This import is {session.state}; only an applied one can be undone.", code="wrong_state")
    with transaction():
        _claim(session, ("applied",), "undone")
        take_back(actor, session)
    return session


@job("imports.give_up_interrupted", minutes=5)
def give_up_interrupted() -> int:
    """Imports that stopped halfway, and that no worker will take up again, have left nothing behind. Say so."""
    seeming = list(visible(ImportSession, Actor.system()).where(ImportSession.state.in_(RESUMABLE)))
    expected = {arguments.get("session_id") for arguments in tickets.waiting("imports.run")}
    lost = [session for session in seeming if session.id not in expected and _is_lost(session)]
    for session in lost:
        running.fail(session, Problem("It was interrupted; nothing of it was stored. Apply it again."))
    return len(lost)


def _is_lost(session: ImportSession) -> bool:
    """A queued one has a little time: it is stored before its job is."""
    fresh = session.state == "queued" and session.changed_at > clock.now() - QUEUING
    return not fresh and not store.is_running(session.file_key)


@job("imports.forget_files", minutes=1440)
def forget_old_files(days: int = 30) -> int:
    """Remove files that nobody has applied for so long. What was looked at and found stays on record."""
    old = clock.now() - timedelta(days=days)
    left = visible(ImportSession, Actor.system()).where(
        ImportSession.state.in_(APPLICABLE) & (ImportSession.changed_at < old)
    )
    kept = [session.file_key for session in left if store.exists(session.file_key)]
    for key in kept:
        store.remove(key)
    return len(kept)


def save_mapping(actor: Actor, values: Mapping[str, Any]) -> SavedMapping:
    """Keep which column means what. values: customer, kind, name, columns, options; the same name replaces."""
    customer = customer_by(actor, values.get("customer"))
    kind = _permitted(actor, customer, values["kind"])
    known = {spec.name for spec in KINDS[kind].fields(actor, customer, {})}
    strange = [str(name) for name in values["columns"].values() if name is not None and name not in known]
    if strange:
        raise Invalid.field("columns", f"There is no field {strange[0]!r}. Choose among: {', '.join(sorted(known))}.")
    where = (SavedMapping.customer_id == customer.id) & (SavedMapping.kind == kind)
    before = visible(SavedMapping, actor).where(where & (SavedMapping.name == values["name"])).first()
    ready = {"columns": values["columns"], "options": values.get("options") or {}}
    if before is not None:
        return change(actor, before, ready, Action.MAPPING_SAVED, version=before.version)
    row = {"customer_id": customer.id, "kind": kind, "name": values["name"], **ready}
    return create(actor, SavedMapping, row, Action.MAPPING_SAVED)
