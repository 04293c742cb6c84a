"""Verbs about imports: bring a file, look what it would do, apply it, undo it as a whole."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import customer_by
from registry.imports import changes, running, store
from registry.imports.asked import key_of, label_of_file, must_import, one_of, options_of, permitted
from registry.imports.formats import as_table
from registry.imports.models import MODES, ON_ERROR, ImportSession, SavedMapping
from registry.imports.run import KINDS
from registry.imports.undo import take_back
from registry.kernel import access, clock, tickets
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.codes import Code
from registry.kernel.db import is_sqlite, transaction
from registry.kernel.errors import Conflict, Invalid, Problem
from registry.kernel.jobs import NotNow, job
from registry.kernel.language import _, quoted, speaking
from registry.kernel.logs import log
from registry.kernel.writing import change, create
from registry.people.models import User
from registry.people.signin import actor_of

access.declare(Permission("import.run", "Import files, and undo imports"))

QUEUING = timedelta(minutes=5)
PATIENCE = 3600.0  # seconds that an import waits for others to end, unless somebody waits for the answer
APPLICABLE = ("checked", "failed")
RESUMABLE = ("queued", "running")
UNDER_WAY = (*RESUMABLE, "undoing")


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
    kind = permitted(actor, customer, values["kind"])
    row = {
        "customer_id": customer.id, "kind": kind,
        "filename": label_of_file(values["filename"]), "file_key": store.new_key(customer.id),
        "mode": one_of("mode", values.get("mode") or "mixed", MODES), "key": key_of(kind, values.get("key")),
        "on_error": one_of("on_error", values.get("on_error") or "stop", ON_ERROR),
        "options": options_of(actor, customer, kind, values),
        "state": "queued" if in_worker else "running", "dry_run": bool(values.get("dry_run", False)),
        "actor_id": actor.user_id, "actor_name": actor.name,
    }  # fmt: skip
    try:
        keep_file(store.scratch(row["file_key"]))
        row["filename"] = as_table(store.scratch(row["file_key"]), row["filename"], customer.id)
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
            carry_out(actor, customer, session, write=not session.dry_run, patience=patience)
        finally:
            if store.scratch(session.file_key).exists():  # it failed, and may be applied later
                store.keep(session.file_key)
    return session


def carry_out(
    actor: Actor, customer: Customer, session: ImportSession, *, write: bool, patience: float = PATIENCE
) -> None:
    try:
        running.execute(actor, customer, session, write=write, patience=patience)
    except Problem as problem:
        if session.state != "failed":  # else it has told more already
            running.fail(session, problem)
        raise
    except Exception:
        running.fail(
            session, Problem(_("It was broken off by a fault of this installation; nothing of it was stored."))
        )
        raise


def get_import(actor: Actor, session_id: int) -> ImportSession:
    session = fetch(ImportSession, actor, session_id)
    actor.must("import.run", session.customer_id)
    return session


def apply_import(
    actor: Actor,
    session_id: int,
    *,
    on_error: str | None = None,
    leave_out: int | None = None,
    in_worker: bool = False,
    patience: float = PATIENCE,
) -> ImportSession:
    """Carry out what a dry run looked at. The file is gone through again, since the registry may have changed.

    `on_error`: what to do about rows that are refused, once it is known which these are. `leave_out`: how many may be
    left out; if there are more by now, nothing is stored.
    """
    session = get_import(actor, session_id)
    how: dict[str, Any] = {"on_error": one_of("on_error", on_error, ON_ERROR)} if on_error else {}
    if leave_out is not None:
        how["options"] = {**session.options, "leave_out": leave_out}
    customer = customer_by(actor, session.customer_id)
    must_import(actor, session.kind, session.customer_id)
    if session.state in APPLICABLE and not store.exists(session.file_key):
        raise Conflict(_("The file is not kept any more; bring it again."), code="file_gone")
    if in_worker:
        claim(session, APPLICABLE, "queued", dry_run=False, **how)
        return session
    with store.running(session.file_key):
        claim(session, APPLICABLE, "running", dry_run=False, **how)
        carry_out(actor, customer, session, write=True, patience=patience)
    return session


def claim(session: ImportSession, from_states: tuple[str, ...], to: str, **values: Any) -> None:
    """Move on only from these states, and only one caller at a time."""
    with transaction():
        moved = (
            ImportSession.update(state=to, version=ImportSession.version + 1, changed_at=clock.now(), **values)
            .where((ImportSession.id == session.id) & ImportSession.state.in_(from_states))
            .execute()
        )
    if not moved:
        raise Conflict(
            _(
                "This import cannot go on from where it stands. Its state: %(state)s.",
                state=Code("import_state", session.state),
            ),
            code="wrong_state",
        )
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
            claim(session, RESUMABLE, "running")
            with speaking(language_of(user_id)):
                _run_as(user_id, rights, session)
    except Problem as problem:
        if problem.code == "import_running":  # by a worker that seemed to be gone
            raise NotNow() from None
        log.info("import_failed", session=session_id, reason=problem.message)


def language_of(user_id: int | None) -> str | None:
    """Of whoever will read what is found."""
    user = User.get_or_none(User.id == user_id) if user_id else None
    return user.language if user else None


def _run_as(user_id: int | None, rights: Iterable[str], session: ImportSession) -> None:
    user = User.get_or_none(User.id == user_id) if user_id else None
    if user is None or not user.active:
        running.fail(session, Problem(_("Whoever brought the file may not sign in any more; nothing was stored.")))
        return
    actor = actor_of(user).narrowed(rights)
    try:
        must_import(actor, session.kind, session.customer_id)
    except Problem as problem:
        running.fail(session, problem)
        return
    carry_out(actor, customer_by(actor, session.customer_id), session, write=not session.dry_run)


def undo_import(actor: Actor, session_id: int, *, in_worker: bool = False, patience: float = PATIENCE) -> ImportSession:
    """Take the whole batch back, or have the worker do so. Refused, with names, when something was changed or used
    since."""
    session = get_import(actor, session_id)
    must_import(actor, session.kind, session.customer_id)
    if session.state != "applied":
        raise Conflict(
            _(
                "Only an import that is done can be undone. State of this one: %(state)s.",
                state=Code("import_state", session.state),
            ),
            code="wrong_state",
        )
    if in_worker:
        claim(session, ("applied",), "undoing", errors=errors_of_rows(session))
        return session
    with store.running(session.file_key):
        carry_out_undo(actor, session, "applied", patience)
    return session


def carry_out_undo(actor: Actor, session: ImportSession, state: str, patience: float) -> None:
    """In one transaction: after a crash all of it is undone, or nothing. Call with the import locked as running."""
    with store.turn("all" if is_sqlite() else str(session.customer_id), patience), transaction():
        claim(session, (state,), "undone", errors=errors_of_rows(session))
        take_back(actor, session, lambda rows, share: store.report(session.file_key, rows, share))


def errors_of_rows(session: ImportSession) -> list[dict[str, Any]]:
    """What was refused of an import that was applied: without the reason why it was not undone, if that was tried."""
    return [error for error in session.errors if error["line"] is not None]


def not_undone(session: ImportSession, problem: Problem) -> None:
    """The undo that was begun has touched nothing: the import stays applied, and says why."""
    names = [str(text) for texts in problem.errors.values() for text in texts]
    text = _("%(message)s These are in the way: %(names)s", message=problem.message, names="; ".join(names))
    error = {"line": None, "column": None, "value": None, "message": text if names else problem.message}
    claim(session, ("undoing",), "applied", errors=[error, *errors_of_rows(session)])


@job("imports.give_up_interrupted", minutes=5)
def give_up_interrupted() -> int:
    """Imports that stopped halfway, and that no worker will take up again, have left nothing behind. Say so."""
    seeming = list(visible(ImportSession, Actor.system()).where(ImportSession.state.in_(UNDER_WAY)))
    jobs = (*tickets.waiting("imports.run"), *tickets.waiting("imports.undo"))
    expected = {arguments.get("session_id") for arguments in jobs}
    lost = [session for session in seeming if session.id not in expected and _is_lost(session)]
    for session in lost:
        with speaking(language_of(session.actor_id)):
            _give_up(session)
    return len(lost)


def _give_up(session: ImportSession) -> None:
    if session.state == "undoing":
        not_undone(session, Problem(_("The undo was interrupted; nothing of it was done. Undo it again.")))
    else:
        running.fail(session, Problem(_("It was interrupted; nothing of it was stored. Apply it again.")))


def _is_lost(session: ImportSession) -> bool:
    """A queued one has a little time: it is stored before its job is."""
    fresh = session.state in ("queued", "undoing") and session.changed_at > clock.now() - QUEUING
    return not fresh and not store.is_running(session.file_key)


@job("imports.forget_files", minutes=1440)
def forget_old_files(days: int = 30) -> int:
    """Remove files that nobody has applied for so long. What was looked at and found stays on record; of one that
    nobody has even looked at nothing stays."""
    old = clock.now() - timedelta(days=days)
    left = visible(ImportSession, Actor.system()).where(
        ImportSession.state.in_(("draft", *APPLICABLE)) & (ImportSession.changed_at < old)
    )
    kept = [session.file_key for session in left if store.exists(session.file_key)]
    for key in kept:
        store.remove(key)
    drafts = [session.id for session in left if session.state == "draft"]
    ImportSession.delete().where(ImportSession.id.in_(drafts) & (ImportSession.state == "draft")).execute()
    changes.forget_old()
    return len(kept)


def save_mapping(actor: Actor, values: Mapping[str, Any]) -> SavedMapping:
    """Keep which column means what. values: customer, kind, name, columns, options; the same name replaces."""
    customer = customer_by(actor, values.get("customer"))
    kind = permitted(actor, customer, values["kind"])
    known = {spec.name for spec in KINDS[kind].fields(actor, customer, {})}
    strange = [str(name) for name in values["columns"].values() if name is not None and name not in known]
    if strange:
        raise Invalid.field(
            "columns",
            _(
                "There is no field %(strange)s. Choose among: %(known)s.",
                strange=quoted(strange[0]),
                known=", ".join(sorted(known)),
            ),
        )
    where = (SavedMapping.customer_id == customer.id) & (SavedMapping.kind == kind)
    before = visible(SavedMapping, actor).where(where & (SavedMapping.name == values["name"])).first()
    ready = {"columns": values["columns"], "options": values.get("options") or {}}
    if before is not None:
        return change(actor, before, ready, Action.MAPPING_SAVED, version=before.version)
    row = {"customer_id": customer.id, "kind": kind, "name": values["name"], **ready}
    return create(actor, SavedMapping, row, Action.MAPPING_SAVED)
