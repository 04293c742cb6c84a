"""/metrics: shut unless opened, counted across processes, and silent about customers."""

import dataclasses
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from registry.kernel import clock, db, events, metrics
from registry.kernel.events import Delivery
from registry.kernel.mail import Mail
from registry.notices.webhook_events import put_on_its_way, told_of_ping
from registry.notices.webhook_models import Webhook
from tests.houses import House
from tests.security.nursery import FromNursery, shared
from tests.server import Server

TOKEN = "a-token-for-the-tests-0123456789"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ROOT = Path(__file__).parents[2]
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def opened(house: House) -> Iterator[House]:
    """The house with its page of numbers open, and every counter at zero."""
    house.settings = dataclasses.replace(house.settings, metrics_token=TOKEN)
    house.app  # noqa: B018 - made now, so that nothing is switched afterwards
    forget()
    metrics.switch(True)
    yield house
    metrics.switch(False)
    forget()


def forget() -> None:
    for kept in (metrics._child, metrics._made, metrics._registry):
        kept.cache_clear()


@pytest.fixture
def open_page(house: House) -> Iterator[House]:
    yield from opened(house)


@pytest.fixture
def any_open_page(any_house: House) -> Iterator[House]:
    yield from opened(any_house)


def samples(text: str) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name.removeprefix("assetcare_"), tuple(sorted(sample.labels.items())))
            assert key not in found, f"{key} twice"
            found[key] = sample.value
    return found


def read(house: House) -> Samples:
    answer = house.app.test_client().get("/metrics", headers=BEARER)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, tuple(sorted(labels.items()))))


# --- Who may look ------------------------------------------------------------------------------------------


