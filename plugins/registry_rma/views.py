"""What pages and panels show, put together from the verbs."""

from collections.abc import Sequence
from typing import Any

from registry.sdk import CAUSES, Actor, Customer, grouped, money, new_code, settings_of, visible
from registry_rma import custody
from registry_rma.cases import is_idle
from registry_rma.facts import case_of, decided, no_fault_count, quote_of, situation_of, tests_of
from registry_rma.machine import TRACKS, Situation, legal, moves_from
from registry_rma.models import Line, Quote, Record
from registry_rma.moving import legal_moves, roles_of, unit_of
from registry_rma.prices import price_list
from registry_rma.tracks import tracks_of
from registry_rma.words import TONES, choices, word

MOST = 20


def head(line: Line) -> dict[str, Any]:
    """What every place says of a line first. `unit`: the serial number of what goes on; `code`: what its papers say."""
    return {"id": line.id, "state": word("state", line.state), "tone": TONES.get(line.state, ""), "ended": line.ended,
            "unit": unit_of(line), "code": grouped(line.code)}  # fmt: skip


def of_unit(actor: Actor, asset_id: int) -> dict[str, Any]:
    """The panel of a unit: the case that is open with the moves that are legal now, earlier ones, what it replaced."""
    if not actor.can_somewhere("rma.view"):
        return {"open": None, "earlier": [], "links": []}
    mine = (Line.asset_id == asset_id) | (Line.replacement_id == asset_id)
    rows = list(visible(Line, actor).where(mine).order_by(Line.id.desc()).limit(MOST))
    open_one = next((row for row in rows if not row.ended), None)
    return {
        "asset_id": asset_id,
        "open": _open(actor, open_one) if open_one else None,
        "earlier": [{**head(row), "on": row.notified_on, "fault": row.fault} for row in rows if row is not open_one],
        "links": [_link(row, asset_id) for row in rows if row.replacement_id],
    }


def _open(actor: Actor, line: Line) -> dict[str, Any]:
    return {
        **head(line),
        "fault": line.fault,
        "version": line.version,
        "moves": moves_of(actor, line),
        "on": line.notified_on,
    }


def _link(row: Line, asset_id: int) -> dict[str, Any]:
    """The other unit: what took this one's place, or what it took the place of."""
    new = row.replacement_id == asset_id
    return {"new": new, "serial": row.serial if new else row.replacement_serial,
            "asset_id": row.asset_id if new else row.replacement_id,
            "on": row.closed_on or row.notified_on}  # fmt: skip


def moves_of(actor: Actor, line: Line, situation: Situation | None = None) -> list[dict[str, Any]]:
    """Buttons: what may be done now. `direct`: nothing must be told, so that one press is enough; `more`: a photo or
    something else may be told; `key`: pressed twice it is made once."""
    found = [
        {"to": one.to, "label": one.label, "tone": one.tone, "direct": not one.asks, "key": new_code(),
         "more": not one.asks and (one.carries or bool(one.takes))}
        for one in legal_moves(actor, line, situation)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["tone"] == "quiet")


def blocked_moves(actor: Actor, line: Line, situation: Situation) -> list[dict[str, Any]]:
    """What would be next, and what has to be done before."""
    roles = roles_of(actor, line.customer_id)
    open_ones = {one.to for one in legal(line.state, situation, roles)}
    return [
        {"to": one.to, "label": one.label, "against": one.against(situation)}
        for one in moves_from(line.state)
        if one.who in roles and one.to not in open_ones and one.tone != "quiet"
    ]


def line_page(actor: Actor, line: Line) -> dict[str, Any]:
    """Everything on the page of a line."""
    case, quote = case_of(actor, line), quote_of(actor, line)
    tests, rules = tests_of(actor, line), settings_of("rma", line.customer_id)
    situation = situation_of(actor, line)
    may = {name for name in ("work", "decide", "overrule", "request") if actor.can(f"rma.{name}", line.customer_id)}
    return {
        "line": line, "case": case, "number": grouped(case.number), "mark": head(line), "unit": unit_of(line),
        "moves": moves_of(actor, line, situation), "blocked": blocked_moves(actor, line, situation), "may_do": may,
        "decision": decided(actor, line, tests) if actor.can("warranty.view", line.customer_id) else None,
        "tests": tests, "quote": told_quote(quote), "tracks": _tracks(actor, line), "idle": is_idle(line,
        rules["idle_hours"]),
        "records": list(visible(Record, actor).where(Record.line == line.id).order_by(Record.id)),
        "chain": custody.verify(actor, line), "events": [_event(row) for row in custody.rows_of(actor, line)],
        "late": notice_delay(line, rules["notice_days"]), "nff": no_fault_count(actor, line),
        "unconfirmed": case.to_be_confirmed, "words": word, "customers_own": not actor.is_operator,
        "fee": money(line.fee_minor, line.fee_currency) if line.fee_minor else "",
        "refund": _refund(line), "can_test": line.state in ("inspecting", "verifying") and "work" in may,
        "can_quote": line.state in ("triage", "inspecting") and "decide" in may and not situation.owed,
        "can_answer": quote is not None and quote.state == "offered" and line.state in ("quoted",
        "excluded_quote") and "request" in may,
        "can_record": (line.received_on is not None or line.work) and not line.ended and "work" in may,
        "can_refund": line.state == "refund_or_return" and "decide" in may,
        "can_lend": not line.ended and line.state not in ("draft", "requested") and "decide" in may,
        "can_overrule": not line.ended and "overrule" in may,
    }  # fmt: skip


