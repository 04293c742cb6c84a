"""Clients of the tests' own: one that speaks tus by hand, and one that breaks off."""

import base64
from typing import Any

from werkzeug.test import TestResponse

from registry.plugins import values as settings
from registry.sdk import Actor, visible
from registry.testing import Installation, Person
from registry_sendbig.models import Blob, File, Transfer, Upload
from registry_sendbig.transfers import service as transfers

BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


def said(**pairs: str) -> str:
    """An Upload-Metadata header."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def a_draft(person: Person, title: str = "Images") -> Transfer:
    """Of his own customer; of the first one when he is the operator's."""
    customer_id = next(iter(person.actor.customers or (1,)))
    return transfers.draft(person.actor, customer_id, {"title": title, "recipients": [{"email": "x@acme.example"}]})


class Tus:
    """Speaks to one transfer (or another `address` for creation) as `person`, and to uploads as nobody."""

    def __init__(self, installation: Installation, person: Person, transfer: Transfer | None = None) -> None:
        self.installation, self.person = installation, person
        self.transfer = transfer or a_draft(person)
        self.address = f"/x/sendbig/flow/transfers/{self.transfer.id}/files"

    def create(self, size: int | None = None, data: bytes | None = None, **headers: Any) -> TestResponse:
        sent = {**TUS, "X-CSRF-Token": self.person._csrf}
        if size is not None:
            sent["Upload-Length"] = str(size)
        if data is not None:
            sent["Content-Type"] = BYTES
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.person.request("POST", self.address, headers=sent, data=data)

    def begin(self, size: int, name: str = "image.bin", **headers: Any) -> str:
        answer = self.create(size, Upload_Metadata=headers.pop("Upload_Metadata", said(filename=name)), **headers)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    def ask(self, method: str, at: str, data: bytes | None = None, **headers: Any) -> TestResponse:
        sent = {**TUS, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.installation.app.test_client().open(at, method=method, headers=sent, data=data)

    def head(self, at: str) -> TestResponse:
        return self.ask("HEAD", at)

    def stands(self, at: str) -> int:
        answer = self.head(at)
        assert answer.status_code == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    def patch(self, at: str, offset: int, data: bytes, **headers: Any) -> TestResponse:
        return self.ask("PATCH", at, data, Upload_Offset=str(offset), **{"Content-Type": BYTES}, **headers)

    def send(self, data: bytes, name: str = "image.bin", **headers: Any) -> str:
        """All of it at once; answers the address."""
        at = self.begin(len(data), name, **headers)
        if data:
            answer = self.patch(at, 0, data)
            assert answer.status_code == 204, answer.text
        return at

    def everything(self) -> list[File]:
        return list(visible(File, Actor.system()).order_by(File.id))

    def sent(self, data: bytes, name: str = "image.bin", **headers: str) -> File:
        self.send(data, name, **headers)
        return files_of(self.transfer)[-1]


def files_of(transfer: Transfer) -> list[File]:
    return list(visible(File, Actor.system()).where(File.transfer == transfer.id).order_by(File.id))


def blobs() -> list[Blob]:
    return list(visible(Blob, Actor.system()).order_by(Blob.id))


def uploads() -> list[Upload]:
    return list(visible(Upload, Actor.system()).order_by(Upload.id))


def blob_of(file: File) -> Blob:
    return next(one for one in blobs() if one.id == file.blob_id)


def setting(customer_id: int | None = None, **values: object) -> None:
    """Fill in the form of the house, or of a customer."""
    row = settings.row_of("sendbig", customer_id)
    known = row.given if row else {}
    version = row.version if row else None
    settings.keep(Actor.system(), "sendbig", {**known, **values}, version=version, customer_id=customer_id)
