"""Warranties, claims and questions that the tests of decisions share."""

from datetime import date, timedelta

from hypothesis import strategies as st

from registry.warranty.causes import CAUSES
from registry.warranty.coverage import materialise
from registry.warranty.decision import decide
from registry.warranty.facts import AgreedFunction, FactsSchema, Subject, WarrantyFacts
from registry.warranty.terms import TEMPLATES
from registry.warranty.vocabulary import REQUESTS

DAY = timedelta(days=1)
START = date(2024, 2, 29)
YEAR_1, YEAR_2, AFTER = date(2024, 6, 1), date(2025, 6, 1), date(2027, 3, 1)
FAILED = {"parameter": "Tx power", "value": "-9.0", "limit_min": "-8.2", "unit": "dBm", "after": "repair"}
PASSED = {**FAILED, "value": "-8.0"}


def warranty(code, start=START, number=1, **more):
    name, body = TEMPLATES[code]
    spans = tuple(materialise(start, body)) if start else ()
    return WarrantyFacts(number, more.pop("kind", "manufacturer"), name, 1, body, spans, **more)


def asked(what, on, cause=None, **facts):
    """Decide on a template or on warranties, with facts as a claim would give them in JSON."""
    warranties = (warranty(what),) if isinstance(what, str) else what
    return decide(Subject(7, tuple(warranties)), on, cause, FactsSchema().load(facts))


def free(decision):
    return [offer.remedy for offer in decision.remedies if offer.charge == "free"]


def quoted(decision):
    return [offer.remedy for offer in decision.remedies if offer.charge == "quote"]


def codes(notes):
    return [item.code for item in notes]


FUNCTIONS = (AgreedFunction("Stock report", START), AgreedFunction("Price list", START + 10 * DAY))
DATES = st.dates(date(2022, 1, 1), date(2029, 12, 31))
NUMBERS = st.decimals(-100, 100, places=2)


@st.composite
def warranties(draw):
    found = []
    for number in range(draw(st.integers(0, 4))):
        code = draw(st.sampled_from(sorted(TEMPLATES)))
        found.append(
            warranty(
                code,
                draw(st.none() | DATES),
                number,
                void_on=draw(st.none() | DATES),
                closed_on=draw(st.none() | DATES),
                functions=FUNCTIONS,
            )
        )
    return found


@st.composite
def claims(draw):
    def readings(**more):
        one = {"parameter": "Tx power", "value": str(draw(NUMBERS)), "limit_min": str(draw(NUMBERS)), **more}
        return [one] if draw(st.booleans()) else []

    claim = {
        "request": draw(st.sampled_from(sorted(REQUESTS))),
        "function": draw(st.sampled_from([None, "Stock report", "Price list", "Payroll"])),
        "operating": readings(),
        "tests": readings(after=draw(st.sampled_from(["repair", "replacement"]))),
        "customer_choice": draw(st.sampled_from([None, "return", "replace"])),
        "chosen_by": draw(st.sampled_from([None, "customer", "staff"])),
    }
    return claim | (readings() or [{}])[0]


CAUSE = st.none() | st.sampled_from(sorted(CAUSES))
