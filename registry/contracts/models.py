"""A contract: its terms (one row each, never deleted), what it covers (lines), what it owes (duties)."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DecimalField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from registry.assets.models import Asset
from registry.customers.models import ServicePolicy, Site
from registry.kernel.access import Owned
from registry.kernel.db import Day
from registry.kernel.search import SearchSource, declare
from registry.kernel.writing import Versioned
from registry.licences.models import Licence
from registry.products.models import Product
from registry.warranty.models import TermsVersion

DUTY_KINDS = ("warranty", "patrol", "training", "response", "report", "other")
COVERS = ("asset", "licence", "product", "site", "everything")


class Contract(Versioned, Owned):
    """`ends_on` is the last day agreed so far (NULL: open-ended).

    `in_force_until` is derived at every write from terms, renewal, notice and termination (NULL: no end is
    known), so that lists need no calendar arithmetic. The state on a day is never stored.
    """

    number = CharField(max_length=64)
    title = CharField()
    starts_on = Day()
    ends_on = Day(null=True)
    renewal = CharField(max_length=16, default="none")
    renewal_period = CharField(max_length=32, null=True)  # ISO 8601
    notice_days = IntegerField(default=0)
    notice_on = Day(null=True)  # when notice was given
    terminated_on = Day(null=True)  # the last day, by termination
    termination_reason = CharField(default="")
    in_force_until = Day(null=True)
    policy = ForeignKeyField(ServicePolicy, null=True)
    satisfaction_target = DecimalField(max_digits=5, decimal_places=2, null=True)
    previous = ForeignKeyField("self", null=True)
    notes = TextField(default="")

    class Meta:
        table_name = "contract"
        constraints = [Check("starts_on <= ends_on"), Check("notice_days >= 0")]
        indexes = (
            (("customer_id", "number"), True),
            (("customer_id", "id"), False),
            (("customer_id", "in_force_until", "id"), False),
        )

    @property
    def label(self) -> str:
        return str(self.number)


class ContractTerm(Owned):
    """One term that was agreed, or that began by tacit renewal before the contract was changed."""

    contract = ForeignKeyField(Contract)
    number = IntegerField()
    starts_on = Day()
    ends_on = Day(null=True)
    tacit = BooleanField(default=False)
    agreed_on = Day(null=True)
    note = CharField(default="")

    class Meta:
        table_name = "contract_term"
        constraints = [Check("starts_on <= ends_on")]
        indexes = ((("contract", "number"), True),)


class ContractLine(Versioned, Owned):
    """What a contract covers: one asset, licence, product or site, or everything the customer has."""

    contract = ForeignKeyField(Contract)
    asset = ForeignKeyField(Asset, null=True)
    licence = ForeignKeyField(Licence, null=True)
    product = ForeignKeyField(Product, null=True)
    site = ForeignKeyField(Site, null=True)
    everything = BooleanField(default=False)
    terms_version = ForeignKeyField(TermsVersion, null=True)
    starts_on = Day(null=True)  # NULL: with the contract
    ends_on = Day(null=True)
    note = CharField(default="")

    class Meta:
        table_name = "contract_line"
        constraints = [
            Check(
                " + ".join(
                    f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END"
                    for column in ("asset_id", "licence_id", "product_id", "site_id")
                )
                + " + CASE WHEN everything THEN 1 ELSE 0 END = 1"
            ),
            Check("starts_on <= ends_on"),
        ]

    @property
    def covers(self) -> str:
        """Which of COVERS this line names."""
        if self.everything:
            return "everything"
        return next(name for name in COVERS if self.__data__.get(name) is not None)

    @property
    def label(self) -> str:
        named = "everything" if self.everything else f"{self.covers} {self.__data__[self.covers]}"
        return f"contract {self.contract_id}: {named}"


for _name in ("asset", "licence", "product", "site"):
    ContractLine.add_index(
        ContractLine.contract,
        getattr(ContractLine, _name),
        unique=True,
        where=SQL("ends_on IS NULL"),
        name=f"contract_line_open_{_name}",
    )
ContractLine.add_index(
    ContractLine.contract,
    unique=True,
    where=SQL("everything AND ends_on IS NULL"),
    name="contract_line_open_everything",
)


class Duty(Versioned, Owned):
    """What a contract obliges to: for one line, one product, or (neither) for everything it covers."""

    contract = ForeignKeyField(Contract)
    line = ForeignKeyField(ContractLine, null=True)
    product = ForeignKeyField(Product, null=True)
    kind = CharField(max_length=16)
    title = CharField()
    due_on = Day(null=True)
    every = CharField(max_length=32, null=True)  # ISO 8601
    per_year = IntegerField(null=True)

    class Meta:
        table_name = "contract_duty"
        constraints = [
            Check("every IS NULL OR due_on IS NOT NULL"),
            Check("per_year IS NULL OR (per_year > 0 AND every IS NULL AND due_on IS NULL)"),
        ]

    @property
    def label(self) -> str:
        return str(self.title)


class DutyDone(Owned):
    """That a duty was fulfilled: when, by whom, and what shows it."""

    duty = ForeignKeyField(Duty)
    done_on = Day()
    done_by = CharField()
    note = TextField(default="")
    evidence = TextField(default="")

    class Meta:
        table_name = "duty_done"
        indexes = ((("duty", "done_on"), False),)

    @property
    def label(self) -> str:
        return f"duty {self.duty_id} on {self.done_on}"


CONTRACT_SEARCH = declare(SearchSource("contract", Contract, ("number", "title"), "contract.view"))