def test_without_a_token_in_the_settings_there_is_no_such_page(house: House) -> None:
    people = house.people()
    client = house.app.test_client()
    for headers in ({}, BEARER, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {people.admin.token}"}):
        shut, nothing = (client.get(path, headers=headers) for path in ("/metrics", "/no-such-page"))
        told = [re.sub(r"[0-9a-f]{16}", "", answer.text) for answer in (shut, nothing)]
        assert shut.status_code == nothing.status_code == 404 and told[0] == told[1]


def test_the_page_opens_for_its_token_only(open_page: House) -> None:
    admin, client = open_page.people().admin, open_page.app.test_client()
    for header in (
        "", "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}",
        f"Bearer {admin.token}", "Bearer ü",
    ):  # fmt: skip
        answer = client.get("/metrics", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401 and "assetcare_" not in answer.text, header
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.post("/metrics", headers=BEARER).status_code == 405


def test_a_short_token_is_refused_at_start() -> None:
    from registry.settings import Settings

    with pytest.raises(ValueError, match="ASSETCARE_METRICS_TOKEN") as refused:
        Settings.load({"ASSETCARE_METRICS_TOKEN": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert TOKEN not in repr(Settings.load({"ASSETCARE_METRICS_TOKEN": TOKEN}))


# --- What is counted ---------------------------------------------------------------------------------------


def test_requests_are_counted_by_route(open_page: House) -> None:
    people = open_page.people()
    asset = open_page.asset("acme", "CANARY-1")
    for _ in range(3):
        assert people.owner.get(f"/api/v1/assets/{asset.id}").status_code == 200
    people.stranger.get(f"/api/v1/assets/{asset.id}")
    people.owner.get("/api/v1/assets?q=CANARY")
    people.owner.get("/c/acme/no-such-page")
    people.owner.get("/healthz")
    found = read(open_page)
    route = "/api/v1/assets/<int:asset_id>"
    assert value(found, "requests_total", route=route, method="GET", status="2xx") == 3
    assert value(found, "requests_total", route=route, method="GET", status="4xx") == 1
    assert value(found, "requests_total", route="(none)", method="GET", status="4xx") == 1
    assert value(found, "requests_total", route="/healthz", method="GET", status="2xx") == 1
    assert value(found, "request_duration_seconds_count", route=route, method="GET") == 4
    assert 0 < (value(found, "request_duration_seconds_sum", route=route, method="GET") or 0) < 10


def test_what_is_made_up_makes_no_labels(open_page: House) -> None:
    client = open_page.app.test_client()
    for number in range(20):
        client.open(f"/made-up-{number}", method=f"MADE{number}")
        client.open("/healthz", method=f"MADE{number}")
        client.get("/healthz", headers={"Host": f"made{number}.example"})
    found = read(open_page)
    counted = [key for key in found if key[0] == "requests_total"]
    assert len(counted) < 8 and not any("made" in str(key).lower() for key in found)
    assert value(found, "requests_total", route="(none)", method="other", status="4xx") == 40


def test_nothing_tells_of_customers(open_page: House) -> None:
    people = open_page.people()
    open_page.asset("acme", "CANARY-1")
    people.owner.get("/c/acme/assets")
    people.owner.get("/api/v1/customers/acme")
    text = open_page.app.test_client().get("/metrics", headers=BEARER).text.lower()
    for word in ("acme", "globex", "canary", "alice", "@"):
        assert word not in text, word


def test_refusals_for_haste_are_counted(open_page: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.kernel.errors import Throttled

    def hasty(**_: Any) -> None:
        raise Throttled()

    hasty.__policy__ = open_page.app.view_functions["health.healthz"].__policy__  # type: ignore[attr-defined]
    monkeypatch.setitem(open_page.app.view_functions, "health.readyz", hasty)
    open_page.app.test_client().get("/readyz")
    assert value(read(open_page), "throttled_total", route="/readyz") == 1


def test_sign_ins_are_counted_once(any_open_page: House) -> None:
    house = any_open_page
    house.people()
    from registry.people.models import User

    with db.transaction():
        user = User.get(User.email == "alice@acme.example")
        for name in ("user.signed_in", "user.signed_in", "user.sign_in_failed", "user.signed_out"):
            events.emit(name, None, "app_user", user.id)
    while events.deliver_due():
        pass
    found = read(house)
    assert value(found, "sign_ins_total", outcome="done") == 2
    assert value(found, "sign_ins_total", outcome="failed") == 1


def test_nothing_is_counted_while_the_page_is_shut(open_page: House) -> None:
    metrics.switch(False)
    metrics.count("jobs", "some.job", "done")
    open_page.app.test_client().get("/healthz")
    assert not events.Delivery.select().where(events.Delivery.subscriber == "metrics").count()
    metrics.switch(True)
    found = read(open_page)
    assert value(found, "requests_total", route="/healthz", method="GET", status="2xx") is None
    assert value(found, "jobs_total", job="some.job", outcome="done") is None


# --- What is measured --------------------------------------------------------------------------------------


def test_what_waits_is_measured(any_open_page: House) -> None:
    house = any_open_page
    house.people()
    before = read(house)
    assert value(before, "build_info", version="0.1.0", **_build()) == 1
    assert 0 < (value(before, "start_time_seconds") or 0) <= time.time()
    assert (value(before, "database_bytes") or 0) > 100_000
    assert value(before, "imports_running") == 0
    webhook = Webhook.create(customer_id=1, name="x", url="https://1.1.1.1/", events=[], secret="")
    for _ in range(3):
        put_on_its_way(webhook, told_of_ping(webhook), 1)
    with db.transaction():
        events.emit("user.signed_in", None, "app_user", 1)
    Delivery.insert(event=1, subscriber="x", state="parked", next_at=clock.now()).execute()
    for state in ("queued", "queued", "parked", "sent"):
        Mail.insert(name="x", to="x", language="en", message_id=str(clock.now()), state=state).execute()
    after = read(house)
    assert value(after, "webhooks", state="due") == 3 and value(after, "webhooks", state="parked") == 0
    assert (value(after, "outbox", state="due") or 0) > 0 and value(after, "outbox", state="parked") == 1
    assert value(after, "mails", state="queued") == 2 and value(after, "mails", state="parked") == 1
    entries = db.run_sql("SELECT count(*) FROM audit_entry").fetchone()[0]
    assert value(after, "audit_entries") == entries > 0


def _build() -> dict[str, str]:
    import platform

    return {"python": platform.python_version(), "database": "sqlite" if db.is_sqlite() else "postgresql"}


def test_a_full_table_is_counted_no_further_than_the_limit(open_page: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_COUNTED", 5)
    for number in range(9):
        Mail.insert(name="x", to="x", language="en", message_id=str(number)).execute()
    assert value(read(open_page), "mails", state="queued") == 5


def test_measuring_asks_few_questions(open_page: House) -> None:
    asked: list[str] = []
    run = db.database.obj.execute_sql

    def noting(sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return run(sql, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.database.obj, "execute_sql", noting)
        read(open_page)
    assert 5 < len(asked) < 20
    assert all("LIMIT" in sql for sql in asked if "COUNT(" in sql)


def test_every_number_is_explained_in_the_documents() -> None:
    text = (ROOT / "docs" / "operate.md").read_text()
    names = [*(f"{name}_total" for name in metrics.COUNTERS), *(f"{name}_seconds" for name in metrics.DURATIONS)]
    for name in (*names, *metrics.GAUGES):
        assert f"`assetcare_{name}`" in text, name


# --- Several processes -------------------------------------------------------------------------------------


def test_a_fresh_start_begins_at_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics.SHARED, "")
    folder = tmp_path / "data" / "metrics"
    metrics.share(folder, fresh=True)
    old, mine, other = (folder / f"counter_{number}.db" for number in (2**30, os.getpid(), os.getppid()))
    for file in (old, mine, other):
        file.write_bytes(b"old")
    metrics.share(folder, fresh=False)
    assert old.exists(), "who joins takes nothing away"
    metrics.share(folder, fresh=True)
    assert list(folder.iterdir()) == [other], "a worker that runs by itself is still counting there"
    assert folder.stat().st_mode & 0o777 == 0o700 == folder.parent.stat().st_mode & 0o777


@pytest.mark.slow
def test_processes_count_together(tmp_path: Path) -> None:
    """Two web processes and the worker, as they run: whichever of them is asked knows of all."""
    data = tmp_path / "data"
    with FromNursery(shared(), data, ASSETCARE_METRICS_TOKEN=TOKEN, ASSETCARE_WORKERS="2") as server:
        for _ in range(40):
            assert server.get("/readyz").status == 200
        found = _asked(server)
        assert value(found, "requests_total", route="/readyz", method="GET", status="2xx") == 40
        assert value(found, "request_duration_seconds_count", route="/readyz", method="GET") == 40
        files = {path.name for path in (data / "metrics").glob("counter_*.db")}
        assert len(files) >= 2, "no process counted alone"
        seen = {value(_asked(server), "start_time_seconds") for _ in range(10)}
        assert len(seen) == 1, "they were started together"
    alone = {"ASSETCARE_CONSUMER": "no"}
    with FromNursery(shared(), data, ASSETCARE_METRICS_TOKEN=TOKEN, **alone) as server:
        assert value(_asked(server), "requests_total", route="/readyz", method="GET", status="2xx") is None
    with FromNursery(shared(), data, **alone) as server:
        with pytest.raises(urllib.error.HTTPError) as refused:
            _asked(server)
        with refused.value:  # before the server stops, which would wait for the connection
            assert refused.value.code == 404


def _asked(server: Server) -> Samples:
    request = urllib.request.Request(f"{server.url}/metrics", headers=BEARER)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return samples(answer.read().decode())