def _refund(line: Line) -> dict[str, Any] | None:
    return (
        {**line.refund, "amount": money(line.refund["amount_minor"], line.refund["currency"])} if line.refund else None
    )


def notice_delay(line: Line, days: int) -> int:
    """Days from the fault to its notice, when they are more than go without saying; it refuses nothing by itself."""
    delay = (line.notified_on - line.fault_on).days if line.fault_on else 0
    return delay if delay > days else 0


def _event(row: Any) -> dict[str, Any]:
    details = [
        str(value) for name, value in row.details.items() if name in ("carrier", "tracking", "receiver", "consent")
    ]
    return {
        "row": row, "state": word("event", row.state), "moved": row.place_from != row.place_to,
        "place": word("place", row.place_to), "before": word("place", row.place_from), "details": " · ".join(details),
    }  # fmt: skip


def told_quote(quote: Quote | None) -> dict[str, Any] | None:
    if quote is None:
        return None
    items = [
        {**item, "price": money(item["unit_minor"], quote.currency),
         "listed": money(item["list_minor"], quote.currency) if item["list_minor"] not in (None,
         item["unit_minor"]) else ""}
        for item in quote.items
    ]  # fmt: skip
    return {
        "row": quote,
        "items": items,
        "amount": money(quote.amount_minor, quote.currency),
        "state": word("quote", quote.state),
    }


def _tracks(actor: Actor, line: Line) -> list[dict[str, Any]]:
    return [
        {"row": one, "kind": word("track", one.kind), "state": word("track_state", one.state),
         "steps": [(to, word("track_state", to)) for to in TRACKS[one.kind][one.state]]}
        for one in tracks_of(actor, line)
    ]  # fmt: skip


def waiting(actor: Actor, customer_id: int | None) -> dict[str, Any]:
    """The queue: what waits for us, the highest promise first, then in the order of arrival; what is idle is marked."""
    may = actor.can("rma.view", customer_id) if customer_id is not None else actor.can_somewhere("rma.view")
    if not may:
        return {"lines": []}
    query = visible(Line, actor, Line, Customer.slug.alias("slug")).join(Customer, on=(Line.customer_id == Customer.id))
    query = query.where((Line.ended == False) & (Line.state != "draft"))  # noqa: E712 - SQL
    if customer_id is not None:
        query = query.where(Line.customer_id == customer_id)
    rows = list(query.order_by(Line.rank, Line.id).limit(MOST).objects())
    hours = {one: settings_of("rma", one)["idle_hours"] for one in {row.customer_id for row in rows}}
    return {"lines": [{**head(row), "serial": row.serial, "product": row.product, "slug": row.slug, "rank": row.rank,
                       "idle": is_idle(row, hours[row.customer_id])} for row in rows]}  # fmt: skip


def briefly(actor: Actor, asset_id: int) -> dict[str, Any] | None:
    """What the API's answer about a unit carries: the case that is open, and the units that it replaced or that
    replaced it."""
    found = of_unit(actor, asset_id)
    if not found["open"] and not found["earlier"]:
        return None
    open_one = found["open"]
    return {
        "open": {"line_id": open_one["id"], "moves": [one["to"] for one in open_one["moves"]]} if open_one else None,
        "cases": len(found["earlier"]) + bool(open_one),
        "replaced_by": next((one["serial"] for one in found["links"] if not one["new"]), None),
        "replaces": next((one["serial"] for one in found["links"] if one["new"]), None),
    }


def claim_choices() -> dict[str, Any]:
    from registry.sdk import _

    return {
        "causes": [(code, _(cause.title)) for code, cause in CAUSES.items()],
        "channels": choices("channel", "portal"),
    }


def prices_of(actor: Actor, customer_id: int | None) -> list[dict[str, Any]]:
    return [{"row": one, "amount": money(one.amount_minor, one.currency)} for one in price_list(actor, customer_id)]


def health() -> tuple[str, str]:
    """Whether the chains of the lines that moved last are whole."""
    everybody = Actor.system()
    latest = list(visible(Line, everybody).order_by(Line.id.desc()).limit(50))
    broken = [line.code for line in latest if not custody.verify(everybody, line).whole]
    if broken:
        return "fault", f"The chain of custody of {', '.join(broken[:3])} is broken."
    return "ok", f"The chains of custody of the latest {len(latest)} units are whole."


def page_lines(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the list with their states in words."""
    return [{**row, "said": word("state", row["state"]), "tone": TONES.get(row["state"], "")} for row in rows]


def with_names(actor: Actor, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with the name of each customer, `name`."""
    slugs = {row["customer"] for row in rows}
    query = visible(Customer, actor, Customer.slug, Customer.name).where(Customer.slug.in_(slugs))
    names = dict(query.tuples()) if slugs else {}
    return [{**row, "name": names[row["customer"]]} for row in rows]
