"""What a decision is made from: the warranties of a unit, and the facts of a claim. Plain frozen data."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_dump, post_load, validates_schema

from registry.kernel.language import N_, _, later

from .coverage import CoverageSpan, close
from .shapes import NamingSchema, choice, day, name, number, text
from .terms import TermsBody
from .vocabulary import CHOOSERS, CUSTOMER_CHOICES, REQUESTS, TESTED_AFTER


@dataclass(frozen=True, slots=True)
class AgreedFunction:
    """A function of the agreed list; it counts from the day both parties agreed on it."""

    name: str
    agreed_on: date


@dataclass(frozen=True, slots=True)
class WarrantyFacts:
    """One warranty as a decision sees it.

    `version`: of the terms, whose `body` is frozen. `void_on`, `closed_on` (moved to a replacement unit):
    nothing is covered from that day on. `start_missing`: why there are no spans yet, such as "the launch date
    is missing".
    `contract`: the name of the contract that brings it.
    """

    id: int
    kind: str
    terms: str
    version: int
    body: TermsBody
    spans: tuple[CoverageSpan, ...] = ()
    void_on: date | None = None
    void_reason: str = ""
    closed_on: date | None = None
    functions: tuple[AgreedFunction, ...] = ()
    start_missing: str | None = None
    contract: str | None = None

    @property
    def live_spans(self) -> list[CoverageSpan]:
        """The spans without the days after the warranty was voided or moved away."""
        spans = list(self.spans)
        for end in (self.void_on, self.closed_on):
            spans = close(spans, end) if end is not None else spans
        return spans

    @property
    def label(self) -> str:
        label = _("%(terms)s, version %(version)s", terms=_(self.terms), version=self.version)
        return _("%(label)s (contract %(contract)s)", label=label, contract=self.contract) if self.contract else label


@dataclass(frozen=True, slots=True)
class Subject:
    """The unit that is asked about: its id and all of its warranties."""

    asset: int | str | None
    warranties: tuple[WarrantyFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value and its limits; a value equal to a limit is within. `after`: `repair | replacement`
    for a test of the unit that was just repaired or replaced."""

    parameter: str
    value: Decimal
    limit_min: Decimal | None = None
    limit_max: Decimal | None = None
    unit: str = ""
    after: str | None = None

    @property
    def outside(self) -> bool:
        below = self.limit_min is not None and self.value < self.limit_min
        return below or (self.limit_max is not None and self.value > self.limit_max)

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        least = _("at least %(limit)s", limit=f"{self.limit_min}{unit}") if self.limit_min is not None else ""
        most = _("at most %(limit)s", limit=f"{self.limit_max}{unit}") if self.limit_max is not None else ""
        wanted = _("%(least)s and %(most)s", least=least, most=most) if least and most else least or most
        return _(
            "%(parameter)s %(value)s%(unit)s (specified: %(wanted)s)",
            parameter=self.parameter,
            value=self.value,
            unit=unit,
            wanted=wanted,
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a claim; every one may be missing.

    request: what is asked for, one of REQUESTS.  function: the software function concerned.
    parameter, value, limit_min, limit_max, unit: the reading that is claimed to be outside its specification.
    operating: conditions of use against the data sheet.
    fault_on, notified_on: when it failed, when we heard of it.
    tests: the test of the latest repair or replacement.
    customer_choice, chosen_by: what was chosen, by whom.
    """

    request: str = "malfunction"
    function: str | None = None
    parameter: str | None = None
    value: Decimal | None = None
    limit_min: Decimal | None = None
    limit_max: Decimal | None = None
    unit: str = ""
    operating: tuple[Reading, ...] = ()
    fault_on: date | None = None
    notified_on: date | None = None
    tests: tuple[Reading, ...] = ()
    customer_choice: str | None = None
    chosen_by: str | None = None

    @property
    def reading(self) -> Reading | None:
        """The reading that is claimed, if it can be judged: a value with at least one limit."""
        if self.value is None or (self.limit_min is None and self.limit_max is None):
            return None
        return Reading(self.parameter or _("The value"), self.value, self.limit_min, self.limit_max, self.unit)

    @property
    def notice_delay(self) -> int | None:
        """Days from the fault to its notice, if both are known."""
        if self.fault_on is None or self.notified_on is None:
            return None
        return (self.notified_on - self.fault_on).days

    def failed(self, *after: str) -> tuple[Reading, ...]:
        """Tests outside their limits, after the kinds of work named."""
        return tuple(test for test in self.tests if test.after in after and test.outside)


def _check_limits(data: dict[str, Any], *, needed: bool = True) -> None:
    low, high = data.get("limit_min"), data.get("limit_max")
    if needed and data.get("value") is not None and low is None and high is None:
        raise ValidationError(_("Limit min or limit max is missing: a value is judged against a limit."), "limit_min")
    if low is not None and high is not None and low > high:
        raise ValidationError(_("Limit min must not be above limit max."), "limit_min")


class ReadingSchema(NamingSchema):
    parameter = name(N_("Parameter"), required=True)
    value = number(N_("Value"), required=True)
    limit_min = number(N_("Limit min"), load_default=None, allow_none=True)
    limit_max = number(N_("Limit max"), load_default=None, allow_none=True)
    unit = text(N_("Unit"), 20, load_default="")

    @validates_schema
    def _fits(self, data: dict[str, Any], **kwargs: Any) -> None:
        _check_limits(data)

    @post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> Reading:
        return Reading(**data)


class TestReadingSchema(ReadingSchema):
    after = choice(N_("After"), TESTED_AFTER, required=True)


def _readings(schema: type[ReadingSchema], label: str) -> fields.List[Reading]:
    message = later("%(label)s must be a list of readings.", label=later(label))
    messages: dict[str, Any] = {"invalid": message, "null": message}
    return fields.List(fields.Nested(schema), load_default=list, error_messages=messages)


class FactsSchema(NamingSchema):
    """JSON of the facts to `Facts` and back; unknown fields are errors, numbers are dumped as strings."""

    LIMITS_NEEDED = True

    request = choice(N_("Request"), REQUESTS, load_default="malfunction")
    function = name(N_("Function"), load_default=None, allow_none=True)
    parameter = name(N_("Parameter"), load_default=None, allow_none=True)
    value = number(N_("Value"), load_default=None, allow_none=True)
    limit_min = number(N_("Limit min"), load_default=None, allow_none=True)
    limit_max = number(N_("Limit max"), load_default=None, allow_none=True)
    unit = text(N_("Unit"), 20, load_default="")
    operating = _readings(ReadingSchema, N_("Operating"))
    fault_on = day(N_("Fault on"), load_default=None, allow_none=True)
    notified_on = day(N_("Notified on"), load_default=None, allow_none=True)
    tests = _readings(TestReadingSchema, N_("Tests"))
    customer_choice = choice(N_("Customer choice"), CUSTOMER_CHOICES, load_default=None, allow_none=True)
    chosen_by = choice(N_("Chosen by"), CHOOSERS, load_default=None, allow_none=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["value"] is not None and data["parameter"] is None:
            raise ValidationError(_("Parameter is missing: name what was measured."), "parameter")
        _check_limits(data, needed=self.LIMITS_NEEDED)
        if data["fault_on"] and data["notified_on"] and data["notified_on"] < data["fault_on"]:
            raise ValidationError(_("Notified on must not be before fault on."), "notified_on")

    @post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> Facts:
        return Facts(**{**data, "operating": tuple(data["operating"]), "tests": tuple(data["tests"])})

    @post_dump
    def _given_only(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {key: value for key, value in data.items() if value not in (None, "", [])}


class ClaimSchema(FactsSchema):
    """The same for a claim on a unit: where it gives a value without limits, those of the unit's product count."""

    LIMITS_NEEDED = False
