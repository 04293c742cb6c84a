"""The form of warranty terms: what is promised as lines, causes as ticks, periods as a number and a unit. Nobody writes
JSON. And what such a draft would give to a unit, worked out by the same code that gives the warranty."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from registry.kernel.errors import Problem
from registry.kernel.language import _
from registry.kernel.shapes import Date
from registry.warranty.facts import WarrantyFacts
from registry.warranty.service import materialised
from registry.warranty.terms import CoverageSchema, ReplacementSchema, TermsBody, TermsBodySchema
from registry.web.forms import as_typed, meant
from registry.web.lines import Line, Lines, LinesForm
from registry.web.period_form import about_period
from registry.web.timeline import timeline
from registry.web.words.promises import counted, meant_period

BODY = TermsBodySchema()
COVERAGE = CoverageSchema()
DAYS = ReplacementSchema().fields["days"]
CELLS = ("remedy", "count", "unit", "requires", "chosen_by", "per_year", "supersedes")
COVERAGES = Lines("coverages", COVERAGE, CELLS, ("supersedes",), ("remedy", "count", "per_year"))
PLAIN = ("start_basis", "covers_causes", "exclusions", "evidence", "functions_only", "repair_extends", "free_requests",
         "notify_within_days", "notes")  # fmt: skip
MANY = ("covers_causes", "exclusions", "evidence", "free_requests")
PARTS = ("replacement_rule", "replacement_days", "repair_count", "repair_unit")
# Where the errors of parts of the body stand.
PLACES = {"repair_warranty": "repair_count", "rule": "replacement_rule", "days": "replacement_days"}


class TermsForm(LinesForm):
    """`shape` is VersionIn or TermsIn; `only` are the fields of it that are on the page, beside those of the body."""

    def __init__(
        self,
        shape: Schema,
        sent: MultiDict[str, str] | None = None,
        *,
        shown: Mapping[str, Any] | None = None,
        only: tuple[str, ...] = ("note",),
    ) -> None:
        super().__init__(shape, sent, shown=shown, only=only, lists=[COVERAGES])
        self.own = only
        self.names += (*PLAIN, *PARTS)
        self.typed.update(_sent_body(sent) if sent is not None else _shown_body(shown or {}))

    def shown_lines(self, lines: Lines, shown: Mapping[str, Any]) -> list[Line]:
        return [_shown_coverage(each) for each in shown.get("coverages") or ()]

    def values(self) -> dict[str, Any]:
        own = {name: meant(self.shape.fields[name], self.typed[name]) for name in self.own if name in self.typed}
        given = {name: value for name, value in own.items() if value is not ...}
        return self.shape.load({**given, "body": self.body()})  # type: ignore[no-any-return]

    def body(self) -> dict[str, Any]:
        """The body of the terms as it stands in the form, in the form of JSON, checked by nobody yet."""
        plain = {name: meant(BODY.fields[name], self.typed[name]) for name in PLAIN if name in self.typed}
        found = {name: value for name, value in plain.items() if value not in (..., "") or name == "notes"}
        found |= self.line_values()
        found["repair_warranty"] = meant_period(*(self.typed.get(f"repair_{part}", "") for part in ("count", "unit")))
        if rule := self.typed.get("replacement_rule"):
            days = meant(DAYS, self.typed.get("replacement_days", ""))
            found["replacement"] = {"rule": rule, "days": days}
        return found

    def line_value(self, lines: Lines, line: Line) -> dict[str, Any]:
        plain = {cell: line[cell] for cell in ("remedy", "requires", "chosen_by", "per_year") if line.get(cell)}
        found = {cell: meant(COVERAGE.fields[cell], text) for cell, text in plain.items()}
        period = meant_period(line.get("count", ""), line.get("unit", ""))
        return {**found, "supersedes": line.get("supersedes") or [], **({"period": period} if period else {})}

    def placed(self, errors: Mapping[str, Any]) -> dict[str, Any]:
        body = errors.get("body")
        ready: dict[str, Any] = {name: texts for name, texts in errors.items() if name != "body"}
        if isinstance(body, Mapping):
            for name, texts in body.items():
                inner: Mapping[str, Any] = (
                    texts if name == "replacement" and isinstance(texts, Mapping) else {name: texts}
                )
                ready.update({PLACES.get(part, part): said for part, said in inner.items()})
        elif body:
            ready["coverages"] = body
        if "repair_count" in ready:
            ready["repair_count"] = [about_period(self.typed.get("repair_count", ""))]
        return super().placed(ready)

    def _of_line(self, lines: Lines, number: int, texts: Any) -> dict[str, Any]:
        """Said in the words of the page: of what was left out or is no number, the shape speaks to programs."""
        found, line = super()._of_line(lines, number, texts), self.lines[lines.name][number]
        named = f"{lines.name}-{number}"
        if f"{named}-count" in found:
            found[f"{named}-count"] = [about_period(line.get("count", ""))]
        if f"{named}-remedy" in found and not line.get("remedy"):
            found[f"{named}-remedy"] = [_("Choose what is promised.")]
        return found

    def cell_of(self, lines: Lines, name: str) -> str:
        return "count" if name == "period" else "remedy"


def _sent_body(sent: MultiDict[str, str]) -> dict[str, Any]:
    alone = (name for name in (*PLAIN, *PARTS) if name in sent and name not in MANY)
    found: dict[str, Any] = {name: sent.getlist(name)[-1] for name in alone}
    return found | {name: [text for text in sent.getlist(name) if text] for name in MANY}


def _shown_body(body: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: as_typed(body[name]) for name in PLAIN if body.get(name) is not None}
    replacement = body.get("replacement") or {}
    found["replacement_rule"] = replacement.get("rule", "remaining")
    found["replacement_days"] = as_typed(replacement["days"]) if replacement.get("days") else ""
    found["repair_count"], found["repair_unit"] = counted(body.get("repair_warranty"))
    return found


def _shown_coverage(coverage: Mapping[str, Any]) -> Line:
    count, unit = counted(coverage["period"])
    texts = {cell: str(coverage.get(cell) or "") for cell in ("remedy", "requires", "chosen_by", "per_year")}
    return {**texts, "count": count, "unit": unit, "supersedes": list(coverage.get("supersedes") or ())}


# --- What it would give ------------------------------------------------------------------------------------


def draft_of(form: TermsForm) -> tuple[TermsBody | None, bool]:
    """The terms as far as they are written, and whether that is all: lines that make no sense yet are left out."""
    body = form.body()
    try:
        return TermsBody.from_dict(body), True
    except ValidationError:
        found = [each for each in map(_readable, body["coverages"]) if each]
        return (TermsBody("given", tuple(found), ()) if found else None), False


def _readable(line: dict[str, Any]) -> Any:
    try:
        return COVERAGE.load(line)
    except ValidationError:
        return None


def preview(form: TermsForm, typed_day: str, today: date) -> dict[str, Any]:
    """What a unit whose date is `typed_day` (today if that is none) would be promised: {"on", "whole", "promises",
    "line", "error"}. Writes nothing."""
    body, whole = draft_of(form)
    day, error = _day(typed_day, today)
    found: dict[str, Any] = {"day": day, "on": typed_day or day, "whole": whole, "body": body, "error": error}
    found |= {"promises": [], "line": None, "today": today, "basis": form.typed.get("start_basis", "")}
    if body is None:
        return found
    try:
        spans = materialised(day, body)
    except Problem as problem:
        return {**found, "error": " ".join(str(text) for texts in problem.errors.values() for text in texts)}
    facts = WarrantyFacts(0, "manufacturer", form.typed.get("name", ""), 0, body, tuple(spans))
    promises = [{"span": span, "promise": body.coverages[span.position]} for span in spans]
    return {**found, "promises": promises, "line": timeline([facts], today)}


def _day(typed: str, today: date) -> tuple[date, str]:
    if not typed:
        return today, ""
    try:
        return Date().deserialize(typed), ""
    except ValidationError as error:
        return today, " ".join(str(text) for text in error.messages)
