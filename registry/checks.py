"""`assetcare check`: what an operator wants to know before he lets people in, one finding a line."""

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from registry.kernel import (
    audit,
    clock,
    copying,
    db,
    events,
    installation,
    jobs,
    mail,
    migrate,
    schema,
    secrets,
    tickets,
    timetable,
    wall,
)
from registry.kernel.language import _
from registry.settings import Settings

OK, ADVICE, FAULT = "ok", "advice", "fault"
LEAST_FREE_BYTES, LITTLE_FREE_SHARE = 200 * 1024 * 1024, 0.05
MOST_SKEW_SECONDS, WAITED_LONG_SECONDS = 5.0, 900
WORKER_LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """`state` is ok, advice (all works, but it is not fit for strangers) or fault. `text` says what to do."""

    subject: str
    state: str
    text: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


Check = Callable[[Settings], Iterator[Finding]]
CHECKS: list[tuple[str, Check]] = []


def check(subject: str) -> Callable[[Check], Check]:
    def register(function: Check) -> Check:
        CHECKS.append((subject, function))
        return function

    return register


def run(settings: Settings, *, chains: bool = True) -> Iterator[Finding]:
    """Every finding in order. `chains` False leaves out the audit chains, which take ten seconds for a million rows.

    One check that breaks is a fault of its own and keeps no other from being made.
    """
    for more in ("registry.checks_of_files", "registry.checks_of_plugins"):
        importlib.import_module(more)
    for subject, function in CHECKS:
        if subject == "audit chains" and not chains:
            continue
        try:
            yield from function(settings)
        except Exception as error:
            yield _fault(subject, "could not be checked: %(error)s", error=f"{type(error).__name__}: {error!s:.300}")


def _finding(state: str, subject: str, text: str, **values: Any) -> Finding:
    return Finding(subject, state, _(text, **values))


_ok, _advice, _fault = partial(_finding, OK), partial(_finding, ADVICE), partial(_finding, FAULT)


# --- This host ----------------------------------------------------------------------------------------------


@check("secret")
def _secret(settings: Settings) -> Iterator[Finding]:
    secret = secrets.load_secret(settings.data, settings.secret or None)
    file = _("%(file)s; keep it with your backups", file=settings.data / "secret")
    where = "ASSETCARE_SECRET" if settings.secret else file
    yield _ok("secret", "strong, from %(where)s", where=where)
    known = None if migrate.pending() else installation.known_secret()
    if known is not None and known != installation.fingerprint(secret):
        yield _fault("secret", "The database belongs to another secret: give every host the same ASSETCARE_SECRET.")
    if not settings.secret and not settings.embedded:
        yield _advice("secret", "Set ASSETCARE_SECRET: a second host would make another secret and be refused.")


@check("data folder")
def _data(settings: Settings) -> Iterator[Finding]:
    folder = settings.data
    mode = folder.stat().st_mode & 0o777
    if mode & 0o077:
        yield _fault("data folder", "%(folder)s is open to others (mode %(mode)s): chmod 700 it.",
                     folder=folder, mode=format(mode, "o"))  # fmt: skip
    elif not os.access(folder, os.W_OK):
        yield _fault("data folder", "%(folder)s cannot be written.", folder=folder)
    else:
        yield _ok("data folder", "%(folder)s, for this account alone", folder=folder)
    usage = shutil.disk_usage(folder)
    free = _("%(free)s GiB free of %(total)s", free=_gib(usage.free), total=_gib(usage.total))
    if usage.free < LEAST_FREE_BYTES:
        yield _fault("disk", "%(free)s: writing will fail soon.", free=free)
    elif usage.free < usage.total * LITTLE_FREE_SHARE:
        yield _advice("disk", "%(free)s: make room.", free=free)
    else:
        yield Finding("disk", OK, free)


def _gib(size: int) -> str:
    return f"{size / 1024**3:,.1f}"


