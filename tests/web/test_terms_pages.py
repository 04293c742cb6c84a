"""Warranty terms as pages: drafts, lines, the preview - which promises exactly what a warranty then gets."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from registry.kernel.access import visible
from registry.warranty.causes import CAUSE_NAMES
from registry.warranty.models import Coverage
from registry.warranty.schemas import VersionIn
from registry.warranty.service import start_warranty
from registry.warranty.terms import TEMPLATES
from registry.warranty.terms_service import create_terms, publish, terms
from registry.warranty.vocabulary import REMEDIES
from registry.web.terms_form import MANY, TermsForm, preview
from tests.houses import House
from tests.web.promises import Promises, errors_of, filled, sent
from tests.web.promises import promises as promises  # a fixture

TODAY = date(2026, 6, 1)
LINE = {"remedy": "repair", "count": "2", "unit": "Y"}
EMPTY = {"remedy": "", "count": "", "unit": "Y"}  # what a browser sends of a line in which nothing was written


def lined(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Fields of a form with these promises."""
    named = {f"coverages-{at}-{cell}": text for at, line in enumerate(lines) for cell, text in line.items()}
    return {"start_basis": "delivery", "covers_causes": ["", "non_human"], **named, **more}


PERIODS = st.tuples(st.integers(1, 30).map(str), st.sampled_from("YMWD"))


@st.composite
def drafts(draw: st.DrawFn) -> dict[str, Any]:
    """What somebody may have typed, mostly sound."""
    lines = []
    for remedy in draw(st.lists(st.sampled_from([*REMEDIES, ""]), min_size=1, max_size=6, unique=True)):
        count, unit = draw(PERIODS)
        line: dict[str, Any] = {"remedy": remedy, "count": count, "unit": unit}
        line["per_year"] = str(draw(st.integers(1, 12))) if remedy == "patrol" else ""
        line["chosen_by"] = "customer" if remedy == "return" else draw(st.sampled_from(["", "customer"]))
        line["supersedes"] = draw(st.lists(st.sampled_from([r for r in REMEDIES if r != remedy]), unique=True))
        line["requires"] = draw(st.sampled_from(["", "failed_repair"]))
        lines.append(line if remedy else {"remedy": "", "count": "", "unit": unit})
    more: dict[str, Any] = {"exclusions": ["", *draw(st.lists(st.sampled_from(CAUSE_NAMES), unique=True, max_size=4))]}
    more["repair_count"], more["repair_unit"] = draw(st.one_of(st.just(("", "M")), PERIODS))
    more["notify_within_days"] = draw(st.sampled_from(["", "0", "30"]))
    more["preview_on"] = draw(st.dates(date(1999, 1, 1), date(2100, 1, 1))).isoformat()
    return lined(*lines, **more)


def _form(fields: dict[str, Any]) -> TermsForm:
    pairs = [(name, one) for name, each in fields.items() for one in (each if isinstance(each, list) else [each])]
    return TermsForm(VersionIn(), MultiDict(pairs))


def test_the_preview_promises_what_the_warranty_then_gets(house: House) -> None:
    house.customer("acme")
    asset, system = house.asset(), house.system
    made = create_terms(system, {"code": "drafted", "name": "Drafted", "copy_of": "hardware"})
    published = []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drafts())
    def check(fields: dict[str, Any]) -> None:
        form = _form(fields)
        seen, day = preview(form, fields["preview_on"], TODAY), date.fromisoformat(fields["preview_on"])
        if not any(fields.get(f"coverages-{at}-remedy") for at in range(7)):
            assert not form.send(lambda values: values) and not seen["whole"] and not seen["promises"]
            return
        assert seen["whole"] and seen["day"] == day
        assert form.send(lambda values: publish(system, made.id, values["body"], values["note"], _version()))
        warranty = start_warranty(system, {"asset": asset.id, "terms": "drafted", "starts_on": day})
        stored = visible(Coverage, system).where(Coverage.warranty == warranty.id).order_by(Coverage.position)
        got = [(row.remedy, row.starts_on, row.ends_on) for row in stored]
        spans = [each["span"] for each in seen["promises"]]
        assert [(span.remedy, span.starts_on, span.ends_on) for span in spans] == got
        published.append(got)

    def _version() -> int:
        return int(next(row.version for row in terms(system) if row.id == made.id))

    check()
    assert len(published) > 20


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_terms_go_through_the_form_without_loss(promises: Promises, code: str) -> None:
    admin = promises.who("admin")
    row = admin.get(f"/api/v1/warranty-terms?code={code}").json["items"][0]
    address = f"/terms/{row['id']}/edit"
    assert (
        sent(admin, address, **{**filled(admin.get(address).text), "act": "publish", "version": "1"}).status_code == 303
    )
    after = admin.get(f"/api/v1/warranty-terms/{row['id']}").json
    assert after["current"] == 2 and _ordered(after["body"]) == _ordered(row["body"])
    assert _ordered(TEMPLATES[code][1].as_dict()) == _ordered(after["body"])


