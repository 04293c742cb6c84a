"""In the worker: a large import is taken back, as the user who asked for it and with no more than the rights he had."""

from collections.abc import Iterable

from registry.imports import store
from registry.imports.asked import must_import
from registry.imports.models import ImportSession
from registry.imports.service import PATIENCE, carry_out_undo, language_of, not_undone
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Forbidden, Problem
from registry.kernel.jobs import NotNow, job
from registry.kernel.language import _, speaking
from registry.kernel.logs import log
from registry.people.models import User
from registry.people.signin import actor_of


@job("imports.undo")
def undo_in_worker(session_id: int, user_id: int | None, rights: Iterable[str]) -> None:
    """Undo an import that waits for it. When the worker was killed it begins anew, since nothing of it was stored."""
    session = visible(ImportSession, Actor.system()).where(ImportSession.id == session_id).first()
    if session is None or session.state != "undoing":
        return
    try:
        with store.running(session.file_key), speaking(language_of(user_id)):
            _undo(session, user_id, rights)
    except Problem as problem:
        if problem.code == "import_running":  # by a worker that seemed to be gone
            raise NotNow() from None
        raise


def _undo(session: ImportSession, user_id: int | None, rights: Iterable[str]) -> None:
    try:
        carry_out_undo(_asker(session, user_id, rights), session, "undoing", PATIENCE)
    except Problem as problem:
        log.info("undo_refused", session=session.id, reason=problem.message)
        not_undone(session, problem)
    except Exception:
        not_undone(session, Problem(_("It was broken off by a fault of this installation; nothing of it was undone.")))
        raise


def _asker(session: ImportSession, user_id: int | None, rights: Iterable[str]) -> Actor:
    user = User.get_or_none(User.id == user_id) if user_id else None
    if user is None or not user.active:
        raise Forbidden(_("Whoever wanted it undone may not sign in any more; nothing was undone."))
    actor = actor_of(user).narrowed(rights)
    must_import(actor, session.kind, session.customer_id)
    return actor
