"""The list of what was announced."""

from typing import Any

from marshmallow import fields, validate
from peewee import Case

from registry.assets.models import Asset
from registry.contracts.models import Contract
from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel.listing import Column, Filter, Listing, declare
from registry.kernel.shapes import Date
from registry.licences.models import Licence
from registry.notices.models import Notice, NoticeRun
from registry.notices.topics import TOPICS

LICENCES = ("licence_warranty", "licence", "maintenance")
CONTRACTS = ("contract", "contract_part", "contract_notice")
# topic -> what ends
THINGS = {"asset_warranty": "asset", **dict.fromkeys(LICENCES, "licence"), **dict.fromkeys(CONTRACTS, "contract")}


def _topics(*names: str) -> Any:
    return Notice.topic.in_(list(names))


_LABEL = Case(
    None,
    [
        (Notice.topic == "asset_warranty", Asset.serial),
        (_topics(*LICENCES), Licence.name),
        (_topics(*CONTRACTS), Contract.number),
    ],
)

NOTICES = declare(
    Listing(
        "notice",
        Notice,
        "notice.view",
        columns=[
            Column("id", "Id", Notice.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("topic", "Topic", Notice.topic),
            Column("subject_id", "Subject id", Notice.subject_id, "integer"),
            Column("subject", "Subject", _LABEL),
            Column("ends_on", "Ends on", Notice.ends_on, "day"),
            Column("step", "Days ahead", Notice.step, "integer"),
            Column("announced_at", "Announced", NoticeRun.at, "moment"),
            Column("mailed_at", "Mailed", NoticeRun.mailed_at, "moment"),
        ],
        joins=[
            (Customer, Notice.customer_id == Customer.id),
            (NoticeRun, Notice.run == NoticeRun.id),
            (Asset, (Notice.topic == "asset_warranty") & (Asset.id == Notice.subject_id)),
            (Licence, _topics(*LICENCES) & (Licence.id == Notice.subject_id)),
            (Contract, _topics(*CONTRACTS) & (Contract.id == Notice.subject_id)),
        ],
        filters={
            "customer": of_customer(Notice),
            "topic": Filter(fields.String(validate=validate.OneOf(sorted(TOPICS))), lambda _a, v: Notice.topic == v),
            "ends_before": Filter(Date(), lambda _a, v: Notice.ends_on < v),
        },
    )
)
