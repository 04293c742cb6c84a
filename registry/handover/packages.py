"""Verbs about packages: ask for one, make it in the worker, hand it out, let it expire."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from typing import IO, Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import get_customer
from registry.handover import disclosure
from registry.handover.models import Package
from registry.handover.packing import Packing
from registry.kernel import access, clock, files, locks
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.codes import Code
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, NotFound, Problem
from registry.kernel.jobs import NotNow, job
from registry.kernel.language import _
from registry.kernel.logs import log
from registry.kernel.writing import change, create, note

access.declare(Permission("package.make", "Have a package of all data of a customer made, and take it away"))

KEPT_FOR = timedelta(days=7)
QUEUED_FOR = timedelta(hours=1)  # after that a package that nobody works at is given up
OPEN = ("queued", "running")


def request_package(actor: Actor, slug: str, values: Mapping[str, Any] | None = None) -> Package:
    """Ask for a package; the worker makes it (`handover.make_package`). values: for_third_party, a recipient.

    Licence keys are readable in it if the actor may see keys. Raises Conflict while another one is being made.
    """
    customer = get_customer(actor, slug)
    actor.must("package.make", customer.id)
    recipient = (values or {}).get("for_third_party")
    if recipient:
        disclosure.check(actor, customer, recipient, disclosure.PACKAGE)
    row = {
        "customer_id": customer.id, "requested_by": actor.name, "requested_by_id": actor.user_id,
        "recipient": recipient, "with_keys": actor.can("licence.key", customer.id),
    }  # fmt: skip
    with transaction():
        fetch(Customer, Actor.system(), customer.id, lock=True)  # two at once: one waits, then finds the other's
        mine = visible(Package, Actor.system(customer.id)).where(Package.customer_id == customer.id)
        if mine.where(Package.state.in_(OPEN)).exists():
            raise Conflict(_("A package of this customer is being made already."), code="already_running")
        return create(actor, Package, row, Action.PACKAGE_REQUESTED)


def get_package(actor: Actor, package_id: int) -> Package:
    found: Package = fetch(Package, actor, package_id)
    actor.must("package.make", found.customer_id)
    return found


def progress_of(package: Package) -> dict[str, Any] | None:
    """{rows, total} while it is being made."""
    return locks.progress(_lock(package.id)) if package.state in OPEN else None


def _lock(package_id: int) -> str:
    return f"package-{package_id}"


@job("handover.make_package")
def make_package(package_id: int, customer_id: int) -> None:
    """In the worker. One whose worker was killed is begun anew, since nothing of it was kept."""
    actor = Actor.system(customer_id, name="package", kind="job")
    package = visible(Package, actor).where(Package.id == package_id).first()
    if package is None or package.state not in OPEN:
        return
    try:
        with locks.held(_lock(package_id)):
            _make(actor, package)
    except locks.Taken:  # by a worker that seemed to be gone
        raise NotNow() from None
    except Exception as error:
        _fail(actor, package, error)
        if not isinstance(error, Problem):
            raise


def _make(actor: Actor, package: Package) -> None:
    customer = visible(Customer, actor).where(Customer.id == package.customer_id).get()
    key = files.new_key(customer.id)
    if package.file_key:  # left by a worker that was killed
        files.store().delete(package.file_key)
    with transaction():
        Package.update(state="running", file_key=key).where(Package.id == package.id).execute()
    with tempfile.TemporaryFile() as scratch:  # without a name: it is gone with the process, however that ends
        manifest = pack(customer, scratch, with_keys=package.with_keys, made_for=_made_for(package), lock=package.id)
        scratch.seek(0)
        kept = files.store().put(key, scratch)
    now = clock.now()
    values = {
        "state": "done", "rows": sum(manifest["tables"].values()), "file_key": kept.key, "size": kept.size,
        "sha256": kept.sha256, "chain_length": manifest["chain"]["length"], "chain_head": manifest["chain"]["head"],
        "made_at": now, "expires_at": now + KEPT_FOR, "error": None,
    }  # fmt: skip
    fresh = visible(Package, actor).where(Package.id == package.id).get()
    change(actor, fresh, values, Action.PACKAGE_MADE, version=fresh.version)


def pack(customer: Customer, target: IO[bytes], *, with_keys: bool, made_for: str, lock: int | None) -> dict[str, Any]:
    """Write the package of `customer` to `target`; answers its manifest. `lock`: the package that waits for it."""

    def told(rows: int, total: int) -> None:
        if lock is not None:
            locks.report(_lock(lock), {"rows": rows, "total": total})

    return Packing(customer, target, with_keys=with_keys, made_for=made_for, told=told).write()


def _made_for(package: Package) -> str:
    return str(package.recipient or package.requested_by)


def _fail(actor: Actor, package: Package, error: Exception) -> None:
    told = error.message if isinstance(error, Problem) else _("It was broken off by a fault of this installation.")
    log.warning("package_failed", package=package.id, error=repr(error))
    fresh = visible(Package, actor).where(Package.id == package.id).first()
    if fresh is not None:
        change(actor, fresh, {"state": "failed", "error": told}, Action.PACKAGE_FAILED, version=fresh.version)


def take_package(actor: Actor, package_id: int, recipient: str | None = None) -> Package:
    """Let the actor have the file, and put that on record. `recipient`: the third party he fetches it for.

    Raises Refused without an approval for a third party, NotFound when there is no file (yet, or any more).
    """
    package = get_package(actor, package_id)
    if package.with_keys:
        actor.must("licence.key", package.customer_id)
    if package.state != "done" or not package.file_key:
        raise NotFound(
            _(
                "There is no file to fetch. State of the package: %(state)s.",
                state=Code("package_state", package.state),
            )
        )
    wanted = recipient or package.recipient
    customer = visible(Customer, actor).where(Customer.id == package.customer_id).get()
    approval = disclosure.check(actor, customer, wanted, disclosure.PACKAGE) if wanted else None
    own = disclosure.own_people(actor, customer.id) and approval is None
    purpose = "third party" if approval else "own data" if own else "own work"
    told = {"sha256": package.sha256, "purpose": purpose, "recipient": wanted, "approval": approval and approval.id}
    with transaction():
        note(actor, Action.PACKAGE_TAKEN, package, after=told)
    return package


def arrived(actor: Actor, package: Package, recipient: str | None = None) -> None:
    """The last byte of the whole file has left. Fetched by the customer's own people for themselves: handed over."""
    if recipient or package.recipient or not disclosure.own_people(actor, package.customer_id):
        return
    first = (Package.id == package.id) & Package.handed_over_at.is_null()
    Package.update(handed_over_at=clock.now(), handed_over_to=actor.name).where(first).execute()


@job("handover.expire_packages", minutes=60)
def expire_packages() -> int:
    """Delete files whose time is over, and give up what nobody works at."""
    now, count = clock.now(), 0
    over = (Package.state == "done") & (Package.expires_at < now)
    for package in list(visible(Package, Actor.system()).where(over)):
        files.store().delete(package.file_key)
        actor = Actor.system(package.customer_id, name="package", kind="job")
        gone = {"state": "expired", "file_key": None}
        change(actor, package, gone, Action.PACKAGE_EXPIRED, version=package.version)
        count += 1
    stale = Package.state.in_(OPEN) & (Package.changed_at < now - QUEUED_FOR)
    for package in list(visible(Package, Actor.system()).where(stale)):
        if not locks.is_held(_lock(package.id)):
            actor = Actor.system(package.customer_id, name="package", kind="job")
            _fail(actor, package, Problem(_("Nobody has made it; ask for it again.")))
    return count