def _ordered(body: dict[str, Any]) -> dict[str, Any]:
    """Causes and evidence mean the same in any order; coverages do not."""
    return {name: sorted(each) if name in MANY else each for name, each in body.items()}


def test_a_period_of_several_units_is_kept_and_can_be_changed(promises: Promises) -> None:
    shown = {"start_basis": "delivery", "coverages": [{"remedy": "repair", "period": "P1Y10D"}], "covers_causes": []}
    typed = TermsForm(VersionIn(), shown=shown).typed
    assert (typed["coverages-0-count"], typed["coverages-0-unit"]) == ("", "P1Y10D")
    for count, unit, meant in (
        ("", "P1Y10D", "P1Y10D"),
        ("3", "P1Y10D", "P3P"),
        ("3", "M", "P3M"),
        ("3", "W", "P3W"),
        (" 3 ", "D", "P3D"),
    ):
        body = _form(lined({"remedy": "repair", "count": count, "unit": unit})).body()
        assert body["coverages"][0].get("period") == meant


def test_lines_are_added_moved_and_taken_away_and_nothing_is_written(promises: Promises) -> None:
    admin, address = promises.who("admin"), f"/terms/{promises.terms}/edit"
    two = lined(LINE, {"remedy": "support", "count": "1", "unit": "Y"}, note="typed note", version="1")

    def remedies(act: str) -> list[str]:
        answer = sent(admin, address, act=act, **two)
        assert answer.status_code == 200 and "typed note" in answer.text
        blocks = re.findall(r'<select [^>]*name="coverages-\d+-remedy".*?</select>', answer.text, re.S)
        chosen = [re.search(r'value="([^"]*)" selected', block) for block in blocks]
        return [found.group(1) if found else "" for found in chosen]

    assert remedies("add:coverages") == ["repair", "support", ""]
    assert remedies("up:coverages-1") == ["support", "repair"]
    assert remedies("drop:coverages-0") == ["support"]
    assert remedies("drop:coverages-7") == remedies("up:coverages-0") == remedies("preview") == ["repair", "support"]
    assert admin.get(f"/api/v1/warranty-terms/{promises.terms}").json["current"] == 1


@pytest.mark.parametrize(
    ("lines", "beside", "said"),
    [
        ([LINE, {"remedy": "repair", "count": "1", "unit": "Y"}], "coverages-1-remedy", "promised twice"),
        ([EMPTY, LINE, {"remedy": "support", "count": "", "unit": "Y"}], "coverages-2-count", "Say for how long."),
        ([{"remedy": "support", "count": "a", "unit": "Y"}], "coverages-0-count", "Give a whole number"),
        ([{"remedy": "support", "count": "101", "unit": "Y"}], "coverages-0-count", "at most 100 years"),
        ([{"remedy": "support", "count": "9" * 5000, "unit": "Y"}], "coverages-0-count", "at most 100 years"),
        ([LINE, {"remedy": "", "count": "4", "unit": "Y"}], "coverages-1-remedy", "Choose what is promised."),
        ([LINE, {"remedy": "patrol", "count": "4", "unit": "Y"}], "coverages-1-per_year", "how many patrols"),
        ([{"remedy": "repair", "count": "4", "unit": "Y", "supersedes": "repair"}], "coverages-0-supersedes", "itself"),
    ],
)
def test_what_is_wrong_stands_beside_its_line(
    promises: Promises, lines: list[dict[str, Any]], beside: str, said: str
) -> None:
    answer = sent(
        promises.who("admin"), f"/terms/{promises.terms}/edit", version="1", **lined(*lines, note="typed note")
    )
    assert answer.status_code == 422 and "typed note" in answer.text
    assert said in errors_of(answer.text)[beside]
    assert "not known here" not in answer.text


