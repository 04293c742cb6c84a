"""What tells of people by their addresses and not by a reference: letters, jobs that wait, the house's own chain."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_binary_file, policy
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from registry.actions import Action
from registry.customers.models import Contact, Customer
from registry.handover.belongings import Owner, select
from registry.kernel import audit, mail
from registry.kernel.audit import AuditEntry
from registry.kernel.db import transaction
from registry.kernel.mail import Mail
from registry.kernel.mail_transport import Folder
from registry.kernel.secrets import vault
from registry.kernel.tickets import JobTicket
from registry.kernel.timetable import JobTurn
from registry.people.models import MailedLink, User
from registry.plugins.models import PluginIncident


def addresses_of(owner: Owner) -> frozenset[str]:
    """E-mail addresses, in lower case: of his people, also those they had before or wanted to have, and of contacts,
    as far as they are nobody else's account."""
    people = {row[0].lower() for row in select(User, owner, User.email).tuples()}
    linked = {row[0].lower() for row in select(MailedLink, owner, MailedLink.address).tuples()}
    contacts = {row[0].lower() for row in select(Contact, owner, Contact.email).tuples() if row[0]}
    others: Any = User.select(User.email).where(User.id.not_in(list(owner.people)))
    strangers = {row[0].lower() for row in others.tuples()}
    return frozenset(people | ((contacts | linked | _former(owner)) - strangers))


def _former(owner: Owner) -> set[str]:
    """What his people's addresses were before they changed, as the chain tells."""
    his = (AuditEntry.object_type == "app_user") & AuditEntry.object_id.in_(list(owner.people))
    changed = (AuditEntry.customer_id == owner.id) & (AuditEntry.action == Action.EMAIL_CHANGED) & his
    entries: Any = AuditEntry.select(AuditEntry.before).where(changed)
    told = [json.loads(before) for [before] in entries.tuples() if before]
    return {str(before["email"]).lower() for before in told if before.get("email")}


@dataclass(frozen=True)
class Doomed:
    """Which letters go: those about the customer, those to his people, and those that lead to his pages, as a list of
    what ends at several customers does."""

    owner: Owner
    addresses: frozenset[str]
    slug: str

    def named_in(self, text: str) -> bool:
        return bool(self.slug) and re.search(rf"/c/{re.escape(self.slug)}(?![a-z0-9-])", text) is not None

    def takes(self, letter: Mail) -> bool:
        about = letter.customer_id == self.owner.id
        return about or _is_to([letter.to], self.addresses) or self.named_in(_words(letter))


def doomed(owner: Owner, addresses: frozenset[str]) -> Doomed:
    found = select(Customer, owner, Customer.slug).tuples().first()
    return Doomed(owner, addresses, found[0] if found else "")


def forget_letters(those: Doomed) -> int:
    """The letters of the table, and the files that stand for sent mail without a mail server."""
    gone, ids = 0, set()
    with transaction():
        for letter in list(Mail.select()):
            if those.takes(letter):
                ids.add(letter.message_id)
                gone += int(Mail.delete().where(Mail.id == letter.id).execute())
    for path in _letter_files():
        if _is_doomed(path, those, ids):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _words(letter: Mail) -> str:
    """What a letter says that has not left yet; nothing when it was sealed with another secret."""
    try:
        return "\n".join(json.loads(vault().open(letter.sealed))) if letter.sealed else ""
    except ValueError:
        return ""


def _is_to(texts: Iterable[str], addresses: frozenset[str]) -> bool:
    return any(address.lower() in addresses for _, address in getaddresses(list(texts)))


def _letter_files() -> list[Path]:
    opened: Any = mail.office().opened
    if getattr(opened, "func", None) is not Folder or not opened.args[0].is_dir():
        return []
    return sorted(opened.args[0].glob("*.eml"))


def _is_doomed(path: Path, those: Doomed, ids: set[str]) -> bool:
    with path.open("rb") as file:
        found = message_from_binary_file(file, policy=policy.default)
    receivers = [str(value) for name in ("To", "Cc") for value in found.get_all(name, ())]
    if str(found["Message-ID"]) in ids or _is_to(receivers, those.addresses):
        return True
    body = found.get_body(("plain",))
    return body is not None and those.named_in(body.get_content())


def forget_jobs(customer_id: int, addresses: frozenset[str], *, except_for: str) -> int:
    """Jobs that wait and name the customer or one of his people's addresses."""
    with transaction():
        mine = [
            ticket.id
            for ticket in JobTicket.select().where(JobTicket.name != except_for)
            if ticket.arguments.get("customer_id") == customer_id or _names(ticket.arguments, addresses)
        ]
        return int(JobTicket.delete().where(JobTicket.id.in_(mine)).execute()) if mine else 0


def forget_errors() -> None:
    """What went wrong with jobs and plugins may quote a row of anybody's; the log has it, too."""
    JobTurn.update(error=None).where(JobTurn.error.is_null(False)).execute()
    JobTicket.update(error=None).where(JobTicket.error.is_null(False)).execute()
    PluginIncident.update(error="").where(PluginIncident.error != "").execute()


def _names(arguments: Any, addresses: frozenset[str]) -> bool:
    """Word for word: an address may stand within somebody else's."""
    return any(text.strip().lower() in addresses for text in _texts(arguments))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def entries_of_house(owner: Owner) -> int:
    """Entries of the house's own chain that name these people: only an earlier version wrote such, and they stay."""
    people = list(owner.people)
    if not people:
        return 0
    by_them = AuditEntry.actor_id.in_(people) & ~AuditEntry.actor_name.startswith("user ")
    of_them = AuditEntry.object_id.in_(people) & (AuditEntry.object_type == "app_user")
    named = of_them & ~AuditEntry.label.startswith("app_user ")
    return int(AuditEntry.select().where((AuditEntry.customer_id == audit.HOUSE) & (by_them | named)).count())
