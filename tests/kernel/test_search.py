"""Search by a part of a serial, tag or name, on both engines, with whatever people type."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.assets.models import ASSET_SEARCH, Asset
from registry.kernel import db, search
from registry.kernel.access import Actor, visible
from tests.houses import House

UNITS = [
    ("SN-1001", "T-7", "core switch"),
    ("SN-1002", None, "edge switch"),
    ("100%", "50_50", 'say "hi"'),
    ("ÄÖÜ-9", "日本語", "Écran plat"),
    ("a\\b", "x", "tab'le; DROP TABLE asset;--"),
    (None, "ab", "O'Brien"),
]


@pytest.fixture
def stocked(any_house: House) -> House:
    any_house.customer("acme")
    any_house.customer("globex")
    product = any_house.product("Thing").id
    for serial, tag, name in UNITS:
        any_house.asset("acme", serial, product=product, tag=tag, name=name)
    any_house.asset("globex", "SN-1003", product=product, name="foreign switch")
    return any_house


def found(text: str, actor: Actor | None = None) -> set[str]:
    rows = visible(Asset, actor or Actor.system(1)).where(search.matching(ASSET_SEARCH, text))
    return {row.label for row in rows}


FINDS = [
    ("SN-1001", {"SN-1001"}),  # the whole
    ("SN-", {"SN-1001", "SN-1002"}),  # the beginning
    ("1002", {"SN-1002"}),  # the end
    ("n-100", {"SN-1001", "SN-1002"}),  # the middle, whatever the case
    ("SWITCH", {"SN-1001", "SN-1002"}),
    ("  core   switch ", {"SN-1001"}),  # blanks do not matter
    ("T-7", {"SN-1001"}),
    ("T-", {"SN-1001"}),  # two characters: the beginning only
    ("-7", set()),
    ("s", {"SN-1001", "SN-1002", "100%"}),  # serial or tag or name begins with it
    ("S", {"SN-1001", "SN-1002", "100%"}),
    ("ÄÖÜ", {"ÄÖÜ-9"}),
    ("äöü", {"ÄÖÜ-9"}),
    ("ÄÖ", {"ÄÖÜ-9"}),
    ("äö", {"ÄÖÜ-9"}),
    ("É", {"ÄÖÜ-9"}),
    ("éc", {"ÄÖÜ-9"}),
    ("écran", {"ÄÖÜ-9"}),
    ("日本語", {"ÄÖÜ-9"}),
    ("日", {"ÄÖÜ-9"}),
    ("本語", set()),
    ("100%", {"100%"}),  # what SQL takes for wildcards is text
    ("0%", set()),
    ("%", set()),
    ("_", set()),
    ("50_50", {"100%"}),
    ("50x50", set()),
    ("0_5", {"100%"}),
    ("a\\b", {"a\\b"}),
    ("a\\", {"a\\b"}),
    ('"hi"', {"100%"}),  # and what FTS5 takes for syntax, too
    ("switch OR core", set()),
    ("switch*", set()),
    ("name:switch", set()),
    ("NEAR(a b)", set()),
    ("^SN", set()),
    ('"', set()),
    ('"""', set()),
    ("'; DROP TABLE asset;--", set()),
    ("O'B", {"ab"}),
    ("foreign", set()),
    ("SN-1003", set()),
    ("zzz", set()),
]


def test_what_is_found_and_what_is_not(stocked: House) -> None:
    assert {text: found(text) for text, _ in FINDS} == dict(FINDS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip))
def test_any_text_is_a_search_and_never_an_error(house: House, text: str) -> None:
    found(text)


@pytest.mark.postgres
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip))
def test_any_text_is_a_search_on_postgres(postgres_house: House, text: str) -> None:
    found(text)


def test_the_index_follows_every_change(stocked: House) -> None:
    asset = visible(Asset, stocked.system).where(Asset.serial == "SN-1001").get()
    Asset.update(serial="ZZ-9000", name="renamed").where(Asset.id == asset.id).execute()
    assert found("SN-1001") == found("core") == set()
    assert found("Z-900") == {"ZZ-9000"}
    Asset.update(notes="not searched").where(Asset.id == asset.id).execute()
    assert found("not searched") == set()
    Asset.delete().where(Asset.id == asset.id).execute()
    assert found("ZZ-9000") == set()


