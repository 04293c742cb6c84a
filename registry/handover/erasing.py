"""Erasing a customer after the hand-back: in batches, resumable at any point, ending with a signed certificate."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import get_customer
from registry.handover import belongings, deleting, leaving, letters, scrubbing
from registry.handover.belongings import Owner
from registry.handover.certificate import mark_of, sealed
from registry.handover.models import Departure, Erasure
from registry.handover.values import plain
from registry.imports import store as imports
from registry.imports.models import ImportSession
from registry.kernel import audit, clock, files, locks
from registry.kernel.access import Actor, fetch
from registry.kernel.db import transaction
from registry.kernel.errors import Busy, Conflict, Invalid, NotFound, Problem
from registry.kernel.files import keyring
from registry.kernel.jobs import NotNow, job
from registry.kernel.language import _
from registry.kernel.logs import log
from registry.kernel.writing import ANY_VERSION, change, note
from registry.people.models import User
from registry.people.service import end_everything

JOB = "handover.erase"
STAGES = ("letters", "rows", "chain", "last", "files", "scrub", "certificate")


def request_erasure(actor: Actor, slug: str, confirm: str, *, scrub: bool = True) -> Erasure:
    """Have everything about a customer erased; the worker does it (`handover.erase`). His people are shut out at once.

    `confirm`: the short name, typed again. `scrub`: rewrite the database's files, too. Raises Conflict (not_settled)
    naming what is open.
    """
    customer = get_customer(actor, slug)
    actor.must("customer.erase", customer.id)
    if confirm != slug:
        raise Invalid.field("confirm", _("Type the customer's short name: this cannot be undone."))
    with transaction():
        fetch(Customer, actor, customer.id, lock=True)
        departure = leaving.must_be_settled(actor, customer)
        if Erasure.select().where(Erasure.former_id == customer.id).exists():
            raise Conflict(_("This customer is being erased already."), code="already_running")
        made = Erasure.create(**_new(actor, customer, departure, scrub))
        _shut(actor, customer, made.people)
        note(actor, Action.ERASURE_REQUESTED, customer, after={"number": made.number, "scrub": scrub})
    return made


def _new(actor: Actor, customer: Customer, departure: Departure, scrub: bool) -> dict[str, Any]:
    owner, salt = belongings.owner_of(customer.id), secrets.token_hex(16)
    conditions = {
        "scrub": scrub, "settled": _settled(departure), "total": deleting.total(owner),
        "house_entries": letters.entries_of_house(owner), "copies": scrubbing.copies(),
    }  # fmt: skip
    return {
        "number": f"E-{secrets.token_hex(5).upper()}", "former_id": customer.id, "salt": salt,
        "mark": mark_of(salt, customer.slug), "stage": STAGES[0], "people": list(owner.people),
        "conditions": conditions, "requested_by": actor.name, "requested_at": clock.now(),
    }  # fmt: skip


def _settled(departure: Departure) -> dict[str, Any]:
    """Without words that somebody typed: they may name him."""
    found: dict[str, Any] = {"leaving_announced_on": plain(departure.announced_on), "contracts": "ended",
                             "custody": "everything returned", "approvals": "ended"}  # fmt: skip
    package = leaving.handed_package(departure)
    if package is not None:
        return {**found, "package_sha256": package.sha256, "package_fetched_at": plain(package.handed_over_at)}
    paper = hashlib.sha256(str(departure.waiver_reference).encode()).hexdigest()
    return {**found, "package_waived_on": plain(departure.waiver_on), "sha256_of_waiver_reference": paper}


def _shut(actor: Actor, customer: Customer, people: list[int]) -> None:
    change(actor, customer, {"active": False}, Action.CUSTOMER_CHANGED, version=ANY_VERSION)
    for user_id in people:
        User.update(active=False).where(User.id == user_id).execute()
        end_everything(user_id)


def get_erasure(actor: Actor, erasure_id: int) -> Erasure:
    actor.must("customer.erase")
    found = Erasure.get_or_none(Erasure.id == erasure_id) if erasure_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def progress_of(erasure: Erasure) -> dict[str, Any] | None:
    """{stage, rows, total} until it is done."""
    if erasure.state == "done":
        return None
    rows = sum(count for table, count in erasure.counts.items() if not table.startswith("~"))
    return {"stage": erasure.stage, "rows": rows, "total": erasure.conditions["total"]}


def _lock(erasure_id: int) -> str:
    return f"erasure-{erasure_id}"


@job(JOB, retries=20)
def erase(erasure_id: int, customer_id: int) -> None:
    """In the worker, or on the command line: go on where it stopped, to the certificate."""
    erasure = Erasure.get_or_none((Erasure.id == erasure_id) & (Erasure.former_id == customer_id))
    if erasure is None or erasure.state == "done":
        return
    try:
        with locks.held(_lock(erasure_id)):
            Erasing(erasure).go_on()
    except locks.Taken:
        raise NotNow() from None
    except Exception as error:
        told = error.message if isinstance(error, Problem) else type(error).__name__
        Erasure.update(state="failed", error=told).where(Erasure.id == erasure_id).execute()
        log.warning("erasure_failed", erasure=erasure.number, stage=erasure.stage, error=type(error).__name__)
        raise


class Erasing:
    """Each stage may be broken off anywhere and begun again: what it has done stays done, and is counted once."""

    def __init__(self, erasure: Erasure) -> None:
        self.erasure = erasure
        self.owner = Owner(erasure.former_id, tuple(erasure.people))

    def go_on(self) -> None:
        Erasure.update(state="running", error=None).where(Erasure.id == self.erasure.id).execute()
        for stage in STAGES[STAGES.index(self.erasure.stage) :]:
            getattr(self, f"_{stage}")()
            following = STAGES[min(STAGES.index(stage) + 1, len(STAGES) - 1)]
            self._store(stage=following)

    def _store(self, **values: Any) -> None:
        Erasure.update(**values).where(Erasure.id == self.erasure.id).execute()
        for name, value in values.items():
            setattr(self.erasure, name, value)

    def _counted(self, table: str, rows: int) -> None:
        """In the transaction that deletes: after a crash the two agree."""
        found = Erasure.get_by_id(self.erasure.id).counts
        if rows:
            self._store(counts={**found, table: found.get(table, 0) + rows})

    def _letters(self) -> None:
        """First, while the addresses are known - but for the key of his encrypted files: without it these are gone,
        whatever becomes of their bytes."""
        with transaction():
            self._counted("file_key", keyring.drop(self.owner.id))
        length, head = deleting.chain_of(self.owner.id)
        self._store(conditions={**self.erasure.conditions, "chain": {"length": length, "head": head}})
        if "~files" not in self.erasure.counts:  # once, and before the first goes: a second run finds the rest alone
            plain = sum(map(_readable, self._lying()))
            self._store(conditions={**self.erasure.conditions, "plain_files": plain})
            self._counted("~files", len(self._keys()))
        for [key] in list(belongings.select(ImportSession, self.owner, ImportSession.file_key).tuples()):
            imports.remove(key)  # version 0.1 kept them outside of the file store
        addresses = letters.addresses_of(self.owner)
        self._counted("~letters", letters.forget_letters(letters.doomed(self.owner, addresses)))
        self._counted("~jobs", letters.forget_jobs(self.owner.id, addresses, except_for=JOB))

    def _rows(self) -> None:
        deleting.delete_rows(self.owner, self._counted)

    def _chain(self) -> None:
        deleting.delete_chain(self.owner, self._counted)

    def _last(self) -> None:
        """After this transaction nothing can be added any more: there is no customer that it could belong to."""
        with transaction():
            letters.forget_errors()
            deleting.delete_last(self.owner, self._counted)
            self._counted("~jobs", letters.forget_jobs(self.owner.id, frozenset(), except_for=JOB))

    def _files(self) -> None:
        """A store that does not answer keeps an erasure waiting while there is something in it that can be read."""
        keyring.drop(self.owner.id)  # something may have been put meanwhile
        with self._unreadable_may_stay():
            for key, place in sorted(self._arriving(), key=lambda one: files.is_encrypted(one[0])):
                files.abort(key, place)
            for key in sorted(self._keys(), key=files.is_encrypted):
                files.store().delete(key)

    @contextmanager
    def _unreadable_may_stay(self) -> Iterator[None]:
        try:
            yield
        except Problem as problem:
            try:
                left = self._lying()
            except Problem:
                left = None
            plain = self.erasure.conditions["plain_files"] if left is None else any(map(_readable, left))
            if plain:
                raise
            log.warning("encrypted_files_stay", erasure=self.erasure.number, error=problem.message)
            self._store(conditions={**self.erasure.conditions, "unreadable_files": len(left or ())})

    def _lying(self) -> list[str]:
        """Keys of all bytes of his, uploads in progress among them."""
        return [*self._keys(), *(key for key, _place in self._arriving())]

    def _arriving(self) -> list[tuple[str, str]]:
        return [(key, place) for key, place, _ in files.unfinished() if files.owner_of(key) == self.owner.id]

    def _keys(self) -> list[str]:
        return list(files.store().keys(files.folder_of(self.owner.id)))

    def _scrub(self) -> None:
        if self.erasure.conditions["scrub"]:
            scrubbing.scrub()

    def _certificate(self) -> None:
        left = deleting.left_over(self.owner)
        if left or ("unreadable_files" not in self.erasure.conditions and self._lying()):
            raise Problem(_("Something is left: %(left)s.", left=left or "files"))
        self.erasure = Erasure.get_by_id(self.erasure.id)
        text, signature = sealed(self.erasure)
        with transaction():
            self._store(state="done", certificate=text, signature=signature, finished_at=clock.now(), people=[])
            told = {"number": self.erasure.number, "former_id": self.owner.id,
                    "certificate_sha256": hashlib.sha256(text.encode()).hexdigest()}  # fmt: skip
            entry = audit.Entry(Action.CUSTOMER_ERASED, "erasure", self.erasure.id, self.erasure.label, None, told)
            audit.record(Actor.system(name="erasure", kind="job"), None, [entry])


def _readable(key: str) -> bool:
    return not files.is_encrypted(key)


def resume(erasure: Erasure) -> None:
    """On the command line: carry on in this process. Raises Busy when a worker is at it."""
    try:
        erase(erasure_id=erasure.id, customer_id=erasure.former_id)
    except NotNow:
        raise Busy(_("A worker is at it already; look again in a moment.")) from None


def unfinished() -> list[Erasure]:
    return list(Erasure.select().where(Erasure.state != "done").order_by(Erasure.id))
