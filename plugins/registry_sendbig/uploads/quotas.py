"""How much may come: asked and reserved before the first byte is sent, so that nobody learns it after an hour."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peewee import fn

from registry.sdk import Actor, Taken, _, files, held, sum_over_all, visible
from registry_sendbig import preferences
from registry_sendbig.models import Blob, File, Upload
from registry_sendbig.preferences import GB
from registry_sendbig.uploads.problems import Locked, NoSpace, TooMuch

UNLIMITED = 2**60
PATIENCE = 5.0  # seconds
LARGEST = 5 * 1000 * GB  # of one file: what S3 takes


def amount(size: int) -> str:
    """1500000 as 1.5 MB."""
    for unit, one in (("TB", 1000 * GB), ("GB", GB), ("MB", GB // 1000)):
        if size >= one:
            return f"{size / one:.1f} {unit}"
    return f"{max(size, 0) / 1000:.1f} kB"


@contextmanager
def one_at_a_time(customer_id: int | None) -> Iterator[None]:
    """Two that begin at once must not both get the last of the space. Raises Locked."""
    try:
        with held(f"sendbig-quota-{customer_id or 0}", patience=PATIENCE):
            yield
    except Taken:
        raise Locked() from None


def used(customer_id: int | None) -> int:
    """Bytes that are kept for this customer, and those that were promised to uploads. A file kept once counts once."""
    actor = Actor.system(customer_id)
    kept = visible(Blob, actor, fn.SUM(Blob.size)).where(_of(Blob, customer_id) & Blob.gone_at.is_null())
    coming = _coming(actor).where(_of(Upload, customer_id))
    return _number(kept) + _number(coming)


def used_by(transfer: Any) -> int:
    """Bytes of the files of a transfer, and of parts that are to be put together into such."""
    actor = Actor.system(transfer.customer_id)
    here = (File.transfer == transfer.id) & (File.state != "refused")
    parts = _coming(actor).where((Upload.transfer == transfer.id) & Upload.partial)
    return _number(visible(File, actor, fn.SUM(File.size)).where(here)) + _number(parts)


def _of(model: Any, customer_id: int | None) -> Any:
    return model.customer_id.is_null() if customer_id is None else model.customer_id == customer_id


def _coming(actor: Actor) -> Any:
    """Parts are counted until one is put together from them."""
    promised = fn.COALESCE(Upload.size, Upload.arrived)
    return visible(Upload, actor, fn.SUM(promised)).where(Upload.settled_at.is_null())


def _number(query: Any) -> int:
    return int(query.scalar() or 0)


def room(customer_id: int | None, transfer: Any) -> int:
    """Bytes that may still be promised. The house sets itself no limit but its disk."""
    if customer_id is None:
        return UNLIMITED
    rules = preferences.rules(customer_id)
    left = rules["quota_gb"] * GB - used(customer_id)
    return left if transfer is None else min(left, rules["transfer_gb"] * GB - used_by(transfer))


def reserve(customer_id: int | None, transfer: Any, size: int | None, *, files_more: int = 1) -> None:
    """Raise TooMuch or NoSpace, saying by how much, unless a file of this size (None: not known yet) may come. Within
    one_at_a_time() and the transaction that makes its row."""
    needed = size or 0
    if needed > LARGEST:
        raise TooMuch(_("One file can have %(most)s at most.", most=amount(LARGEST)))
    if customer_id is not None:
        _within_quota(customer_id, needed)
    if transfer is not None:
        _within_transfer(transfer, needed, files_more)
    must_fit_on_disk(needed + promised())


def _within_quota(customer_id: int, needed: int) -> None:
    most, taken = preferences.rules(customer_id)["quota_gb"] * GB, used(customer_id)
    if taken + max(needed, 1) > most:
        raise TooMuch(
            _(
                "The space for large files does not suffice: %(taken)s of %(most)s are taken, and this file needs "
                "%(needed)s. End transfers that nobody needs any more, or ask for more space.",
                taken=amount(taken), most=amount(most), needed=amount(needed),
            ),
            code="quota",
        )  # fmt: skip


def _within_transfer(transfer: Any, needed: int, files_more: int) -> None:
    rules, taken = preferences.rules(transfer.customer_id), used_by(transfer)
    most = rules["transfer_gb"] * GB
    if taken + max(needed, 1) > most:
        raise TooMuch(
            _(
                "A transfer holds %(most)s at most: %(taken)s are taken, and this file needs %(needed)s. Send it in "
                "another transfer.", taken=amount(taken), most=amount(most), needed=amount(needed),
            ),
            code="transfer_size",
        )  # fmt: skip
    there = visible(File, Actor.system(transfer.customer_id)).where(File.transfer == transfer.id).count()
    if there + files_more > rules["most_files"]:
        text = _("A transfer holds %(most)s files at most. Pack them into an archive.", most=rules["most_files"])
        raise TooMuch(text, code="most_files")


def promised() -> int:
    """Bytes that uploads of all customers may still bring."""
    still = fn.COALESCE(Upload.size, Upload.arrived) - Upload.arrived
    unfinished = Upload.whole_at.is_null() & (Upload.concat == "")
    return max(0, sum_over_all(Upload, still, unfinished))


def must_fit_on_disk(needed: int) -> None:
    """Raise NoSpace unless so many bytes fit beside the space that is to stay free. A store elsewhere has no disk."""
    place = files.raw_store().local(files.new_key(None))
    if place is None:
        return
    free = shutil.disk_usage(_there(place)).free - preferences.house()["spare_gb"] * GB
    if needed > free:
        text = _(
            "The disk has no space for this file: %(free)s are free for uploads. Tell the operator, or try later.",
            free=amount(free),
        )
        raise NoSpace(text)


def _there(place: Path) -> Path:
    """The nearest folder that exists already."""
    return next(each for each in place.parents if each.is_dir())
