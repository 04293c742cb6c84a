"""Statements that are written once: the same rows as when written anew, for whoever asks."""

import pytest

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.assets.service import asset_by
from registry.kernel import db
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Invalid
from registry.kernel.prepared import Kept, prepared
from tests.houses import House


@pytest.fixture
def stocked(any_house: House) -> House:
    """Two customers with three units each; both have a SAME."""
    product = any_house.product().id
    for slug in ("acme", "globex"):
        any_house.customer(slug)
        for serial in ("SAME", f"{slug}-1", f"{slug}-2"):
            any_house.asset(slug, serial, product=product)
    return any_house


ACTORS = {
    "everybody": Actor.system(),
    "acme": Actor.system(1),
    "globex": Actor.system(2),
    "both": Actor("user", "both", Actor.system(1).grants | Actor.system(2).grants),
    "nobody": Actor("user", "nobody", {}),
}


def found(kept: Kept, actor: Actor, serial: str) -> list[tuple[int, str]]:
    def write(scope: Actor, wanted: str) -> object:
        return visible(Asset, scope, Asset.customer_id, Asset.serial).where(Asset.serial == wanted).order_by(Asset.id)

    sql, params = prepared(kept, "by serial", actor, [serial], write)
    return [tuple(row) for row in db.database.execute_sql(sql, params).fetchall()]


def test_each_actor_finds_his_own_rows_in_whatever_order_they_ask(stocked: House) -> None:
    kept: Kept = {}
    expected = {"everybody": [1, 2], "acme": [1], "globex": [2], "both": [1, 2], "nobody": []}
    for name in [*ACTORS, *reversed(ACTORS)]:
        assert found(kept, ACTORS[name], "SAME") == [(owner, "SAME") for owner in expected[name]], name
        assert found(kept, ACTORS[name], "none such") == []
    assert len(kept) == 2  # one text for who sees all, one for who sees one customer


def test_the_text_is_written_once_for_each_type_of_value(house: House) -> None:
    kept: Kept = {}
    calls: list[object] = []

    def write(scope: Actor, wanted: object) -> object:
        calls.append(wanted)
        return visible(Asset, scope, Asset.id).where((Asset.name if isinstance(wanted, str) else Asset.id) == wanted)

    for wanted in ("a", "b", 7, 8, "c"):
        sql, params = prepared(kept, "k", ACTORS["acme"], [wanted], write)
        assert params == [1, wanted] and sql.count("?") == 2
    assert len(calls) == 2 and calls[0] != "a"


def test_a_statement_that_leaves_a_value_out_is_an_error(house: House) -> None:
    with pytest.raises(ValueError, match="values number"):
        prepared({}, "k", ACTORS["everybody"], [5], lambda scope, _five: visible(Asset, scope, Asset.id))


def test_a_page_and_its_filters_keep_to_the_scope(stocked: House) -> None:
    for _ in range(2):
        for name, expected in (("everybody", 6), ("acme", 3), ("globex", 3), ("both", 6)):
            assert len(ASSETS.page(ACTORS[name], {})["items"]) == expected
        assert [row["customer"] for row in ASSETS.page(ACTORS["globex"], {"serial": "SAME"})["items"]] == ["globex"]
        assert ASSETS.page(ACTORS["globex"], {"serial": "acme-1"})["items"] == []
        assert len(ASSETS.page(ACTORS["everybody"], {"customer": "acme", "limit": 2})["items"]) == 2


def test_a_reference_keeps_to_the_scope_and_to_the_customer_named(stocked: House) -> None:
    for _ in range(2):
        assert asset_by(ACTORS["acme"], "SAME").customer_id == 1
        assert asset_by(ACTORS["everybody"], "SAME", customer_id=2).customer_id == 2
        for actor, value, owner in ((ACTORS["globex"], "acme-1", None), (ACTORS["everybody"], "acme-1", 2)):
            with pytest.raises(Invalid):
                asset_by(actor, value, customer_id=owner)
        with pytest.raises(Invalid) as refused:
            asset_by(ACTORS["everybody"], "SAME")
        assert "fits more than one" in str(refused.value.errors)


@pytest.mark.parametrize(
    ("who", "arguments", "index"),
    [
        ("acme", {"serial": "SAME"}, "serial"),
        ("everybody", {"serial": "SAME"}, "serial"),
        ("acme", {"tag": "T"}, "tag"),
        ("acme", {"parent": 1}, "parent"),
        ("everybody", {"parent": 1}, "parent"),
        ("acme", {"status": "in_use"}, "status"),
    ],
)
def test_a_look_up_goes_by_its_index_even_without_statistics(
    house: House, monkeypatch: pytest.MonkeyPatch, who: str, arguments: dict[str, object], index: str
) -> None:
    """Nobody has run ANALYZE: the planner once walked all units of a customer for a serial number."""
    statements: list[tuple[str, list[object]]] = []
    run = db.database.obj.execute_sql

    def noted(sql: str, params: list[object] | None = None) -> object:
        statements.append((sql, params or []))
        return run(sql, params)

    monkeypatch.setattr(db.database.obj, "execute_sql", noted)
    ASSETS.page(ACTORS[who], {"customer": None, **arguments})
    sql, params = statements[-1]
    plan = [row[3] for row in run("EXPLAIN QUERY PLAN " + sql, params).fetchall()]
    assert plan[0].startswith("SEARCH t1") and index in plan[0], plan
