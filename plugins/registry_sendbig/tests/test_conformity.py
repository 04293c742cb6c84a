"""Whatever the plugin does, it keeps to the contract."""

import io
from typing import Any

from registry.sdk import Actor, keep_file, product_of
from registry.testing import Conformity, Installation
from registry_sendbig.models import Blob, File, Grant, Recipient, Taken, Transfer
from registry_sendbig.requests import service as asking
from registry_sendbig.tests.shop import Shop
from registry_sendbig.transfers import service as transfers


class TestConformity(Conformity):
    plugin = "sendbig"
    anybody = frozenset(
        f"sendbig_house.{name}"
        for name in (
            "landing", "request_page", "request_files", "download", "download_all", "preview", "give_password",
            "give_request_password", "begin_visit", "finish_visit", "upload_go_on", "upload_options", "upload_state",
            "upload_to_request", "upload_part",
        )
    )  # fmt: skip

    def make_rows(self, installation: Installation, asset: Any) -> dict[str, Any]:
        """A draft with a file and a recipient, and a file request."""
        system = installation.system
        given = {"title": "CANARY", "message": "CANARY", "recipients": [{"email": f"carol{asset.id}@acme.example"}]}
        made: Transfer = transfers.draft(system, asset.customer_id, given)
        key, sha256, size = keep_file(made.customer_id, io.BytesIO(b"\x89PNG\r\n\x1a\n"))
        blob = Blob.create(customer_id=made.customer_id, sha256=sha256, size=size, key=key, media_type="image/png")
        row = {"customer_id": made.customer_id, "transfer": made.id, "name": "CANARY.png", "size": size}
        file = File.create(**row, state="kept", blob=blob)
        asked = asking.create(system, asset.customer_id, {"title": "CANARY"})
        [recipient] = _recipients(made)
        return {
            "asset_id": asset.id, "transfer_id": made.id, "sendbig_file_id": file.id, "recipient_id": recipient.id,
            "file_request_id": asked.id, **_released(installation, asset),
        }  # fmt: skip


def _released(installation: Installation, asset: Any) -> dict[str, Any]:
    """A patch with a document for users under contract, taken and approved for; and a licence."""
    shop = Shop(installation.system, product_of(installation.system, asset))
    shop.unit("acme")
    shop.contract("acme", product=shop.product.id)
    release = shop.release(title="CANARY")
    mine = {"customer_id": asset.customer_id, "release": release.id, "user_id": 1}
    grant = Grant.create(**mine, email="CANARY", reason="CANARY", approved_by="CANARY")
    notes = shop.file_named(release, "notes.txt")
    Taken.create(**mine, file_id=notes, file_name="CANARY", kind="document", sha256="", who="CANARY")
    licence = shop.licence("acme", "1.0", shop.a_product(f"Program {asset.id}", "software"))
    return {
        "release_id": release.id, "release_file_id": notes, "release_grant_id": grant.id, "licence_id": licence.id
    }  # fmt: skip


def _recipients(made: Transfer) -> list[Recipient]:
    from registry.sdk import visible

    return list(visible(Recipient, Actor.system()).where(Recipient.transfer == made.id))
