"""Clients that write as fast as they can, a server that is killed under them, and what must be true afterwards."""

import contextlib
import http.client
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from registry.kernel import audit, db, events
from registry.notices.webhook_events import note_that_somebody_listens
from tests.houses import House
from tests.security.nursery import Nursery
from tests.security.serving import Reply, Request, send, serving

V1 = "/api/v1"
BULK, ROWS = 8, 40
BOUNDARY = "x--------------------x"


@dataclass
class Accepted:
    """What the server said yes to, in whole: the client had the last byte of the answer."""

    assets: dict[str, int] = field(default_factory=dict)  # serial -> id
    bulks: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    assigned: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    refused: list[tuple[int, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(len(kind) for kind in (self.assets, self.bulks, self.imports, self.assigned, self.released))


class Refused(Exception):
    """Not accepted: nothing may be expected of it."""


class Rampage:
    """One data folder that survives many kills."""

    def __init__(self, house: House, folder: Path, seed: int) -> None:
        self.house, self.folder, self.dice = house, folder, Random(seed)
        people = house.people()
        self.token = people.admin.token
        self.product = house.product("Switch 48", part_number="SW").id
        software = house.product("Editor", "software").id
        licence = {"customer": "acme", "product": software, "name": "Editor", "metric": "install"}
        self.licence = people.admin.post(f"{V1}/licences", licence).json["id"]
        self.accepted, self.round, self.kills = Accepted(), 0, 0
        self.may_be_refused = {503}  # who had to wait too long for his turn is told so
        note_that_somebody_listens()  # from here on every event goes to the subscriber for webhooks, too
        self.last_event = max(column("SELECT max(id) FROM event"))
        house.close()

    def kill_once(self, *, worker: bool, nursery: Nursery | None = None) -> None:
        """Start the server, from the nursery if it has no worker beside it, let clients at it, and kill every process
        of it at some moment: at once or, each second time, a while after it has accepted something, however slow the
        machine is."""
        before, deadline = self.accepted.total, time.monotonic() + 120
        origin = None if worker else nursery
        with (
            serving(self.house, self.folder, worker=worker, nursery=origin) as server,
            self.load(server.port),
        ):
            while self.kills % 2 and self.accepted.total == before and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(self.dice.uniform(0.01, 0.35))
            os.killpg(server.pid, signal.SIGKILL)
        self.kills += 1

    @contextlib.contextmanager
    def load(self, port: int) -> Iterator[None]:
        """Four clients at work for the length of the block."""
        self.round += 1
        done = threading.Event()
        clients = [self.single, self.bulk, self.seat, self.bring]
        threads = [threading.Thread(target=self._keep_on, args=(work, port, done)) for work in clients]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            done.set()
            for thread in threads:
                thread.join()

    def _keep_on(self, work: Any, port: int, done: threading.Event) -> None:
        number = 0
        while not done.is_set():
            number += 1
            with contextlib.suppress(OSError, http.client.HTTPException, Refused):
                work(port, f"{self.round}-{number}")

    def _ask(self, port: int, path: str, body: Any, headers: dict[str, str] | None = None) -> Reply:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            reply = send(connection, Request("POST", f"{V1}/{path}", body, self.token, headers or {}))
        if reply.status >= 300:
            self.accepted.refused.append((reply.status, f"{path}: {reply.text[:200]}"))
            raise Refused
        return reply

    def single(self, port: int, mark: str) -> None:
        reply = self._ask(port, "assets", {"customer": "acme", "product": self.product, "serial": f"A{mark}"})
        self.accepted.assets[f"A{mark}"] = reply.json["id"]

    def bulk(self, port: int, mark: str) -> None:
        items = [{"customer": "acme", "product": self.product, "serial": f"B{mark}-{n}"} for n in range(BULK)]
        self._ask(port, "assets/bulk", {"items": items})
        self.accepted.bulks.add(f"B{mark}-")

    def seat(self, port: int, mark: str) -> None:
        """A unit of its own gets a seat and gives it back."""
        made = self._ask(port, "assets", {"customer": "acme", "product": self.product, "serial": f"S{mark}"})
        path = f"licences/{self.licence}/assignments"
        given = self._ask(port, path, {"asset": made.json["id"]})
        self.accepted.assigned.add(given.json["id"])
        self._ask(port, f"{path}/{given.json['id']}/release", {})
        self.accepted.released.add(given.json["id"])

    def bring(self, port: int, mark: str) -> None:
        rows = "".join(f"I{mark}-{n},SW\n" for n in range(ROWS))
        fields = {"kind": "assets", "customer": "acme", "key": "serial"}
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="units.csv"\r\n\r\n'
        text = "".join(parts) + f"{head}serial,product\n{rows}\r\n--{BOUNDARY}--\r\n"
        reply = self._ask(port, "imports", text, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        if reply.json["state"] == "applied":
            self.accepted.imports.add(f"I{mark}-")

    # --- What must be true ---------------------------------------------------------------------------------

    def check(self) -> None:
        """Data, audit chain and outbox agree, and everything accepted is there."""
        self.house.open()
        try:
            self._await_the_last()
            if db.is_sqlite():
                assert column("PRAGMA integrity_check") == ["ok"] and not column("PRAGMA foreign_key_check")
            faults = [state.fault for state in audit.verify() if state.fault]
            assert not faults, faults
            refused = [told for told in self.accepted.refused if told[0] not in self.may_be_refused]
            assert not refused, refused[:3]
            self._all_or_nothing()
            self._rows_and_history_agree("asset", "asset.created")
            self._rows_and_history_agree("licence_assignment", "licence.assigned")
            self._outbox_agrees()
        finally:
            self.house.close()

    def _await_the_last(self) -> None:
        """What a dead client had asked of PostgreSQL is carried out to its end."""
        busy = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        deadline = time.monotonic() + 120
        while not db.is_sqlite() and column(busy):
            assert time.monotonic() < deadline, "somebody is still connected"
            time.sleep(0.01)

    def _all_or_nothing(self) -> None:
        serials = dict(db.run_sql("SELECT serial, id FROM asset").fetchall())
        lost = {serial for serial, number in self.accepted.assets.items() if serials.get(serial) != number}
        assert not lost, f"accepted, and gone: {lost}"
        sizes: dict[str, int] = {}
        for serial in serials:
            if serial[0] in "BI":
                group = serial[: serial.rindex("-") + 1]
                sizes[group] = sizes.get(group, 0) + 1
        halves = {group: size for group, size in sizes.items() if size != (BULK if group[0] == "B" else ROWS)}
        assert not halves, f"half of it is there: {halves}"
        lost = (self.accepted.bulks | self.accepted.imports) - sizes.keys()
        assert not lost, f"accepted, and gone: {lost}"
        assigned = dict(db.run_sql("SELECT id, released_on FROM licence_assignment").fetchall())
        assert self.accepted.assigned <= assigned.keys()
        assert all(assigned[one] is not None for one in self.accepted.released)

    def _rows_and_history_agree(self, table: str, action: str) -> None:
        """Each row has one entry that tells of its making, and no entry tells of a row that is not there."""
        rows = column(f"SELECT id FROM {table} ORDER BY id")
        told = column("SELECT object_id FROM audit_entry WHERE action = ? ORDER BY object_id", action)
        assert rows == told, f"{table}: {set(rows) ^ set(told)}"

    def _outbox_agrees(self) -> None:
        """Each entry that is no part of a batch has its event and each event its deliveries."""
        entries = "SELECT action || ' ' || object_id FROM audit_entry WHERE batch_id IS NULL AND object_type IN (?, ?)"
        sent = "SELECT name || ' ' || object_id FROM event WHERE object_type IN (?, ?)"
        tables = ("asset", "licence_assignment")
        assert sorted(column(entries, *tables)) == sorted(column(sent, *tables))
        twice = column("SELECT event_id FROM delivery GROUP BY event_id, subscriber HAVING count(*) > 1")
        assert not twice
        told = "SELECT event_id FROM delivery WHERE subscriber = 'webhooks'"
        missed = column(f"SELECT id FROM event WHERE id > ? AND id NOT IN ({told})", self.last_event)
        assert not missed, f"nobody will ever hear of {missed}"

    def deliver_the_rest(self) -> int:
        """What no worker came to is delivered now: everything once, nothing given up. Answers how much there was."""
        self.house.open()
        try:
            while events.deliver_due():
                pass
            states = dict(db.run_sql("SELECT state, count(*) FROM delivery GROUP BY state").fetchall())
            assert states.keys() == {"done"}, states
            return int(states["done"])
        finally:
            self.house.close()


def column(query: str, *values: Any) -> list[Any]:
    return [row[0] for row in db.run_sql(query, values).fetchall()]
