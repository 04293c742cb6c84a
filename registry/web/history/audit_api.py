"""The audit chain over the API: what happened, and whether the record of it is whole."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields
from peewee import fn
from werkzeug.wrappers import Response

from registry.customers.service import customer_by
from registry.kernel import audit
from registry.kernel.access import Actor
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Forbidden
from registry.kernel.listing import Column, Filter, Listing, declare, equals
from registry.kernel.shapes import Date, Line, Ref, Shape, id_text
from registry.web.answers import json_response, page
from registry.web.api import blueprint
from registry.web.customer import customer_id_of
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("audit", "Audit chain")
HOUSE = "house"


def _readable(who: Actor) -> Any:
    """Chains that the actor may read: all for the operator, else those of customers where he holds the right."""
    if who.can("audit.view"):
        return AuditEntry.select()
    mine = [key for key in who.grants if who.can("audit.view", key)]
    return AuditEntry.select().where(AuditEntry.customer_id.in_(mine))


def _midnight(who: Actor, day: date) -> str:
    """When the day begins on the reader's clocks, as the chain writes it."""
    return datetime.combine(day, time(), ZoneInfo(who.time_zone)).astimezone(UTC).isoformat(timespec="microseconds")


def _chain(who: Actor, value: int | str) -> Any:
    return AuditEntry.customer_id == (audit.HOUSE if value == HOUSE else customer_id_of(who, value))


AUDIT = declare(
    Listing(
        "audit",
        AuditEntry,
        "audit.view",
        columns=[
            Column("id", "Id", AuditEntry.id, "integer"),
            Column("customer_id", "Chain", AuditEntry.customer_id, "integer"),
            Column("seq", "Number", AuditEntry.seq, "integer"),
            Column("at", "When", AuditEntry.at),
            Column("actor", "Who", AuditEntry.actor_name),
            Column("actor_id", "Who (id)", AuditEntry.actor_id, "integer"),
            Column("actor_kind", "By way of", AuditEntry.actor_kind),
            Column("address", "From", AuditEntry.address),
            Column("request_id", "Request", AuditEntry.request_id),
            Column("action", "Action", AuditEntry.action),
            Column("object_type", "Object", AuditEntry.object_type),
            Column("object_id", "Object id", AuditEntry.object_id, "integer"),
            Column("label", "Label", AuditEntry.label),
            Column("batch_id", "Import", AuditEntry.batch_id, "integer"),
            Column("before", "Before", AuditEntry.before, "json"),
            Column("after", "After", AuditEntry.after, "json"),
            Column("hash", "Hash", AuditEntry.hash),
        ],
        scope=_readable,
        filters={
            "customer": Filter(Ref(), _chain),
            "action": equals(AuditEntry.action),
            "object_type": equals(AuditEntry.object_type),
            "object_id": Filter(id_text(), lambda _a, v: AuditEntry.object_id == v),
            "request": equals(AuditEntry.request_id),
            "who": Filter(Line(max=100, min=1), lambda _a, v: fn.LOWER(AuditEntry.actor_name).contains(v.lower())),
            "since": Filter(Date(), lambda who, v: AuditEntry.at >= _midnight(who, v)),
            "until": Filter(Date(), lambda who, v: AuditEntry.at < _midnight(who, v + timedelta(days=1))),
            "batch": Filter(id_text(), lambda _a, v: AuditEntry.batch_id == v),
        },
    )
)


@blp.route("/audit", methods=["GET"])
@blp.arguments(AUDIT.arguments(), location="query")
@blp.response(200, AUDIT.page_shape())
@allow("audit.view")
def list_audit(arguments: dict[str, Any]) -> Response:
    return page(AUDIT, arguments)


class ChainQuery(Shape):
    customer = Ref()


class ChainOut(Shape):
    """`fault`: null for a sound chain, else which entry is wrong and how."""

    customer_id = fields.Integer(required=True)
    length = fields.Integer(required=True)
    head = fields.String(required=True)
    fault = fields.String(required=True, allow_none=True)


class Verification(Shape):
    sound = fields.Boolean(required=True)
    chains = fields.List(fields.Nested(ChainOut), required=True)


@blp.route("/audit/verify", methods=["GET"])
@blp.arguments(ChainQuery, location="query")
@blp.response(200, Verification)
@allow("audit.view")
def verify(arguments: dict[str, Any]) -> Response:
    """Recompute the chain of one customer (or, for the operator, of all) and name the first fault."""
    who = actor()
    value = arguments.get("customer")
    if value is None and who.is_operator:
        chain = None
    else:
        chain = audit.HOUSE if value == HOUSE and who.is_operator else _own_chain(who, value)
    states = list(audit.verify(chain))
    items = [{"customer_id": s.customer_id, "length": s.length, "head": s.head, "fault": s.fault} for s in states]
    return json_response({"sound": all(s.fault is None for s in states), "chains": items})


def _own_chain(who: Actor, value: int | str | None) -> int:
    customer = customer_by(who, value)
    if not who.can("audit.view", customer.id):
        raise Forbidden()
    return customer.id  # type: ignore[no-any-return]
