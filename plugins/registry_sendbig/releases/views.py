"""What pages and the panel about releases show, put together from the verbs in a fixed number of statements."""

from typing import Any

from flask import url_for

from registry.sdk import Actor, Product, fetch, visible
from registry_sendbig.models import File, Release
from registry_sendbig.releases import entitled, grants, installed, report
from registry_sendbig.releases.entitled import Offer
from registry_sendbig.releases.listing import TAKINGS
from registry_sendbig.releases.service import files_of
from registry_sendbig.releases.words import TONES, word

FEW = 10
PER_PAGE = 50


def said(release: Release) -> dict[str, str]:
    return {"said": word("state", release.state), "tone": TONES[release.state]}


def affected_by(release: Release) -> tuple[str, str]:
    """(from, before) of the versions that need it, as people read them."""
    return release.from_version, release.below_version or release.version_name


def house_files(actor: Actor, release: Release, *, change: bool) -> list[dict[str, Any]]:
    files = files_of(actor, release)
    blobs = entitled.blobs_of(files)
    return [_house_file(release, one, blobs.get(one.blob_id or 0), change=change) for one in files]


def _house_file(release: Release, file: File, blob: Any, *, change: bool) -> dict[str, Any]:
    kept = file.state == "kept" and blob is not None
    return {
        "id": file.id, "name": file.name, "folder": file.folder, "state": file.state, "version": file.version,
        "size": blob.size if blob else file.size, "sha256": blob.sha256 if blob else "", "kind": file.kind,
        "audience": file.audience, "kind_said": word("kind", file.kind), "told": file.refusal_told,
        "audience_said": word("audience", file.audience), "kept": kept,
        "path": "/".join(part for part in (file.folder, file.name) if part),
        "url": url_for("sendbig_house.fetch_release_file", release_file_id=file.id) if kept else "",
        "change": change and release.state != "withdrawn",
        "remove": change and (release.state == "draft" or not kept),
    }  # fmt: skip


def release_page(actor: Actor, release: Release) -> dict[str, Any]:
    """Everything on the page of one release for the operator's people."""
    change = actor.can("sendbig.release")
    files = house_files(actor, release, change=change)
    about = {
        "release": release, "product": fetch(Product, actor, release.product_id), "mark": said(release),
        "range": affected_by(release), "files": files, "change": change,
        "busy": any(one["state"] in ("receiving", "checking") for one in files),
        "has_document": any(one["kind"] == "document" and one["kept"] for one in files),
    }  # fmt: skip
    rows, more = report.customers(actor, release.id, limit=FEW)
    taken = TAKINGS.page(actor, {"release": release.id, "limit": FEW, "sort": "-id"})
    approved = [{"row": one, "stands": grants.stands(one)} for one in grants.grants_of(actor, release)]
    return {
        **about, "numbers": report.numbers(actor, release.id), "customers": rows, "more_customers": more,
        "taken": taken["items"], "more_taken": taken["next"], "grants": approved,
        "receipts": report.receipts(actor, release, most=FEW),
    }  # fmt: skip


# --- The customers' side ---------------------------------------------------------------------------------------


def offers_page(actor: Actor, customer_id: int, before: int | None) -> dict[str, Any]:
    """What concerns the reader first, then what else he is offered; withdrawn ones that somebody took among those."""
    found = entitled.offers(actor, customer_id)
    names = product_names(actor, {one.release.product_id for one in found})
    first = [one for one in found if one.concerns] if before is None else []
    others = [one for one in found if not one.concerns and (before is None or one.release.id < before)]
    shown = [row(one, names) for one in others[:PER_PAGE]]
    following = others[PER_PAGE - 1].release.id if len(others) > PER_PAGE else None
    return {"first": [row(one, names) for one in first], "others": shown, "next": following, "before": before}


def product_names(actor: Actor, ids: set[int]) -> dict[int, str]:
    return {one.id: one.label for one in visible(Product, actor).where(Product.id.in_(sorted(ids)))} if ids else {}


def row(offer: Offer, names: dict[int, str]) -> dict[str, Any]:
    release = offer.release
    return {
        "id": release.id, "title": release.title, "product": names.get(release.product_id, ""),
        "version": release.version_name, "on": release.published_at, "needs": offer.needs, "granted": offer.granted,
        "kinds": [word("kind", kind) for kind in ("patch", "document") if any(f.kind == kind for f in offer.files)],
        "withdrawn": release.state == "withdrawn", "taken": offer.taken,
    }  # fmt: skip


def offer_page(actor: Actor, customer_id: int, release_id: int, after: int = 0) -> dict[str, Any]:
    offer = entitled.offer(actor, customer_id, release_id)
    release = offer.release
    blobs = entitled.blobs_of(offer.files)
    there = Actor.system(customer_id, name=actor.name)
    units: list[dict[str, Any]] = []
    following = None
    if offer.needs.affected and release.version_name and any(file.kind == "patch" for file in offer.files):
        units, following = report.units_for(there, release, "affected", customer_id, PER_PAGE, after)
    files = [
        {"file": one, "blob": blobs[one.blob_id], "kind": word("kind", one.kind),
         "url": url_for("sendbig.fetch_patch_file", release_file_id=one.id)}
        for one in offer.files if one.blob_id in blobs
    ]  # fmt: skip
    return {
        "offer": offer, "release": release, "product": fetch(Product, actor, release.product_id), "files": files,
        "range": affected_by(release), "units": units, "next": following, "mark": said(release),
        "receipts": report.receipts(there, release, customer_id, FEW),
        "may_install": actor.can("sendbig.install", customer_id),
    }  # fmt: skip


def unit_panel(actor: Actor, unit_id: int, *, licence: bool = False) -> dict[str, Any]:
    """The panel of a unit: what it runs, which patches wait for it. Nothing for whom the plugin is closed."""
    unit = (installed.licence_unit if licence else installed.asset_unit)(actor, unit_id)
    if not actor.can("sendbig.view", unit.customer_id):
        return {}
    known = installed.known(actor, unit)
    waiting, covered = entitled.of_unit(actor, unit, known)
    return {
        "unit": unit, "known": known, "covered": covered,
        "waiting": [{"id": one.release.id, "title": one.release.title, "version": one.release.version_name,
                     "problem": one.release.problem} for one in waiting],
        "may_install": actor.can("sendbig.install", unit.customer_id),
    }  # fmt: skip


def versions_page(actor: Actor, customer_id: int, state: str, after: int) -> dict[str, Any]:
    """The customer's units with the versions that they are known to run."""
    rows, following = report.fleet(actor, customer_id, state, PER_PAGE, after)
    names = product_names(actor, {one["product_id"] for one in rows})
    return {"units": [{**one, "product": names.get(one["product_id"], "")} for one in rows], "next": following}