@check("time zones")
def _zones(_settings: Settings) -> Iterator[Finding]:
    try:
        noon = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Asia/Hong_Kong"))
        sound = noon.astimezone(UTC).hour == 4
    except ZoneInfoNotFoundError:
        sound = False
    yield _ok("time zones", "found") if sound else _fault("time zones", "missing: pip install tzdata")


# --- What strangers meet ------------------------------------------------------------------------------------


@check("public address")
def _address(settings: Settings) -> Iterator[Finding]:
    host = urlsplit(settings.public_url).hostname or ""
    if not host:
        yield _advice("public address", "Set ASSETCARE_PUBLIC_URL to the https address that people type.")
    elif not settings.https:
        url = settings.public_url
        yield _advice("public address", "%(url)s is not https: cookies and passwords can be read.", url=url)
    else:
        yield Finding("public address", OK, settings.public_url)
    loopback = settings.host in ("127.0.0.1", "::1", "localhost")
    if not loopback and not host and not settings.trusted_hosts:
        yield _advice("host names", "It answers to any Host name: set ASSETCARE_PUBLIC_URL or ASSETCARE_TRUSTED_HOSTS.")
    else:
        yield Finding("host names", OK, ", ".join([*([host] if host else []), *settings.trusted_hosts, "loopback"]))
    yield _proxies(settings, loopback)


def _proxies(settings: Settings, loopback: bool) -> Finding:
    if settings.https and not settings.proxies:
        return _advice("proxies", "Set ASSETCARE_PROXIES to how many stand in front: without it all requests seem to "
                       "come from the proxy, and everybody shares one throttle.")  # fmt: skip
    if settings.proxies and not loopback:
        told = {"count": settings.proxies, "address": f"{settings.host}:{settings.port}"}
        return _ok("proxies", "%(count)s; %(address)s must be reachable by the proxy alone: whoever else gets there "
                   "can say where he comes from.", **told)  # fmt: skip
    return Finding("proxies", OK, str(settings.proxies) if settings.proxies else _("none"))


@check("people")
def _people(settings: Settings) -> Iterator[Finding]:
    from registry.people.models import Membership, User

    if migrate.pending():
        return
    admin = (Membership.role == "admin") & Membership.customer_id.is_null() & (User.active == True)  # noqa: E712 - SQL
    if not Membership.select().join(User).where(admin).exists():
        yield _advice("people", "There is no administrator yet: assetcare user create EMAIL --role admin")
    if settings.require_second_factor == "none":
        yield _advice("people", "Nobody needs a second factor: set ASSETCARE_REQUIRE_SECOND_FACTOR=operator, or all.")
    else:
        yield _ok("people", "second factor for: %(who)s", who=settings.require_second_factor)