def test_without_any_line_it_says_so_above_them(promises: Promises) -> None:
    answer = sent(promises.who("admin"), f"/terms/{promises.terms}/edit", version="1", start_basis="delivery")
    assert answer.status_code == 422 and "promise at least one remedy" in answer.text


def test_days_are_asked_for_where_the_rule_needs_them(promises: Promises) -> None:
    admin, address = promises.who("admin"), f"/terms/{promises.terms}/edit"
    rule = {"replacement_rule": "max_remaining", "version": "1"}
    assert "replacement_days" in errors_of(sent(admin, address, **lined(LINE, **rule)).text)
    assert "replacement_days" in errors_of(
        sent(admin, address, **lined(LINE, **rule, replacement_days="9" * 5000)).text
    )
    assert sent(admin, address, **lined(LINE, **rule, replacement_days="30")).status_code == 303


@pytest.mark.parametrize("day", ["", "2025-01-31", "soon", "9999-12-31", "\x00", "2999-12-31"])
def test_the_preview_answers_whatever_is_typed(promises: Promises, day: str) -> None:
    admin = promises.who("admin")
    for fields in (
        {},
        lined({"remedy": "repair", "count": "100", "unit": "Y"}),
        lined({"remedy": "x"}),
        {"act": "add:"},
    ):
        answer = sent(admin, "/terms/preview", preview_on=day, **fields)
        assert answer.status_code == 200 and 'id="preview"' in answer.text
    answer = sent(
        admin, "/terms/preview", preview_on="2025-01-31", **lined({"remedy": "repair", "count": "1", "unit": "M"})
    )
    assert "through 28 Feb 2025" in answer.text and "bar-expired" in answer.text


def test_only_who_writes_terms_may_try_them(promises: Promises) -> None:
    for who in ("owner", "reader", "stranger", "engineer"):
        assert sent(promises.who(who), "/terms/preview", **lined(LINE)).status_code == 403


def test_a_new_version_leaves_old_warranties_alone_and_says_how_many_rest_on_each(promises: Promises) -> None:
    admin, here = promises.who("admin"), f"/terms/{promises.terms}"
    before = admin.get(f"/api/v1/warranties/{promises.warranty}").json["coverages"]
    answer = sent(admin, f"{here}/edit", **lined(LINE, version="1", note="Repair only, but for longer"))
    assert answer.status_code == 303
    start_warranty(promises.house.system, {"asset": promises.world.other, "terms": "hardware", "starts_on": TODAY})
    assert admin.get(f"/api/v1/warranties/{promises.warranty}").json["coverages"] == before
    text = admin.get(here).text
    assert text.count("1 warranty</span>") == 2 and "Repair only, but for longer" in text
    assert promises.who("owner").get(here).text.count("0 warranties</span>") == 1, "of others nobody learns a number"
    assert "Replaced by a newer version" in admin.get(f"{here}?version=1").text
    assert admin.get(f"{here}?version=3").status_code == 404 and admin.get(f"{here}?version=x").status_code == 422


def test_new_terms_start_from_others_and_may_be_for_one_customer(promises: Promises) -> None:
    admin = promises.who("admin")
    fields = filled(admin.get(f"/terms/new?from={promises.terms}").text)
    answer = sent(admin, "/terms/new", **{**fields, "name": "Acme only", "code": "acme-only", "customer": "acme"})
    assert answer.status_code == 303
    assert promises.who("owner").get(answer.location).status_code == 200
    assert promises.who("stranger").get(answer.location).status_code == 404
    assert "Acme only" not in promises.who("stranger").get("/terms").text
    assert admin.get("/terms/new?from=999999").status_code == 404 and admin.get("/terms/new?from=x").status_code == 200
