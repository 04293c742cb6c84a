"""Releases as plain data: what the API answers."""

from collections.abc import Sequence
from typing import Any

from registry.sdk import Actor, Product, fetch
from registry_sendbig.models import File, Grant, Installed, Receipt, Release
from registry_sendbig.releases import entitled
from registry_sendbig.releases.entitled import Offer
from registry_sendbig.releases.service import files_of

RELEASE = (
    "id", "product_id", "title", "version_name", "from_version", "below_version", "problem", "known_error", "note",
    "state", "published_by", "published_at", "withdrawn_at", "withdrawn_reason",
)  # fmt: skip
GRANT = (
    "id",
    "customer_id",
    "user_id",
    "email",
    "reason",
    "approved_by",
    "approved_at",
    "until",
    "revoked_at",
    "version",
)
RECEIPT = (
    "id", "customer_id", "asset_id", "licence_id", "unit_label", "version_name", "version_before", "who", "at",
)  # fmt: skip
INSTALLED = (
    "id", "customer_id", "asset_id", "licence_id", "version_name", "known_on", "source", "release_id", "version",
)  # fmt: skip


def plain(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def release(actor: Actor, row: Release) -> dict[str, Any]:
    """For the operator's people: with all of its files and where to send more."""
    product: Product = fetch(Product, actor, row.product_id)
    return {**plain(row, RELEASE), "product": product.label, "files": _files(files_of(actor, row)),
            "version": row.version}  # fmt: skip


def _files(files: Sequence[File]) -> list[dict[str, Any]]:
    blobs = entitled.blobs_of(files)
    return [_file(one, blobs.get(one.blob_id or 0)) for one in files]


def _file(one: File, blob: Any) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "kind": one.kind, "audience": one.audience, "state": one.state,
            "size": blob.size if blob else one.size, "sha256": blob.sha256 if blob else "",
            "version": one.version}  # fmt: skip


def briefly(offer: Offer) -> dict[str, Any]:
    """For users: what it is, and how many of their units under contract it is about."""
    return {
        **plain(offer.release, RELEASE), "units": offer.needs.covered, "affected": offer.needs.affected,
        "unknown": offer.needs.unknown, "granted": offer.granted, "taken": offer.taken, "files": len(offer.files),
    }  # fmt: skip


def wholly(offer: Offer) -> dict[str, Any]:
    return {**briefly(offer), "files": _files(offer.files), "hidden_files": offer.hidden}


def grant(row: Grant) -> dict[str, Any]:
    return plain(row, GRANT)


def receipt(row: Receipt) -> dict[str, Any]:
    return {**plain(row, RECEIPT), "release_id": row.release_id}


def installed(row: Installed) -> dict[str, Any]:
    return plain(row, INSTALLED)
