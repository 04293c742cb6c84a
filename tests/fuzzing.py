"""Schemathesis against the application in this process, on a house with something of everything in it."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import pytest
import schemathesis
import werkzeug
from flask import Flask
from marshmallow import ValidationError
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from registry.kernel import db
from registry.kernel.throttle import Limit
from registry.web import identity
from registry.web.api import Parser
from tests.houses import House, Person
from tests.two_companies import a_reading

DOCUMENT = "/api/v1/openapi.json"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
REFUSED = "X-Refused-By-Shape"

# Sentences about what a JSON schema cannot say: rules between fields, and words that only we know.
MEANING = re.compile(
    "min is above max|limit max is missing|must not be above|must be given with the rule|Per year|Supersedes must"
    "|Chosen by must|promised twice|must promise|name what was measured|must not be before|by .a period. or until"
    "|has no role at|Give both |would be all day|is no placeholder|is of no use|Write a subject|Write a text"
    "|with at most 12 decimals|two decimals at most|is not known: give one of|Give a web address|IANA time zone"
    "|Name each lane once"
    "|longer than zero|Give a moment|public internet|a web address|that begins with https|address of a web server"
    "|Use port|100 years|nested too deeply|Keep it under"
)

_CREATED = [
    ("sites", {"customer": "acme", "name": "Vault", "city": "Hong Kong", "country": "HK"}),
    ("contacts", {"customer": "acme", "name": "Ada", "email": "ada@acme.example", "site": "Vault"}),
    ("products", {"kind": "hardware", "name": "Switch 48", "part_number": "SW-48"}),
    ("products", {"kind": "optic", "name": "SFP LR", "part_number": "LR-1", "customer": "acme"}),
    ("products", {"kind": "software", "name": "Monitor", "part_number": "MON"}),
    ("products/1/documents", {"kind": "guide", "title": "Guide", "url": "https://example.com/guide"}),
    ("asset-fields", {"name": "rack_unit", "title": "Rack unit", "type": "integer"}),
    ("assets", {"customer": "acme", "product": 1, "serial": "SW1", "tag": "T1", "delivered_on": "2025-01-31"}),
    ("assets", {"customer": "acme", "product": 2, "serial": "LR1", "parent": 1, "slot": "1"}),
    ("assets", {"customer": "acme", "product": 1, "serial": "SW2", "site": "Vault"}),
    ("assets", {"customer": "globex", "product": 1, "serial": "SW3"}),
    ("licences", {"customer": "acme", "product": 3, "name": "Monitor", "metric": "device", "quantity": 5}),
    ("licences/1/assignments", {"asset": 1}),
    ("warranties", {"asset": 1, "terms": "hardware"}),
    ("warranties", {"licence": 1, "terms": "software"}),
    ("contracts", {"customer": "acme", "number": "C-1", "title": "Care", "starts_on": "2025-01-01"}),
    ("contracts/1/lines", {"everything": True}),
    ("contracts/1/duties", {"kind": "patrol", "title": "Patrol", "per_year": 2}),
    ("import-mappings", {"customer": "acme", "kind": "assets", "name": "usual", "columns": {"Serial": "serial"}}),
    ("customers/acme/packages", {}),
    ("custody-tasks", {"customer": "acme", "title": "Disk"}),
    ("custody-tasks/1/items", {"what": "Disk", "kind": "media", "taken_from": "Ada"}),
    ("label-codes", {"asset": 1}),
    ("label-codes", {"asset": 2}),
    ("asset-barcodes", {"asset": 1, "text": "4006381333931"}),
    ("label-batches", {"customer": "acme", "count": 2}),
    ("label-sheets", {"customer": "acme", "name": "Own", "page_wide": 100, "page_high": 50, "wide": 50, "high": 40}),
    ("optic-profiles", {"customer": "acme", "part_number": "X"}),
    ("webhooks", {"customer": "acme", "name": "Tickets", "url": "https://1.1.1.1/hook", "events": ["asset.*"]}),
]


def furnish(house: House) -> dict[str, Person]:
    """Of every kind of thing there is one with the id 1 that both people may see: the admin and acme's manager."""
    people = house.people()
    for path, values in _CREATED:
        _made(people.owner if path == "webhooks" else people.admin, path, json=values)
    form = {"kind": "assets", "customer": "acme", "dry_run": "true"}
    _made(people.admin, "imports", data={**form, "file": (io.BytesIO(b"serial,product\nX1,SW-48\n"), "units.csv")})
    _made(people.admin, "assets/1/files", data={"file": (io.BytesIO(b"x"), "photo.jpg")})
    _measured(people.admin)
    for person in (people.admin, people.owner):
        _made(person, "tokens", json={"name": "spare", "days": 1})
    return {"admin": people.admin, "manager": people.owner}


def _measured(person: Person) -> None:
    """Three modules with a reading each, and a proof."""
    items = [a_reading(f"M{number}") for number in range(3)]
    body = {"customer": "acme", "register": True, "items": items}
    answer = person.request("POST", "/api/v1/optics/readings", json=body)
    assert answer.status_code == 200, answer.json
    _made(person, "optics/1/proofs", json={"kind": "cleaned"})


def _made(person: Person, path: str, **options: Any) -> None:
    answer = person.request("POST", f"/api/v1/{path}", **options)
    assert answer.status_code == 201, (path, answer.json)


