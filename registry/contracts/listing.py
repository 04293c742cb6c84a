"""Lists of contracts and of their lines. The state is worked out for a day: today, or the one in ?on=."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import fields, validate
from peewee import Case, fn

from registry.assets.models import Asset
from registry.contracts.models import CONTRACT_SEARCH, Contract, ContractLine
from registry.customers.listing import of_customer
from registry.customers.models import Customer, ServicePolicy, Site
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.listing import Column, Filter, Listing, Window, declare, equals
from registry.kernel.search import matching
from registry.kernel.shapes import Date, Line, id_text
from registry.licences.models import Licence
from registry.products.models import Product
from registry.warranty.models import Terms, TermsVersion

STATES = ("not_started", "active", "ended", "terminated")
FAR_OFF = "9999-12-31"  # where contracts without a known end stand when they are ordered by it
Previous = Contract.alias("previous")


def _conditions(day: date) -> dict[str, Any]:
    """Each state as a condition; the first that fits is meant."""
    over = Contract.in_force_until < day
    return {
        "terminated": over & (Contract.terminated_on == Contract.in_force_until),
        "not_started": Contract.starts_on > day,
        "ended": over,
    }


def _state(day: date) -> Any:
    return Case(None, [(condition, name) for name, condition in _conditions(day).items()], "active")


def _columns(day: date) -> list[Column]:
    return [
        Column("id", "Id", Contract.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("number", "Number", Contract.number),
        Column("title", "Title", Contract.title),
        Column("state", "State", _state(day)),
        Column("starts_on", "Starts on", Contract.starts_on, "day"),
        Column("ends_on", "Agreed until", Contract.ends_on, "day"),
        Column("in_force_until", "In force until", Contract.in_force_until, "day"),
        Column("renewal", "Renewal", Contract.renewal),
        Column("renewal_period", "Renewed for", Contract.renewal_period),
        Column("notice_days", "Days of notice", Contract.notice_days, "integer"),
        Column("policy", "Service policy", ServicePolicy.code),
        Column("version", "Version", Contract.version, "integer"),
        Column("notice_on", "Notice given on", Contract.notice_on, "day", detail=True),
        Column("terminated_on", "Terminated on", Contract.terminated_on, "day", detail=True),
        Column("termination_reason", "Reason of the end", Contract.termination_reason, detail=True),
        Column(
            "satisfaction_target",
            "Satisfaction target",
            Contract.satisfaction_target.cast("DOUBLE PRECISION"),
            "decimal",
            detail=True,
        ),
        Column("previous_id", "Previous contract (id)", Contract.previous_id, "integer", detail=True),
        Column("previous", "Previous contract", Previous.number, detail=True),
        Column("notes", "Notes", Contract.notes, detail=True),
        Column("created_at", "Created", Contract.created_at, "moment", detail=True),
        Column("changed_at", "Changed", Contract.changed_at, "moment", detail=True),
    ]


JOINS = [
    (Customer, Contract.customer_id == Customer.id),
    (ServicePolicy, Contract.policy == ServicePolicy.id),
    (Previous, Contract.previous == Previous.id),
]


def _filters(day: date) -> dict[str, Filter]:
    until = Contract.in_force_until
    return {
        "customer": of_customer(Contract),
        "q": Filter(Line(max=100, min=1), lambda _a, v: matching(CONTRACT_SEARCH, v)),
        "number": equals(Contract.number),
        "state": Filter(fields.String(validate=validate.OneOf(STATES)), lambda _a, v: _state(day) == v),
        "ends_before": Filter(Date(), lambda _a, v: until < v, order="in_force_until"),
    }


ORDERS = {"number": Contract.number, "in_force_until": fn.COALESCE(Contract.in_force_until, FAR_OFF)}


class ContractListing(Listing):
    """A list whose `state` is that of a day: it is made anew for the day that each call is about."""

    def window(self, actor: Actor, arguments: Mapping[str, Any], columns: Sequence[str] = ()) -> Window:
        return contracts_on(arguments.get("on")).window(actor, arguments, columns)

    def stream(
        self, actor: Actor, arguments: Mapping[str, Any], columns: Sequence[str] = (), *, step: int = 5000
    ) -> Iterator[tuple[Any, ...]]:
        return contracts_on(arguments.get("on")).stream(actor, arguments, columns, step=step)

    def these(self, actor: Actor, ids: Sequence[int], columns: Sequence[str] = ()) -> list[dict[str, Any]]:
        return contracts_on(None).these(actor, ids, columns)

    def one(self, actor: Actor, row_id: int) -> dict[str, Any]:
        return contracts_on(None).one(actor, row_id)


def contracts_on(day: date | None) -> Listing:
    """The list of contracts with their state on that day (None: today)."""
    when = day or clock.today()
    return Listing("contract", Contract, "contract.view", _columns(when), JOINS, _filters(when), ORDERS)


_SOME_DAY = date(2000, 1, 1)  # the shapes are the same on every day
CONTRACTS = declare(
    ContractListing(
        "contract",
        Contract,
        "contract.view",
        _columns(_SOME_DAY),
        JOINS,
        {**_filters(_SOME_DAY), "on": Filter(Date(), lambda _a, _v: Contract.id.is_null(False))},
        ORDERS,
    )
)

LINES = declare(
    Listing(
        "contract_line",
        ContractLine,
        "contract.view",
        columns=[
            Column("id", "Id", ContractLine.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("contract_id", "Contract id", ContractLine.contract_id, "integer"),
            Column("contract", "Contract", Contract.number),
            Column("asset_id", "Asset id", ContractLine.asset_id, "integer"),
            Column("serial", "Serial number", Asset.serial),
            Column("licence_id", "Licence id", ContractLine.licence_id, "integer"),
            Column("licence", "Licence", Licence.name),
            Column("product_id", "Product id", ContractLine.product_id, "integer"),
            Column("product", "Product", Product.name),
            Column("site_id", "Site id", ContractLine.site_id, "integer"),
            Column("site", "Site", Site.name),
            Column("everything", "Everything", ContractLine.everything, "boolean"),
            Column("terms", "Warranty terms", Terms.code),
            Column("terms_name", "Name of the terms", Terms.name),
            Column("terms_version", "Version of the terms", TermsVersion.number, "integer"),
            Column("starts_on", "Starts on", ContractLine.starts_on, "day"),
            Column("ends_on", "Ends on", ContractLine.ends_on, "day"),
            Column("note", "Note", ContractLine.note),
            Column("version", "Version", ContractLine.version, "integer"),
        ],
        joins=[
            (Customer, ContractLine.customer_id == Customer.id),
            (Contract, ContractLine.contract == Contract.id),
            (Asset, ContractLine.asset == Asset.id),
            (Licence, ContractLine.licence == Licence.id),
            (Product, ContractLine.product == Product.id),
            (Site, ContractLine.site == Site.id),
            (TermsVersion, ContractLine.terms_version == TermsVersion.id),
            (Terms, TermsVersion.terms == Terms.id),
        ],
        filters={
            "customer": of_customer(ContractLine),
            "contract": Filter(
                id_text(),
                lambda _a, v: ContractLine.contract == v,
            ),
        },
    )
)
