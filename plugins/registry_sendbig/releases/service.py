"""The verbs of releases: a patch, documents, or both for a product of the house's catalogue.

Which file of a release is the patch and which a document to read, and whether one is for contract users or for all, is
said for each file.
"""

from collections.abc import Mapping
from typing import Any

from registry.sdk import (
    Actor,
    Conflict,
    Invalid,
    NotFound,
    _,
    change,
    clock,
    create,
    enqueue,
    fetch,
    product_by,
    remove,
    transaction,
    visible,
)
from registry_sendbig.models import File, Release
from registry_sendbig.releases import versions
from registry_sendbig.transfers.reach import must_match

FILE_KINDS = ("patch", "document")
AUDIENCES = ("contract", "all")
VERSIONS = ("version_name", "from_version", "below_version")


def release_of(actor: Actor, release_id: int, *, lock: bool = False) -> Release:
    """For the operator's people. Raises NotFound."""
    found: Release = fetch(Release, actor, release_id, lock=lock)
    actor.must("sendbig.survey")
    if found.customer_id is not None:  # it came with a customer from another house: a record of what he took there
        raise NotFound()
    return found


def for_writing(actor: Actor, release_id: int) -> Release:
    found = release_of(actor, release_id, lock=True)
    actor.must("sendbig.release")
    return found


def files_of(actor: Actor, release: Release) -> list[File]:
    return list(visible(File, actor).where(File.release == release.id).order_by(File.id))


def create_release(actor: Actor, values: Mapping[str, Any]) -> Release:
    """values: product (of the house's catalogue: id, part number or name), title, version_name, from_version,
    below_version, problem, known_error, note. Raises Invalid naming the field."""
    actor.must("sendbig.release")
    ready = dict(values)
    product = product_by(actor, ready.pop("product"))
    return create(actor, Release, {"product_id": product.id, **_with_keys(ready)}, "sendbig.release_drafted")


def change_release(actor: Actor, release_id: int, values: Mapping[str, Any], version: int | None) -> Release:
    """Of a draft everything but the product; once published its version stays, since units run it."""
    with transaction():
        release = for_writing(actor, release_id)
        named = values.get("version_name", release.version_name)
        if release.state != "draft" and named != release.version_name:
            raise Conflict(_("It is published under this version. Withdraw it and publish another one."), code="state")
        told = {name: values.get(name, getattr(release, name)) for name in VERSIONS}
        ready = {**values, **_with_keys(told)}
        return change(actor, release, ready, "sendbig.release_changed", version=version)


def _with_keys(values: dict[str, Any]) -> dict[str, Any]:
    """The versions with the keys that order them. Raises Invalid for a range that is none."""
    own, first, below = (values.get(name, "") for name in VERSIONS)
    for name in VERSIONS:
        if values.get(name) and not versions.sound(values[name]):
            raise Invalid.field(name, _("A version has a letter or a digit, such as 1.10 or 15.2(4)E7."))
    end = below or own
    if first and not end:
        raise Invalid.field("from_version", _("Say which version the patch brings, or before which one it is needed."))
    if below and own and versions.key(below) > versions.key(own):
        raise Invalid.field(
            "below_version", _("Units that have the patch would still need it: give its version at most.")
        )
    if first and versions.key(first) >= versions.key(end):
        raise Invalid.field("from_version", _("No version lies in this range: give one before %(end)s.", end=end))
    keys = {"from_rank": versions.key(first) if first else "", "below_rank": versions.key(end) if end else ""}
    return {**values, **keys}


def publish(actor: Actor, release_id: int, version: int | None) -> Release:
    """Offer it to those who are entitled, who are written to by a job. Raises Conflict for one without whole files."""
    with transaction():
        release = for_writing(actor, release_id)
        must_match(release, version)
        if release.state != "draft":
            raise Conflict(_("Only a draft is published."), code="state")
        _must_be_ready(release, files_of(actor, release))
        ready = {"state": "published", "published_at": clock.now(), "published_by": actor.name}
        change(actor, release, ready, "sendbig.release_published", version=version)
        enqueue("sendbig.tell_releases")
        return release


def _must_be_ready(release: Release, files: list[File]) -> None:
    if not files:
        raise Conflict(_("There is no file to offer: add one first."), code="no_files")
    waiting = [file.name for file in files if file.state != "kept"]
    if waiting:
        names = ", ".join(waiting)
        raise Conflict(_("These files are not verified: %(names)s. Wait, or remove them.", names=names), code="files")
    if not release.version_name and any(file.kind == "patch" for file in files):
        raise Conflict(_("Say which version a unit has once the patch is on it."), code="no_version")


def withdraw(actor: Actor, release_id: int, reason: str, version: int | None) -> Release:
    """Nobody gets it any more; those who took it are told why."""
    with transaction():
        release = for_writing(actor, release_id)
        must_match(release, version)
        if release.state != "published":
            raise Conflict(_("Only what is published is withdrawn."), code="state")
        if not reason.strip():
            raise Invalid.field("reason", _("Say why: those who have taken it will read it."))
        ready = {"state": "withdrawn", "withdrawn_at": clock.now(), "withdrawn_reason": reason, "told_at": None}
        change(actor, release, ready, "sendbig.release_withdrawn", version=version)
        enqueue("sendbig.tell_releases")
        return release


def remove_release(actor: Actor, release_id: int, version: int | None) -> None:
    """A draft that is not wanted, with its files."""
    with transaction():
        release = for_writing(actor, release_id)
        if release.state != "draft":
            raise Conflict(_("It was published: withdraw it, and the record of who took it stays."), code="state")
        for file in files_of(actor, release):
            remove(actor, file, "sendbig.file_removed", version=file.version)
        remove(actor, release, "sendbig.release_removed", version=version)


# --- Files -------------------------------------------------------------------------------------------------


def file_of(actor: Actor, file_id: int) -> File:
    """A file of a release, for the operator's people. Raises NotFound."""
    file: File = fetch(File, actor, file_id)
    if file.release_id is None:
        raise NotFound()
    release_of(actor, file.release_id)
    return file


def change_file(actor: Actor, file_id: int, values: Mapping[str, Any], version: int | None) -> File:
    """values: kind (patch, document), audience (contract, all)."""
    with transaction():
        file = file_of(actor, file_id)
        release = for_writing(actor, file.release_id)
        if release.state == "withdrawn":
            raise Conflict(_("It was withdrawn: its files stay as they were."), code="state")
        new_patch = values.get("kind", file.kind) == "patch"
        if new_patch and release.state == "published" and not release.version_name:
            raise Conflict(_("A published release without a version has documents only."), code="no_version")
        return change(actor, file, values, "sendbig.file_marked", version=version)


def remove_file(actor: Actor, file_id: int, version: int | None) -> None:
    """Of a draft. What was published stays, since people have taken it; one that never became whole can go."""
    with transaction():
        file = file_of(actor, file_id)
        release = for_writing(actor, file.release_id)
        if release.state != "draft" and file.state == "kept":
            raise Conflict(_("It was published: withdraw the whole release."), code="state")
        remove(actor, file, "sendbig.file_removed", version=version)
