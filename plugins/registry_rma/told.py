"""Rows as plain data: what the API answers, and what pages are made from."""

from collections.abc import Sequence
from typing import Any

from registry.sdk import Actor, grouped, visible
from registry_rma import custody
from registry_rma.cases import lines_of
from registry_rma.facts import quote_of, situation_of, tests_of
from registry_rma.machine import Move
from registry_rma.models import Case, Line, Record
from registry_rma.moving import legal_moves, unit_of
from registry_rma.tracks import tracks_of

CASE = (
    "id", "number", "channel", "notified_at", "opened_by", "confirmed_at", "valid_until", "contact_id", "contact_name",
    "note", "version",
)  # fmt: skip
LINE = (
    "id", "case_id", "code", "asset_id", "serial", "product", "state", "ended", "rank", "fault", "cause", "facts",
    "fault_on", "notified_on", "overruled", "overruled_by", "overruled_reason", "remedy", "charge", "charge_reason",
    "decision_id", "work", "chosen", "no_fault", "fee_minor", "fee_currency", "refund", "replacement_serial",
    "replacement_id", "staff", "received_on", "closed_on", "repair_days", "moved_at", "version",
)  # fmt: skip
CUSTODY = (
    "number", "at", "device_at", "who", "role", "serial", "start", "state", "place_from", "place_to", "spot", "reason",
    "details", "photo_sha256", "key", "previous", "hash",
)  # fmt: skip
TEST = ("id", "after", "serial", "readings", "outcome", "by", "at")
QUOTE = (
    "id", "items", "amount_minor", "currency", "deviation", "state", "offered_by", "offered_on", "valid_until",
    "settled_by", "settled_on", "how", "written", "version",
)  # fmt: skip
RECORD = (
    "id", "asset_id", "serial", "fault", "cause", "action", "parts", "started_at", "finished_at", "staff", "written_at",
)  # fmt: skip
TRACK = ("id", "line_id", "kind", "serial", "state", "due_on", "note", "version")
PRICE = ("id", "customer_id", "code", "title", "amount_minor", "currency", "version")
SITUATION = (
    "early", "exchange", "failed_repair", "number_valid", "nff_count", "recorded", "refunded", "sent_ahead", "test",
    "replace_first",
)  # fmt: skip


def plain(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def case(actor: Actor, row: Case) -> dict[str, Any]:
    """The case with its lines; `label` is the number as people read it."""
    return {
        **plain(row, CASE), "label": grouped(row.number), "to_be_confirmed": row.to_be_confirmed,
        "lines": [plain(line, LINE) for line in lines_of(actor, row)],
    }  # fmt: skip


def line(actor: Actor, row: Line) -> dict[str, Any]:
    """Everything about one line: what is owed, what may be done now by whoever asks, tests, quote, custody, tracks."""
    situation = situation_of(actor, row)
    quote = quote_of(actor, row)
    records = visible(Record, actor).where(Record.line == row.id).order_by(Record.id)
    return {
        **plain(row, LINE), "proposal": row.proposal, "unit": unit_of(row), "owed": list(situation.owed),
        "moves": [move(one) for one in legal_moves(actor, row, situation)],
        "tests": [plain(one, TEST) for one in tests_of(actor, row)],
        "quote": plain(quote, QUOTE) if quote else None,
        "records": [plain(one, RECORD) for one in records],
        "tracks": [plain(one, TRACK) for one in tracks_of(actor, row)],
        "custody": chain(actor, row),
        "situation": plain(situation, SITUATION),
    }  # fmt: skip


def move(one: Move) -> dict[str, Any]:
    return {"to": one.to, "label": one.label, "asks": list(one.asks), "takes": list(one.takes), "who": one.who}


def chain(actor: Actor, row: Line) -> dict[str, Any]:
    found = custody.verify(actor, row)
    return {
        "whole": found.whole, "broken": found.broken,
        "events": [{**plain(one, CUSTODY), "photo": bool(one.photo_key)} for one in custody.rows_of(actor, row)],
    }  # fmt: skip
