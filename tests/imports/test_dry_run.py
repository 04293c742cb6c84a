"""A dry run predicts the real run to the last count, whatever the file and whatever is there already."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.kernel import audit
from registry.kernel.audit import AuditEntry
from tests.houses import House
from tests.imports.world import assert_sound, assets, bring, content, counts, errors, table

HEADERS = ("serial", "tag", "model", "kind", "parent", "slot", "site", "status", "delivered on", "cost")
CODES = ("", "A", "B", "C", "D", "E", "A ", "1E+5")
ROW = st.tuples(
    st.sampled_from(CODES), st.sampled_from(("", "T1", "T2", "T3", "T4")), st.sampled_from(("", "M", "N", "O")),
    st.sampled_from(("", "", "optic", "hardware", "boat")), st.sampled_from(("", "", "", *CODES[:6])),
    st.sampled_from(("", "", "1", "2")), st.sampled_from(("", "", "Hall")), st.sampled_from(("", "in use", "lost")),
    st.sampled_from(("", "2024-01-31", "31/1/24", "2024-02-30")), st.sampled_from(("", "12.5", "12.555", "JPY 3")),
)  # fmt: skip
ROWS = st.lists(ROW.filter(any), min_size=1, max_size=12)  # blank lines are no rows
OPTIONS = {
    "key": st.sampled_from(("serial", "tag")),
    "mode": st.sampled_from(("create", "update", "mixed")),
    "on_error": st.sampled_from(("stop", "skip")),
    "create_missing": st.booleans(),
}


@pytest.mark.slow
@given(before=ROWS, rows=ROWS, options=st.fixed_dictionaries(OPTIONS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
def test_a_dry_run_predicts_the_real_one(house: House, before: Any, rows: Any, options: dict[str, Any]) -> None:
    if not _prepared(house):
        house.customer("acme")
    bring(house, table(HEADERS, *before), on_error="skip")
    state, chain = content(assets(house)), AuditEntry.select().where(AuditEntry.batch_id.is_null(False)).count()
    dry = bring(house, table(HEADERS, *rows), dry_run=True, **options)
    assert dry.state == "checked" and content(assets(house)) == state, "a dry run leaves nothing behind"
    assert AuditEntry.select().where(AuditEntry.batch_id.is_null(False)).count() == chain
    real = bring(house, table(HEADERS, *rows), **options)
    assert errors(dry) == errors(real)
    if real.state == "applied":
        assert counts(dry) == counts(real)
        assert len(assets(house)) == len(state) + real.created
    else:
        assert options["on_error"] == "stop" and real.error_count == dry.error_count > 0
        assert content(assets(house)) == state
    assert dry.created + dry.updated + dry.unchanged + dry.skipped == dry.rows == len(rows)
    assert_sound()


def _prepared(house: House) -> bool:
    return any(state.customer_id != audit.HOUSE for state in audit.verify())


@pytest.mark.parametrize("kind", ["sites", "contacts", "products", "licences"])
def test_the_other_kinds_too(any_house: House, kind: str) -> None:
    any_house.customer("acme")
    headers = ("name", "email", "site", "country", "maker", "order number", "quantity", "expiration date")
    rows = [
        ("One", "a@x.example", "Hall", "CA", "Acme", "1", "3", "2025-01-01"),
        ("Two", "b@x.example", "Hall", "Canada", "Acme", "2", "x", "1/1/25"),
        ("One", "a@x.example", "Roof", "CA", "", "1", "", ""),
        ("", "c@x.example", "Roof", "", "", "4", "", ""),
        ("Five", "bad address", "", "", "", "5", "-1", "2025-13-01"),
    ]
    dry = bring(
        any_house,
        table(headers, *rows),
        kind,
        dry_run=True,
        on_error="skip",
        mapping={"site": None} if kind == "sites" else None,
    )
    real = bring(
        any_house, table(headers, *rows), kind, on_error="skip", mapping={"site": None} if kind == "sites" else None
    )
    assert counts(dry) == counts(real) and errors(dry) == errors(real) and real.created >= 1 and real.error_count >= 1
    again = bring(
        any_house, table(headers, *rows), kind, on_error="skip", mapping={"site": None} if kind == "sites" else None
    )
    assert (again.created, again.unchanged, again.updated) == (0, real.created, 0)
    assert_sound()