@dataclass
class Report:
    """What was asked, and what Schemathesis does not accept: one text for each check and operation."""

    answers: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, event: Any) -> None:
        if isinstance(event, NonFatalError):
            self.faults.setdefault(("error", event.label), repr(event.value))
        elif isinstance(event, ScenarioFinished):
            for interaction in event.recorder.interactions.values():
                if interaction.response is not None:
                    self.answers[interaction.response.status_code] += 1
            self.operations |= {node.value.operation.label for node in event.recorder.cases.values()}
            for nodes in event.recorder.checks.values():
                for node in nodes:
                    if node.failure_info is not None:
                        self._fault(node.name, node.failure_info)

    def _fault(self, check: str, info: Any) -> None:
        failure = info.failure
        self.faults.setdefault((check, failure.operation), f"{failure.title}\n{failure.message}\n{info.code_sample}")

    def __str__(self) -> str:
        return "\n\n".join(f"{check}: {operation}\n{text}" for (check, operation), text in self.faults.items())


def explore(
    house: House,
    person: Person,
    patch: pytest.MonkeyPatch,
    phases: tuple[str, ...],
    *,
    examples: int,
    one_in: int = 1,
    only: str = "",
    seed: int = 1,
) -> Report:
    """Run these phases as this person: `examples` for each operation, on all of them, every n-th, or one.

    The same arguments ask the same, however slow the machine is.
    """
    patch.setattr(identity, "WRONG_TOKENS", Limit(1_000_000, 60))  # how many may be tried is another test's
    patch.setattr(Parser, "handle_error", _noting(Parser.handle_error))
    patch.setattr(schemathesis.python.wsgi, "get_client", _Client)
    config = schemathesis.Config.from_dict(_config(person, phases, examples, seed))
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, _Front(house.app, person), config=config)
    schema = schema.include(lambda ctx: _chosen(ctx.operation.label, one_in, only))
    _use_known_ids(schema)
    report = Report()
    for event in from_schema(schema).execute():
        report.note(event)
    return report


def _chosen(label: str, one_in: int, only: str) -> bool:
    return label.endswith(only) and crc32(label.encode()) % one_in == 0


def _config(person: Person, phases: tuple[str, ...], examples: int, seed: int) -> dict[str, Any]:
    """Every check is on. What the document admits may still be refused for its meaning, or for who asks."""
    accepted = ["2xx", "403", "404", "409", "412", "422", "429"]
    refused = ["400", "401", "403", "404", "405", "409", "412", "415", "422", "428", "429"]
    return {
        "seed": seed,
        "headers": {"Authorization": f"Bearer {person.token}"},
        "generation": {"max-examples": examples, "deterministic": True, "database": "none", "no-shrink": True},
        "phases": {name: {"enabled": name in phases} for name in PHASES},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": accepted},
            "negative_data_rejection": {"expected-statuses": refused},
            "missing_required_header": {"expected-statuses": ["400", "401", "403", "422", "428"]},
        },
    }


def _use_known_ids(schema: Any) -> None:
    """Requests point to what there is; made-up ids would all be answered 404."""

    @schema.hook
    def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        return {name: _known(name, value) for name, value in path_parameters.items()} if path_parameters else None


def _known(name: str, value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value > 3:
        return value % 3 + 1
    return "acme" if name == "slug" and isinstance(value, str) and len(value) % 3 else value


@schemathesis.check
def documented_shapes_are_accepted(_context: Any, response: Any, case: Any) -> None:
    """What the document admits, the shapes of the routes must not refuse: only its meaning may speak against it."""
    if case.meta is not None and not case.meta.generation.mode.is_negative:
        assert REFUSED.lower() not in response.headers, f"documented, but refused: {response.text}"


_refused: list[bool] = []  # whether a shape refused the request at hand; there is one at a time


def _noting(refuse: Any) -> Any:
    def handle_error(self: Parser, error: ValidationError, *args: Any, **options: Any) -> Any:
        if not all(MEANING.search(text) for text in _sentences(error.messages)):
            _refused.append(True)
        return refuse(self, error, *args, **options)

    return handle_error


def _sentences(messages: Any) -> Iterator[str]:
    if isinstance(messages, str):
        yield messages
    else:
        for inner in messages.values() if isinstance(messages, dict) else messages:
            yield from _sentences(inner)


class _Client(werkzeug.Client):
    """Options of a network, which the engine hands over, mean nothing in the same process."""

    def open(self, *args: Any, **options: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            options.pop(name, None)
        return super().open(*args, **options)


class _Front:
    """The application for somebody who may shut himself out: whatever he did to his own account is taken back.

    A header tells when a shape refused the request.
    """

    def __init__(self, app: Flask, person: Person) -> None:
        self.app, self.person = app, person
        mine = "SELECT customer_id, role FROM membership WHERE user_id = ?"
        self.roles = db.run_sql(mine, (person.user.id,)).fetchall()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (REFUSED, "yes")] if _refused else headers, *rest)

        _refused.clear()
        answer = self.app.wsgi_app(environ, start)
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "GET" and path.startswith(("/api/v1/tokens", "/api/v1/users")):
            self._revive()
        return answer

    def _revive(self) -> None:
        user = self.person.user.id
        with db.connection(), db.transaction():
            db.run_sql("UPDATE token SET revoked_at = NULL WHERE user_id = ?", (user,))
            db.run_sql("UPDATE app_user SET active = true WHERE id = ?", (user,))
            db.run_sql("DELETE FROM membership WHERE user_id = ?", (user,))
            insert = "INSERT INTO membership (user_id, customer_id, role) VALUES (?, ?, ?)"
            for customer_id, role in self.roles:
                db.run_sql(insert, (user, customer_id, role))
