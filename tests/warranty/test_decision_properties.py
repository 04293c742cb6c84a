"""What holds for every decision."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from registry.warranty.terms import TEMPLATES, TermsBody
from registry.warranty.vocabulary import REMEDIES
from tests.warranty.samples import CAUSE, DATES, FUNCTIONS, asked, claims, free, warranties, warranty


@given(warranties(), DATES, CAUSE, claims())
def test_what_is_free_lies_inside_a_live_span_of_its_warranty(found, on, cause, claim):
    decision = asked(found, on, cause, **claim)
    by_id = {item.id: item for item in found}
    for offer in decision.remedies:
        if offer.charge == "quote":
            assert (offer.warranty, offer.until) == (None, None)
            assert REMEDIES[offer.remedy].for_sale
            continue
        held = by_id[offer.warranty]
        assert any(span.remedy == offer.remedy and span.covers(on) for span in held.live_spans)
        assert held.void_on is None or on < held.void_on
        assert held.closed_on is None or on < held.closed_on
        assert cause is None or not held.body.excludes(cause)
        assert offer.until >= on
    remedies = [offer.remedy for offer in decision.remedies]
    assert len(remedies) == len(set(remedies))
    assert any(verdict.covers for verdict in decision.warranties) == bool(free(decision))
    assert {verdict.warranty.id for verdict in decision.warranties} == set(by_id)
    assert all(verdict.reason for verdict in decision.warranties)
    assert bool(decision.reasons)


@given(warranties(), DATES, CAUSE, claims())
def test_every_decision_is_json(found, on, cause, claim):
    decision = asked(found, on, cause, **claim).as_dict()
    assert json.loads(json.dumps(decision)) == decision


@given(warranties(), DATES)
def test_the_state_is_active_on_exactly_the_covered_days(found, on):
    decision = asked(found, on)
    covered = any(span.covers(on) for item in found for span in item.live_spans)
    assert (decision.state in ("active", "expiring")) is covered
    for item, verdict in zip(found, decision.warranties, strict=True):
        live = any(span.covers(on) for span in item.live_spans)
        assert (verdict.state in ("active", "expiring")) is live
        assert verdict.until is None or not live or verdict.until >= on
        if verdict.covers:
            assert live


@given(warranties(), DATES, CAUSE, claims(), st.data())
def test_another_warranty_never_takes_a_free_remedy_away(found, on, cause, claim, data):
    """A replacement that is owed first is the one thing that takes a repair's place, and only its own."""
    few = found[: data.draw(st.integers(0, len(found)))]
    assert set(free(asked(few, on, cause, **claim))) <= set(free(asked(found, on, cause, **claim)))


@given(DATES, CAUSE, claims(), st.sampled_from(sorted(TEMPLATES)))
def test_nothing_decided_changes_when_the_terms_get_a_new_version(on, cause, claim, code):
    held = warranty(code, functions=FUNCTIONS)
    before = asked([held], on, cause, **claim).as_dict()
    stored = json.dumps(held.body.as_dict())
    newer = held.body.as_dict()
    newer["covers_causes"], newer["exclusions"] = ["human"], ["non_human"]
    newer["coverages"] = [{"remedy": "support", "period": "P9Y"}]
    newer["free_requests"] = []
    assert TermsBody.from_dict(newer) != held.body
    frozen = replace(held, body=TermsBody.from_dict(json.loads(stored)))
    assert asked([frozen], on, cause, **claim).as_dict() == before