@check("mail")
def _mail(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp:
        yield _advice("mail", "Mails become files in %(data)s: set ASSETCARE_SMTP.", data=settings.data / "mail")
        return
    transport = mail.office().opened()
    try:
        transport.greet()
    except Exception as error:  # whatever the conversation ended with
        told = f"{type(error).__name__}: {error!s:.200}"
        yield _fault("mail", "The mail server does not take us: %(error)s", error=told)
    else:
        yield _ok("mail", "the server answers; sender %(sender)s", sender=mail.office().sender)
    finally:
        transport.close()


# --- The database and what stands beside it -----------------------------------------------------------------


@check("database")
def _database(settings: Settings) -> Iterator[Finding]:
    db.run_sql("SELECT 1").fetchone()
    waiting = migrate.pending()
    if copying.unfinished():
        yield _fault("database", "The target of an unfinished copy. Run copy-db again (or restore).")
    elif waiting:
        yield _fault("database", "%(count)s migrations are pending. Run: assetcare migrate", count=len(waiting))
    else:
        yield Finding("database", OK, "SQLite" if db.is_sqlite() else "PostgreSQL")
    if db.is_sqlite():
        if settings.workers > 1 or settings.https:
            yield _ok("second wall", "none with SQLite; PostgreSQL adds row-level security")
        return
    yield _skew()
    if not waiting:
        yield from _wall()


def _skew() -> Finding:
    began = clock.now()
    [theirs] = db.run_sql("SELECT extract(epoch FROM clock_timestamp())").fetchone()
    middle = began.timestamp() + (clock.now() - began).total_seconds() / 2
    skew = abs(float(theirs) - middle)
    if skew > MOST_SKEW_SECONDS:
        return _fault("clock", "This host and the database differ by %(skew)s s: let both take the time by NTP.",
                      skew=format(skew, ",.0f"))  # fmt: skip
    return _ok("clock", "as the database's")


def _wall() -> Iterator[Finding]:
    """Row-level security holds nobody back who may pass it."""
    role = db.run_sql("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
    if role[1]:
        yield _advice("second wall", "The role %(role)s passes row-level security: use an ordinary role.", role=role[0])
    wanted = {model._meta.table_name for model in schema.models() if wall.column_of(model) or wall.parent_of(model)}
    query = (
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
        "AND relrowsecurity AND relforcerowsecurity"
    )
    there = {row[0] for row in db.run_sql(query).fetchall()}
    if wanted - there:
        yield _fault("second wall", "No row-level security on: %(known)s.", known=", ".join(sorted(wanted - there)))
    elif not role[1]:
        yield _ok("second wall", "row-level security holds the role %(role)s back on %(count)s tables",
                  role=role[0], count=len(wanted))  # fmt: skip


@check("queue")
def _queue(settings: Settings) -> Iterator[Finding]:
    queue = jobs.build_queue(settings.queue_url, lost_after=settings.job_lost_seconds)
    if not queue.immediate:
        queue.huey.pending_count()
        queue.close()
    yield _ok("queue", "%(scheme)s answers", scheme=urlsplit(settings.queue_url).scheme or "memory")
    if settings.queue_url.startswith("sqlite:") and not settings.embedded:
        yield _advice("queue", "A file on this host: workers on others wait in vain. Leave ASSETCARE_QUEUE out.")
    if not migrate.pending():
        yield _worker()


def _worker() -> Finding:
    names = [one.name for one in jobs.JOBS.values() if one.minutes]
    if not timetable.JobTurn.select().exists():
        return _advice("worker", "No worker has run yet: assetcare serve runs one, or assetcare worker.")
    late = timetable.overdue(names, WORKER_LATE)
    standing = tickets.standing()
    if late:
        return _fault("worker", "No worker runs: %(known)s should have run.", known=", ".join(late))
    if standing["oldest"] > WAITED_LONG_SECONDS:
        return _advice("worker", "%(waiting)s jobs wait, the first for %(minutes)s minutes: run more workers.",
                       waiting=standing["waiting"], minutes=standing["oldest"] // 60)  # fmt: skip
    return _ok("worker", "runs; %(waiting)s jobs wait, %(running)s are being done",
               waiting=standing["waiting"], running=standing["running"])  # fmt: skip


@check("deliveries")
def _deliveries(_settings: Settings) -> Iterator[Finding]:
    if migrate.pending():
        return
    parked = events.Delivery.select().where(events.Delivery.state == "parked").count()
    if parked:
        yield _advice("deliveries", "%(parked)s were given up after %(max_tries)s tries; see the log for why.",
                      parked=parked, max_tries=events.MAX_TRIES)  # fmt: skip


@check("audit chains")
def _chains(_settings: Settings) -> Iterator[Finding]:
    if migrate.pending():
        return
    states: list[Any] = list(audit.verify())
    broken = [state for state in states if state.fault]
    for state in broken:
        yield _fault("audit chains", "chain %(id)s: %(fault)s", id=state.customer_id, fault=state.fault)
    if not broken:
        yield _ok("audit chains", "%(count)s sound, %(value)s entries",
                  count=len(states), value=format(sum(state.length for state in states), ","))  # fmt: skip
