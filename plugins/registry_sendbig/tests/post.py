"""A desk for transfers: files that are kept without having been sent up, links, and what was written to whom."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from registry.kernel import clock, db
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.mail import Mail
from registry.kernel.secrets import vault
from registry.sdk import files, keep_file
from registry.testing import Installation, People
from registry_sendbig.models import Blob, Download, File, Recipient, Transfer
from registry_sendbig.transfers import reach
from registry_sendbig.transfers import service as transfers

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@dataclass
class Letter:
    name: str
    to: str
    subject: str
    body: str
    language: str


@dataclass
class Post:
    installation: Installation
    people: People
    kept: dict[int, bytes] = field(default_factory=dict)

    @property
    def system(self) -> Actor:
        return Actor.system()

    @property
    def acme(self) -> int:
        return int(self.people.manager.actor.customers and min(self.people.manager.actor.customers) or 0)

    def draft(self, who: Any = None, **values: Any) -> Transfer:
        given = {"title": "Disk image", "recipients": [{"email": "ann@third.example"}], **values}
        return transfers.draft((who or self.people.member).actor, self.acme, given)

    def file(self, transfer: Transfer, text: bytes = b"0123456789", name: str = "image.bin", **more: Any) -> File:
        """Kept and verified, as the upload would leave it."""
        row = {"customer_id": transfer.customer_id, "transfer": transfer.id, "name": name, "size": len(text), **more}
        made = File.create(
            **{"state": "kept", "blob": self.blob(transfer.customer_id, text, more.pop("type", None)), **row}
        )
        self.kept[made.id] = text
        return made

    def blob(self, customer_id: int, text: bytes, media_type: str | None = None) -> Blob:
        key, sha256, size = keep_file(customer_id, io.BytesIO(text))
        kind = {"media_type": media_type} if media_type else {}
        return Blob.create(customer_id=customer_id, sha256=sha256, size=size, key=key, scan="clean", **kind)

    def sent(self, who: Any = None, text: bytes = b"0123456789", **values: Any) -> Transfer:
        """Open, with one file and (unless they are given) one recipient."""
        made = self.draft(who, **values)
        self.file(made, text)
        return transfers.send((who or self.people.member).actor, made.id)

    def fresh(self, row: Any) -> Any:
        return visible(type(row), self.system).where(type(row).id == row.id).first()

    def to(self, transfer: Transfer) -> list[Recipient]:
        return list(visible(Recipient, self.system).where(Recipient.transfer == transfer.id).order_by(Recipient.id))

    def files(self, transfer: Transfer) -> list[File]:
        return list(visible(File, self.system).where(File.transfer == transfer.id).order_by(File.id))

    def downloads(self, transfer: Transfer) -> list[Download]:
        return list(visible(Download, self.system).where(Download.transfer == transfer.id).order_by(Download.id))

    def secret(self, recipient: Recipient) -> str:
        return reach.address_of(recipient).rpartition("/")[2]

    def path(self, transfer: Transfer, number: int = 0, what: str | None = None) -> str:
        """Of the first file (or what else) by the link of the recipient with this number."""
        end = what if what is not None else str(self.files(transfer)[0].id)
        return f"/x/sendbig/flow/t/{self.secret(self.to(transfer)[number])}/{end}"

    def get(self, path: str, *, client: Any = None, **headers: str) -> TestResponse:
        """As somebody who has not signed in."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (client or self.installation.app.test_client()).get(path, headers=named, buffered=True)

    def part(self, path: str, pieces: int) -> bytes:
        """The beginning, of so many pieces; then the caller is gone."""
        answer = self.installation.app.test_client().get(path, buffered=False)
        assert answer.status_code == 200, answer.text
        got = b"".join(next(answer.iter_encoded()) for _ in range(pieces))
        answer.close()
        return got

    def letters(self, name: str = "") -> list[Letter]:
        return list(self._letters(name))

    def _letters(self, name: str) -> Iterator[Letter]:
        for row in Mail.select().order_by(Mail.id):
            if row.name.startswith("sendbig.") and (not name or row.name == f"sendbig.{name}"):
                subject, body = json.loads(vault().open(row.sealed or ""))
                yield Letter(row.name, row.to, subject, body, row.language)

    def chain(self, *actions: str) -> list[AuditEntry]:
        rows = AuditEntry.select().where(AuditEntry.customer_id == self.acme).order_by(AuditEntry.id)
        return [row for row in rows if not actions or row.action in actions]

    def later(self, **more: float) -> Any:
        """A block in which it is so much later."""
        return clock.frozen(clock.now() + timedelta(**more))


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def in_days(days: float) -> datetime:
    return clock.now() + timedelta(days=days)


__all__ = ["PNG", "Letter", "Post", "db", "files", "in_days", "sha256"]