def test_a_change_taken_back_is_not_found(stocked: House) -> None:
    with pytest.raises(LookupError), db.transaction():
        stocked.asset("acme", "SN-7777", product=1)
        assert found("7777") == {"SN-7777"}
        raise LookupError
    assert found("7777") == set()


def contents() -> object:
    """Everything that the index of assets holds."""
    db.run_sql("CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab(main, asset_fts, instance)")
    rows = db.run_sql("SELECT term, doc, col, offset FROM temp.words ORDER BY 1, 2, 3, 4").fetchall()
    db.run_sql("DROP TABLE temp.words")
    return rows


def test_a_bulk_load_indexes_what_live_triggers_would(house: House) -> None:
    house.customer("acme")
    product = house.product("Thing").id

    def load(mark: str) -> None:
        for number in range(50):
            house.asset("acme", f"{mark}{number}", product=product, tag=None, name="unit" if number % 2 else "Gerät")

    load("LIVE")
    live = contents()
    Asset.delete().execute()
    db.run_sql("DELETE FROM sqlite_sequence WHERE name = 'asset'")
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    before = db.run_sql(triggers).fetchall()
    with db.transaction(), search.bulk_load(ASSET_SEARCH):
        load("LIVE")
        assert found("LIVE") == set(), "not before the end"
    assert contents() == live
    assert db.run_sql(triggers).fetchall() == before
    db.run_sql("INSERT INTO asset_fts(asset_fts) VALUES ('integrity-check')")


def test_a_bulk_load_keeps_what_was_there_and_a_failed_one_changes_nothing(stocked: House) -> None:
    with db.transaction(), search.bulk_load(ASSET_SEARCH):
        stocked.asset("acme", "BULK-1", product=1)
    assert found("BULK") == {"BULK-1"} and found("SN-1001") == {"SN-1001"}
    with pytest.raises(LookupError), db.transaction(), search.bulk_load(ASSET_SEARCH):
        stocked.asset("acme", "BULK-2", product=1)
        raise LookupError
    assert found("BULK") == {"BULK-1"}
    stocked.asset("acme", "BULK-3", product=1)
    assert found("BULK") == {"BULK-1", "BULK-3"}


def test_finding_is_scoped_limited_and_permitted(house: House) -> None:
    people, product = house.people(), house.product("Thing").id
    for number in range(5):
        house.asset("acme", f"CANARY-{number}", product=product, name="shared word")
        house.asset("globex", f"OTHER-{number}", product=product, name="shared word")
    mine = people.reader.get("/api/v1/search?q=shared word").json["items"]
    assert {(item["kind"], item["label"]) for item in mine} == {("asset", f"CANARY-{n} shared word") for n in range(5)}
    assert len(people.reader.get("/api/v1/search?q=shared&limit=2").json["items"]) == 2
    assert "CANARY" not in people.stranger.get("/api/v1/search?q=CANARY").text
    assert people.stranger.get("/api/v1/search?q=CANARY&customer=acme").status_code == 422
    both = people.engineer.get("/api/v1/search?q=shared&kind=asset").json["items"]
    assert {item["customer_id"] for item in both} == {1, 2}
    one = people.engineer.get("/api/v1/search?q=shared&customer=globex").json["items"]
    assert {item["customer_id"] for item in one} == {2}
    narrow = people.owner.post("/api/v1/tokens", {"name": "n", "scope": ["customer.view"]}).json["token"]
    bearer = {"Authorization": f"Bearer {narrow}"}
    assert house.client.get("/api/v1/search?q=shared", headers=bearer).json["items"] == []
    for bad in ("", "?q=", "?q=%20", "?q=a%00b", "?q=" + "x" * 101, "?q=a&kind=user", "?q=a&limit=0", "?q=a&x=1"):
        assert people.owner.get(f"/api/v1/search{bad}").status_code == 422, bad


def test_whoever_holds_the_right_at_one_customer_only_finds_there_only() -> None:
    actor = Actor("user", "x", {1: frozenset({"asset.view"}), 2: frozenset({"customer.view"})})
    assert actor.where("asset.view").customers == {1}
    assert actor.where("licence.view").customers == frozenset()
    assert actor.can_somewhere("customer.view") and not actor.where("asset.view").can_somewhere("customer.view")
