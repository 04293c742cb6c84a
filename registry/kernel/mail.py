"""Mail: queued in the same transaction as what it tells of, sent after commit by a courier, tried again, parked.

The words of a mail are sealed while it waits (it may hold a link that lets somebody in) and wiped once it has left.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from functools import partial
from pathlib import Path
from typing import Any

from peewee import CharField, IntegerField, TextField

from registry.kernel import clock, mail_texts
from registry.kernel.db import Instant, Row, customer_column, transaction
from registry.kernel.errors import Busy
from registry.kernel.jobs import courier, job
from registry.kernel.language import N_
from registry.kernel.locales import supported
from registry.kernel.logs import log
from registry.kernel.mail_texts import Text, declare_mail
from registry.kernel.mail_transport import (
    Folder,
    Letter,
    Refused,
    Server,
    Smtp,
    Transport,
    compose,
    sender_of,
    wire_address,
)
from registry.kernel.secrets import new_token, vault

__all__ = ["Mail", "carry", "declare_mail", "link", "post", "send_now", "use"]

MAX_TRIES = 20  # with pauses up to four hours: about two days
LEASE = timedelta(minutes=15)  # longer than any conversation about one mail, which has a time-out at each step
BATCH = 20
NOTE_AGAIN_SECONDS = 1.0


class Mail(Row):
    """A mail on its way: queued, sent, or parked until somebody looks. `sealed` is empty once it has left."""

    SECRET = frozenset({"sealed", "unsubscribe"})
    HOUSE_ROWS = ("INSERT",)  # anybody may cause one to be written; nobody but the courier reads them

    customer_id = customer_column(null=True)
    name = CharField(max_length=64)
    to = CharField()
    language = CharField(max_length=16)
    sealed = TextField(null=True)
    unsubscribe = CharField(null=True)
    message_id = CharField(unique=True)
    state = CharField(max_length=8, default="queued")
    tries = IntegerField(default=0)
    next_at = Instant(default=clock.now)
    error = TextField(null=True)
    created_at = Instant(default=clock.now)
    sent_at = Instant(null=True)

    class Meta:
        table_name = "mail"
        indexes = ((("state", "next_at", "id"), False), (("customer_id", "id"), False))

    @property
    def label(self) -> str:
        return f"{self.name} to {self.to}"


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Where mail goes out, under which sender, and the address that links in it begin with."""

    sender: Address
    public_url: str
    opened: Any  # () -> Transport

    @property
    def domain(self) -> str:
        return self.sender.domain


declare_mail("mail_test", {"now": N_("when it was sent"), "link": N_("address of this installation")})

_office: PostOffice | None = None


def use(*, smtp: str, folder: Path, sender: str, public_url: str) -> None:
    """Called once by open_house. `smtp`: smtp://, smtps:// or "" for files in `folder`. Raises ValueError."""
    global _office
    opened: Any = partial(Folder, folder)
    who = sender_of(sender, public_url)
    if smtp:
        opened = partial(Smtp, Server.at(smtp), name=who.domain if "." in who.domain else "[127.0.0.1]")
    _office = PostOffice(who, public_url.rstrip("/"), opened)


def office() -> PostOffice:
    if _office is None:
        raise RuntimeError("there is no post office yet: open_house calls mail.use()")
    return _office


def link(path: str) -> str:
    """The full address of `path` (which begins with /), for mails: from ASSETCARE_PUBLIC_URL, never from a request."""
    return f"{office().public_url}{path}"


def post(
    name: str,
    to: str,
    language: str,
    values: Mapping[str, Any],
    *,
    customer_id: int | None = None,
    time_zone: str = "UTC",
    unsubscribe: str | None = None,
) -> None:
    """Queue the declared mail `name`; it leaves once the caller's transaction has been committed.

    `values`: one for each declared placeholder: text, numbers, dates, aware instants (told on the clocks of
    `time_zone`), lists of lines. `customer_id`: whom it is about, so that it goes when the customer does.
    `unsubscribe`: for what somebody may want no more of; the address that takes his word for it by one POST.
    An address that cannot be mailed raises nothing: the mail is parked, and whoever asked learns nothing from it.
    """
    spoken = supported(language)
    text = mail_texts.written(name, spoken, values, time_zone)
    queue(name, to, spoken, text, customer_id=customer_id, unsubscribe=unsubscribe)


