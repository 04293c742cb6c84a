"""One version of warranty terms: what is promised, for how long, against which causes.

`TermsBody` is frozen, so a decision made under a version stays what it was when a newer one appears.
The JSON form (`as_dict`, `from_dict`) is what a row stores; the two convert without loss.
"""

from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length

from registry.kernel.codes import Codes
from registry.kernel.language import N_, _

from .causes import CAUSE_CLASSES, CAUSE_NAMES, CAUSES, names_cause
from .periods import Period
from .shapes import NamingSchema, choice, choices, flag, period, text, whole
from .templates import TEMPLATE_BODIES
from .vocabulary import (
    AFTER_TERM,
    EVIDENCE,
    REMEDIES,
    REQUEST_REMEDY,
    REQUIREMENTS,
    START_BASES,
    TRANSFER_RULES,
)

__all__ = [
    "CAUSES",
    "CAUSE_CLASSES",
    "TEMPLATES",
    "Coverage",
    "CoverageSchema",
    "Replacement",
    "ReplacementSchema",
    "TermsBody",
    "TermsBodySchema",
]
MAX_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Coverage:
    """One promise: a remedy for a period. While it is owed, the remedies it supersedes are not offered."""

    remedy: str
    period: Period
    charge: str = "free"
    requires: str | None = None
    chosen_by: str | None = None
    supersedes: tuple[str, ...] = ()
    per_year: int | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a replacement unit gets: the rest of the term, a full one, or the longer of rest and days."""

    rule: str = "remaining"
    days: int | None = None


@dataclass(frozen=True, slots=True)
class TermsBody:
    """The body of one version of terms. Coverages stand in the order in which they are offered."""

    start_basis: str
    coverages: tuple[Coverage, ...]
    covers_causes: tuple[str, ...]
    exclusions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    replacement: Replacement = Replacement()
    repair_warranty: Period | None = None
    functions_only: bool = False
    repair_extends: bool = False
    free_requests: tuple[str, ...] = ()
    notify_within_days: int | None = None
    after_term: str = "quote"
    notes: str = ""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TermsBody":
        """Raises marshmallow's ValidationError with the messages by field."""
        body: TermsBody = TermsBodySchema().load(data)
        return body

    def as_dict(self) -> dict[str, Any]:
        """The JSON form with every field present."""
        return dict(TermsBodySchema().dump(self))

    def coverage(self, remedy: str) -> Coverage | None:
        return next((coverage for coverage in self.coverages if coverage.remedy == remedy), None)

    def covers(self, cause: str) -> bool:
        """Whether the cause is covered; an exclusion wins over everything."""
        return names_cause(self.covers_causes, cause) and not self.excludes(cause)

    def excludes(self, cause: str) -> bool:
        return names_cause(self.exclusions, cause)


class CoverageSchema(NamingSchema):
    remedy = choice(N_("Remedy"), REMEDIES, required=True)
    period = period(N_("Period"), required=True)
    charge = choice(N_("Charge"), ("free",), load_default="free")
    requires = choice(N_("Requires"), REQUIREMENTS, load_default=None, allow_none=True)
    chosen_by = choice(N_("Chosen by"), ("customer",), load_default=None, allow_none=True)
    supersedes = choices(N_("Supersedes"), REMEDIES, load_default=list)
    per_year = whole(N_("Per year"), 1, 366, load_default=None, allow_none=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **kwargs: Any) -> None:
        patrol = data["remedy"] == "patrol"
        if patrol and data["per_year"] is None:
            raise ValidationError(_("Per year is missing: say how many patrols a year are owed."), "per_year")
        if not patrol and data["per_year"] is not None:
            raise ValidationError(_("Per year belongs to patrols only."), "per_year")
        if data["remedy"] in data["supersedes"]:
            raise ValidationError(_("Supersedes must not name the remedy itself."), "supersedes")
        if data["remedy"] == "return" and data["chosen_by"] != "customer":
            raise ValidationError(_("Chosen by must be customer: a return is the customer's choice."), "chosen_by")

    @post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> Coverage:
        return Coverage(**{**data, "supersedes": tuple(data["supersedes"])})


class ReplacementSchema(NamingSchema):
    rule = choice(N_("Rule"), TRANSFER_RULES, load_default="remaining")
    days = whole(N_("Days"), 1, MAX_DAYS, load_default=None, allow_none=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["rule"] == "max_remaining") != (data["days"] is not None):
            raise ValidationError(_("Days must be given with the rule max_remaining and with no other."), "days")

    @post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> Replacement:
        return Replacement(**data)


class TermsBodySchema(NamingSchema):
    """JSON of a terms version to `TermsBody` and back; unknown fields are errors."""

    start_basis = choice(N_("Start basis"), START_BASES, required=True)
    coverages = fields.List(
        fields.Nested(CoverageSchema),
        required=True,
        validate=Length(1, len(REMEDIES), error=N_("Coverages: promise at least one remedy, and each only once.")),
        error_messages=dict.fromkeys(("required", "null", "invalid"), N_("Coverages must be a list of coverages.")),
    )
    covers_causes = choices(N_("Covers causes"), CAUSE_NAMES, required=True)
    exclusions = choices(N_("Exclusions"), CAUSE_NAMES, load_default=list)
    evidence = choices(N_("Evidence"), EVIDENCE, load_default=list)
    replacement = fields.Nested(
        ReplacementSchema,
        load_default=Replacement,
        error_messages={"null": N_("Replacement must be an object with a rule.")},
    )
    repair_warranty = period(N_("Repair warranty"), load_default=None, allow_none=True)
    functions_only = flag(N_("Functions only"), load_default=False)
    repair_extends = flag(N_("Repair extends"), load_default=False)
    free_requests = choices(N_("Free requests"), ("fine_adjustment", "question"), load_default=list)
    notify_within_days = whole(N_("Notify within days"), 0, MAX_DAYS, load_default=None, allow_none=True)
    after_term = choice(N_("After term"), AFTER_TERM, load_default="quote")
    notes = text(N_("Notes"), 5000, load_default="")

    @validates_schema
    def _fits(self, data: dict[str, Any], **kwargs: Any) -> None:
        remedies = [coverage.remedy for coverage in data["coverages"]]
        for index, remedy in enumerate(remedies):
            if remedy in remedies[:index]:
                message = _(
                    "Remedy %(remedy)s is promised twice: keep the longer period.", remedy=Codes((remedy,), "remedy")
                )
                raise ValidationError({"coverages": {index: {"remedy": [message]}}})
        for request in data["free_requests"]:
            needed = REQUEST_REMEDY[request]
            if needed not in remedies:
                message = _(
                    "Free requests name %(request)s, so coverages must promise %(needed)s.",
                    request=Codes((request,), "request"),
                    needed=Codes((needed,), "remedy"),
                )
                raise ValidationError(message, "free_requests")

    @post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> TermsBody:
        frozen: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return TermsBody(**frozen)


TEMPLATES: dict[str, tuple[str, TermsBody]] = {
    code: (name, TermsBody.from_dict(body)) for code, (name, body) in TEMPLATE_BODIES.items()
}
"""The terms that ship ready to copy: code to (name, body)."""
