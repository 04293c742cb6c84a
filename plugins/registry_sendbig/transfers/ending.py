"""What ends or goes on by itself: transfers that expire, drafts that nobody finished, reminders, visits left open.

Called every few minutes; whatever a process that died left half done is taken up here, too.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from registry.sdk import Actor, Problem, clock, fetch, transaction, visible
from registry_sendbig.models import Transfer, Upload
from registry_sendbig.requests import service as asking
from registry_sendbig.transfers import letters, sharing
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.reach import files_of, recipients_of

ABANDONED = timedelta(days=7)  # a draft that nobody has touched
LEFT = timedelta(hours=1)  # a visit by a request: whoever sent the files has closed the page without a word
REMIND = timedelta(hours=24)  # before the end
EVERYBODY = "sendbig"
AT_ONCE = 500


def tend() -> int:
    """Answers how many transfers have changed. One that fails is in nobody else's way: it is tried again next time."""
    return sum(
        (
            _each(_where(Transfer.state == "checking"), _open),
            _each(_where(_unfinished_visits()), _hand_over),
            _each(_where(_over()), _expire),
            _each(_where(_abandoned()), _abandon),
            _each(_where(_about_to_end()), _remind),
        )
    )


def _where(condition: Any) -> list[Transfer]:
    everybody = Actor.system(name=EVERYBODY, kind="job")
    return list(visible(Transfer, everybody).where(condition).order_by(Transfer.id).limit(AT_ONCE))


def _each(found: Iterable[Transfer], do: Callable[[Actor, Transfer], bool]) -> int:
    done = 0
    for one in found:
        actor = Actor.system(one.customer_id, name=EVERYBODY, kind="job")
        try:
            with transaction():
                done += do(actor, fetch(Transfer, actor, one.id, lock=True))
        except Problem:
            continue
    return done


def _over() -> Any:
    return Transfer.state.in_(("checking", "open")) & (Transfer.expires_at <= clock.now())


def _abandoned() -> Any:
    return (Transfer.state == "draft") & (Transfer.changed_at <= clock.now() - ABANDONED)


def _unfinished_visits() -> Any:
    quiet = Transfer.changed_at <= clock.now() - LEFT
    return (Transfer.state == "draft") & Transfer.request.is_null(False) & quiet


def _about_to_end() -> Any:
    soon = (Transfer.expires_at > clock.now()) & (Transfer.expires_at <= clock.now() + REMIND)
    return (Transfer.state == "open") & Transfer.reminded_at.is_null() & Transfer.request.is_null() & soon


def _open(actor: Actor, transfer: Transfer) -> bool:
    return bool(transfers.open_if_ready(actor, transfer).state == "open")


def _expire(actor: Actor, transfer: Transfer) -> bool:
    return _end(actor, transfer, transfer.state in ("checking", "open"), "expired")


def _abandon(actor: Actor, transfer: Transfer) -> bool:
    """Not while bytes are still coming, slowly."""
    coming = visible(Upload, actor).where((Upload.transfer == transfer.id) & (Upload.last_at > clock.now() - ABANDONED))
    return _end(actor, transfer, transfer.state == "draft" and not coming.exists(), "abandoned")


def _end(actor: Actor, transfer: Transfer, due: bool, reason: str) -> bool:
    if due:
        transfers.end(actor, transfer, reason)
    return due


def _hand_over(actor: Actor, transfer: Transfer) -> bool:
    """What has come is handed over; what will never come is not waited for."""
    there = files_of(transfer)
    coming = any(one.state == "receiving" for one in there)
    quiet = not any(one.changed_at > clock.now() - LEFT for one in there)
    if coming or not quiet or not any(one.state in ("checking", "kept", "stuck") for one in there):
        return False
    asking.hand_over(actor, transfer)
    return True


def _remind(actor: Actor, transfer: Transfer) -> bool:
    """Those who have fetched nothing, unless the transfer has just been opened."""
    Transfer.update(reminded_at=clock.now()).where(Transfer.id == transfer.id).execute()
    if transfer.opened_at is None or transfer.opened_at > clock.now() - REMIND:
        return False
    waiting = [one for one in recipients_of(transfer) if one.email and one.first_at is None and one.revoked_at is None]
    told = [one for one in waiting if sharing.may_know(transfer, one)]
    letters.remind(actor, transfer, *told)
    return bool(told)
