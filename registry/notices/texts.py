"""Verbs about mail: the house's own words, tried out before anybody gets them; what waits and what was given up."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from registry.actions import Action
from registry.kernel import access, clock, mail, mail_texts
from registry.kernel.access import Actor, Permission
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, NotFound, PreconditionRequired
from registry.kernel.language import _
from registry.kernel.locales import LANGUAGES, supported
from registry.kernel.mail import Mail
from registry.kernel.mail_texts import KINDS, MailText, Text
from registry.kernel.writing import change, note
from registry.people.models import User

access.declare(Permission("mail.edit", "Change the texts of mails", customer=False))


class Shown(NamedTuple):
    """A text as it holds now; `own` tells whether the house wrote it. Never changed counts as version 1."""

    name: str
    language: str
    subject: str
    body: str
    own: bool
    version: int


def texts(actor: Actor) -> list[Shown]:
    actor.must("mail.edit")
    return [_shown(name, language) for name in sorted(KINDS) for language in LANGUAGES]


def text(actor: Actor, name: str, language: str) -> Shown:
    actor.must("mail.edit")
    _must_be_known(name, language)
    return _shown(name, language)


def _must_be_known(name: str, language: str) -> None:
    if name not in KINDS or language not in LANGUAGES:
        raise NotFound()


def _shown(name: str, language: str) -> Shown:
    row = mail_texts.own_text(name, language)
    now = mail_texts.text_for(name, language)
    own = row is not None and row.body is not None
    return Shown(name, language, now.subject, now.body, own, row.version if row else 1)


def set_text(actor: Actor, name: str, language: str, words: Text, version: int | None) -> Shown:
    """Use these words from now on. Raises Invalid, naming subject or body, for a text that could not be rendered."""
    actor.must("mail.edit")
    _must_be_known(name, language)
    mail_texts.check(name, words.subject, words.body)
    return _store(actor, name, language, words._asdict(), Action.MAIL_TEXT_CHANGED, version)


def restore_text(actor: Actor, name: str, language: str, version: int | None) -> Shown:
    """Use the shipped words again."""
    actor.must("mail.edit")
    _must_be_known(name, language)
    return _store(actor, name, language, {"subject": None, "body": None}, Action.MAIL_TEXT_RESTORED, version)


def _store(actor: Actor, name: str, language: str, values: dict[str, Any], action: str, version: int | None) -> Shown:
    if version is None:
        raise PreconditionRequired()
    with transaction():
        MailText.insert(name=name, language=language).on_conflict_ignore().execute()
        row = mail_texts.own_text(name, language)
        change(actor, row, values, action, version=version)  # type: ignore[type-var]
    return _shown(name, language)


def preview(actor: Actor, name: str, language: str, words: Text | None) -> Text:
    """The text (these words, or those that hold) as a reader would get it, with examples for values."""
    actor.must("mail.edit")
    _must_be_known(name, language)
    if words is not None:
        mail_texts.check(name, words.subject, words.body)
    chosen = words or mail_texts.text_for(name, language)
    return mail_texts.rendered(chosen, language, examples(name), "UTC")


def send_preview(actor: Actor, name: str, language: str, words: Text | None) -> None:
    """Mail the preview to oneself."""
    shown = preview(actor, name, language, words)
    user = User.get_or_none(User.id == (actor.user_id or 0))
    if user is None:
        raise Forbidden(_("Only a user has an address to send this to."))
    with transaction():
        mail.queue(name, user.email, language, shown)


_EXAMPLES: dict[str, Any] = {
    "now": datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
    "until": datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
    "at": datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
    "day": date(2027, 3, 1),
    "count": 1234,
}


def examples(name: str) -> dict[str, Any]:
    """A value for each placeholder: something of its kind where the name says which, or its own name in brackets."""
    found = {key: _EXAMPLES.get(key, f"[{key}]") for key in KINDS[name].placeholders}
    return {**found, **({"link": mail.link("/")} if "link" in found else {})}


def waiting(state: str | None, limit: int) -> list[Mail]:
    """Mails in this state, or (None) all that have not been sent, oldest first."""
    wanted = Mail.state == state if state else Mail.state != "sent"
    return list(Mail.select().where(wanted).order_by(Mail.id).limit(limit))


def retry_parked(actor: Actor, ids: Iterable[int] | None) -> int:
    """Put these parked mails (None: all of them) back into the queue; answers how many were."""
    actor.must("mail.edit")
    wanted = Mail.select().where(Mail.state == "parked")
    done = 0
    for row in list(wanted if ids is None else wanted.where(Mail.id.in_(list(ids)))):
        with transaction():
            if mail.retry(row):
                note(actor, Action.MAIL_RETRIED, row)
                done += 1
    return done


def send_test(to: str, language: str) -> str:
    """Send the test mail at once; answers its message id. Raises what went wrong."""
    spoken = supported(language)
    values = {"now": clock.now(), "link": mail.link("/")}
    return mail.send_now(to, mail_texts.written("mail_test", spoken, values, "UTC"), spoken)
