"""What tells of people by their addresses and not by a reference: letters, jobs that wait, the house's own chain."""

from collections.abc import Iterable
from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import orjson

from registry.customers.models import Contact
from registry.handover.belongings import Owner, select
from registry.kernel import audit, mail
from registry.kernel.audit import AuditEntry
from registry.kernel.db import transaction
from registry.kernel.mail import Mail
from registry.kernel.mail_transport import Folder
from registry.kernel.tickets import JobTicket
from registry.kernel.timetable import JobTurn
from registry.people.models import User


def addresses_of(owner: Owner) -> frozenset[str]:
    """E-mail addresses, in lower case, of his people and of those contacts who are nobody else's account."""
    people = {row[0].lower() for row in select(User, owner, User.email).tuples()}
    contacts = {row[0].lower() for row in select(Contact, owner, Contact.email).tuples() if row[0]}
    others: Any = User.select(User.email).where(User.id.not_in(list(owner.people)))
    strangers = {row[0].lower() for row in others.tuples()}
    return frozenset(people | (contacts - strangers))


def forget_letters(addresses: frozenset[str]) -> int:
    """Letters to these addresses: those of the table, and the files that stand for sent mail without a mail server."""
    gone = 0
    with transaction():
        kept: Any = Mail.select(Mail.id, Mail.to)
        for row_id, to in list(kept.tuples()):
            if _is_to([to], addresses):
                gone += int(Mail.delete().where(Mail.id == row_id).execute())
    for path in _letter_files():
        if _is_to(_receivers(path), addresses):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _is_to(texts: Iterable[str], addresses: frozenset[str]) -> bool:
    return any(address.lower() in addresses for _, address in getaddresses(list(texts)))


def _letter_files() -> list[Path]:
    opened: Any = mail.office().opened
    if getattr(opened, "func", None) is not Folder or not opened.args[0].is_dir():
        return []
    return sorted(opened.args[0].glob("*.eml"))


def _receivers(path: Path) -> list[str]:
    with path.open("rb") as file:
        found = BytesHeaderParser(policy=policy.default).parse(file)
    return [str(value) for name in ("To", "Cc") for value in found.get_all(name, ())]


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
    """What went wrong with jobs may quote a row of anybody's; the log has it, too."""
    JobTurn.update(error=None).where(JobTurn.error.is_null(False)).execute()
    JobTicket.update(error=None).where(JobTicket.error.is_null(False)).execute()


def _names(arguments: Any, addresses: frozenset[str]) -> bool:
    text = orjson.dumps(arguments).decode().lower()
    return any(address in text for address in addresses)


def entries_of_house(owner: Owner) -> int:
    """Entries of the house's own chain that name these people: only an earlier version wrote such, and they stay."""
    people = list(owner.people)
    if not people:
        return 0
    by_them = AuditEntry.actor_id.in_(people) & ~AuditEntry.actor_name.startswith("user ")
    of_them = AuditEntry.object_id.in_(people) & (AuditEntry.object_type == "app_user")
    named = of_them & ~AuditEntry.label.startswith("app_user ")
    return int(AuditEntry.select().where((AuditEntry.customer_id == audit.HOUSE) & (by_them | named)).count())
