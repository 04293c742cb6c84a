"""What lies in the outgoing mail of a house, read as its reader would: tests open the links in it."""

import json
import re

from registry.kernel import wall
from registry.kernel.mail import Mail
from registry.kernel.secrets import vault

LINK = re.compile(r"https?://[^/\s]+(/(?:invitation|reset|confirm)/\S+)")


def mails(to: str | None = None, name: str | None = None) -> list[tuple[str, str, str]]:
    """(name, subject, body) of every mail that waits to be sent, oldest first."""
    found = []
    with wall.everywhere():
        for mail in Mail.select().order_by(Mail.id):
            if to in (None, mail.to) and name in (None, mail.name):
                subject, body = json.loads(vault().open(mail.sealed))
                found.append((mail.name, subject, body))
    return found


def link_to(to: str, name: str | None = None) -> str:
    """The path of the last link that was mailed there."""
    for _, _, body in reversed(mails(to, name)):
        if found := LINK.search(body):
            return found.group(1)
    raise AssertionError(f"no link was mailed to {to}")