def queue(
    name: str, to: str, language: str, text: Text, *, customer_id: int | None = None, unsubscribe: str | None = None
) -> None:
    """Queue a mail whose words are ready."""
    row = Mail.insert(
        customer_id=customer_id,
        name=name,
        to=to,
        language=language,
        sealed=vault().seal(json.dumps(text)),
        unsubscribe=unsubscribe,
        message_id=f"<{new_token()}@{office().domain}>",
    )
    row.returning().execute()  # nothing to come back: who may queue a mail of the house may not read one


@courier("mail")
def carry() -> int:
    """Send what is due; answer how many were tried. Each is claimed alone, just before it goes out."""
    due = list(
        Mail.select()
        .where((Mail.state == "queued") & (Mail.next_at <= clock.now()))
        .order_by(Mail.next_at, Mail.id)
        .limit(BATCH)
    )
    if not due:
        return 0
    transport: Transport = office().opened()
    try:
        return sum(_send(mail, transport) for mail in due)
    finally:
        transport.close()


def _send(mail: Mail, transport: Transport) -> int:
    if not _claim(mail):
        return 0
    try:
        _hand_over(_letter(mail), transport)
    except Refused as error:
        _settle(mail, state="parked", error=str(error))
    except Exception as error:
        _try_later(mail, error)
    else:
        _settle(mail, state="sent", sealed=None, unsubscribe=None, sent_at=clock.now(), error=None)
    return 1


def _claim(mail: Mail) -> bool:
    """Ours for the length of a lease. Should this process die, it is due again afterwards, under the same message id:
    whoever got it twice can tell."""
    lease = clock.now() + LEASE
    claimed = Mail.update(tries=mail.tries + 1, next_at=lease).where(_as_read(mail)).execute()
    mail.tries += 1
    return bool(claimed)


def _as_read(mail: Mail) -> Any:
    return (Mail.id == mail.id) & (Mail.state == "queued") & (Mail.tries == mail.tries)


def _settle(mail: Mail, **values: Any) -> None:
    """While somebody writes for long, this waits as long as the mail is ours: not noted, it would be sent again."""
    until = time.monotonic() + LEASE.total_seconds() / 2
    while True:
        try:
            with transaction():
                Mail.update(**values).where(_as_read(mail)).execute()
            return
        except Busy:
            if time.monotonic() > until:
                raise
        time.sleep(NOTE_AGAIN_SECONDS)


def _try_later(mail: Mail, error: Exception) -> None:
    log.warning("mail_failed", mail_id=mail.id, tries=mail.tries, error=repr(error))
    pause = timedelta(seconds=min(2**mail.tries * 15, 4 * 3600))
    state = "parked" if mail.tries >= MAX_TRIES else "queued"
    _settle(mail, state=state, next_at=clock.now() + pause, error=repr(error)[:1000])


def _letter(mail: Mail) -> Letter:
    try:
        subject, body = json.loads(vault().open(mail.sealed or ""))
    except ValueError as error:
        raise Refused(str(error)) from error
    return Letter(mail.message_id, mail.to, subject, body, mail.language, mail.created_at, mail.unsubscribe)


def _hand_over(letter: Letter, transport: Transport) -> None:
    sender = office().sender
    transport.send(compose(letter, sender), sender.addr_spec, wire_address(letter.to))


def send_now(to: str, text: Text, language: str) -> str:
    """Send at once, outside of the queue, and answer the message id: how the operator tries his settings out.

    Raises what went wrong.
    """
    letter = Letter(f"<{new_token()}@{office().domain}>", to, text.subject, text.body, language, clock.now())
    transport: Transport = office().opened()
    try:
        _hand_over(letter, transport)
    finally:
        transport.close()
    return letter.message_id


def retry(mail: Mail) -> bool:
    """Put a parked mail back into the queue; whether it was there to be put back."""
    again = {"state": "queued", "tries": 0, "next_at": clock.now()}
    where = (Mail.id == mail.id) & (Mail.state == "parked") & Mail.sealed.is_null(False)
    return bool(Mail.update(**again).where(where).execute())


@job("mail.forget_old", minutes=1440)
def forget_old(days: int = 90) -> int:
    """Remove what was sent or given up more than `days` ago."""
    old = clock.now() - timedelta(days=days)
    return int(Mail.delete().where((Mail.created_at < old) & (Mail.state != "queued")).execute())
