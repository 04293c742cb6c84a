"""Pages about what is promised, for everybody: who sees them, who may send their forms, what a bad form answers."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from registry.assets.service import register_asset
from registry.contracts.duties import add_duty, record_done
from registry.contracts.lines import add_line
from registry.kernel import clock
from registry.licences.assignments import assign
from registry.people.models import User
from registry.warranty.service import start_warranty
from tests.web.promises import KEY, Promises, errors_of, sent, statements
from tests.web.promises import promises as promises  # a fixture
from tests.web.test_page_html import _check as check_page

C, L, W = "/c/acme/contracts", "/c/acme/licences", "/c/acme/warranties"
# Pages to look at: (address, by whom else than the operator it can be seen).
SHOWN = (
    f"{C}/{{contract}}", f"{C}/{{contract}}/lines", f"{C}/{{contract}}/duties", f"{L}/{{licence}}",
    f"{W}/{{warranty}}", f"{W}/{{licence_warranty}}",
)  # fmt: skip
SHARED = ("/terms", "/terms/{terms}", "/terms/{terms}?version=1", "/products/{product}", "/products/{tool}")
# Forms: (address, a field with a wrong value, where the error stands, status that a customer's manager gets).
FORMS: tuple[tuple[str, dict[str, Any], str, int], ...] = (
    (f"{C}/new", {"number": "N", "title": "kept text", "starts_on": "31.1."}, "starts_on", 403),
    (f"{C}/{{contract}}/edit", {"title": "kept text", "ends_on": "2025-01-01"}, "ends_on", 403),
    (f"{C}/{{contract}}/edit", {"title": "kept text", "renewal": "tacit", "renewal_period_count": "x",
                                "renewal_period_unit": "Y"}, "renewal_period_count", 403),
    (f"{C}/{{contract}}/renew", {"period_count": "two", "period_unit": "Y", "note": "kept text"}, "period_count", 403),
    (f"{C}/{{contract}}/terminate", {"terminated_on": "soon", "reason": "kept text"}, "terminated_on", 403),
    (f"{C}/{{contract}}/lines/new", {"covers": "asset", "asset": "kept text"}, "asset", 403),
    (f"{C}/{{contract}}/lines/new", {"covers": "site", "site": "kept text"}, "site", 403),
    (f"{C}/{{contract}}/lines/{{line}}/edit", {"ends_on": "never", "note": "kept text"}, "ends_on", 403),
    (f"{C}/{{contract}}/duties/new", {"title": "kept text", "kind": "nonsense"}, "kind", 403),
    (f"{C}/{{contract}}/duties/new", {"title": "kept text", "kind": "report", "often": "every", "every_count": "1",
                                      "every_unit": "M"}, "due_on", 403),
    (f"{C}/{{contract}}/duties/{{duty}}/done", {"done_on": "2999-01-01", "note": "kept text"}, "done_on", 403),
    (f"{L}/new", {"name": "kept text", "metric": "device", "product": "nothing like it"}, "product", 422),
    (f"{L}/new", {"name": "kept text", "metric": "device", "product": "Watcher", "cost": "1.234", "currency": "HKD"},
     "cost", 422),
    (f"{L}/{{licence}}/edit", {"name": "kept text", "quantity": "many"}, "quantity", 422),
    (f"{L}/{{licence}}/end", {"ends_on": ""}, "ends_on", 422),
    (f"{L}/{{licence}}/assignments", {"asset": "kept text"}, "asset", 422),
    (f"{W}/new", {"terms": "hardware", "asset": "kept text"}, "asset", 403),
    (f"{W}/{{warranty}}/extend", {"by": "P1Y", "reason": ""}, "reason", 403),
    (f"{W}/{{warranty}}/void", {"on": "x", "reason": "kept text"}, "on", 403),
    (f"{W}/{{warranty}}/move", {"asset": "kept text"}, "asset", 403),
    ("/products/new", {"name": "kept text", "kind": "hardware", "customer": "acme", "price": "12",
                       "price_currency": ""}, "price_currency", 422),
    ("/products/{product}/edit", {"name": "kept text", "sold_until": "x"}, "sold_until", 403),
    ("/terms/new", {"name": "kept text", "code": "Not a code", "start_basis": "delivery"}, "code", 403),
)  # fmt: skip


def _at(promises: Promises, path: str) -> str:
    return path.format(**{name: value for name, value in vars(promises).items() if isinstance(value, int)})


@pytest.mark.parametrize("who", ["admin", "auditor", "owner", "reader"])
def test_who_may_read_reads(promises: Promises, who: str) -> None:
    for path in (*SHOWN, *SHARED):
        answer = promises.who(who).get(_at(promises, path))
        assert answer.status_code == 200, (path, answer.text[-800:])
        assert len(answer.data) < 60_000, path


def test_a_stranger_finds_none_of_it(promises: Promises) -> None:
    for path in SHOWN:
        assert promises.who("stranger").get(_at(promises, path)).status_code == 404, path
        mine = _at(promises, path).replace("/c/acme/", "/c/globex/")
        for who in ("stranger", "admin"):
            assert promises.who(who).get(mine).status_code == 404, f"{who} {mine}: it is not globex's"


@pytest.mark.parametrize(("path", "fields", "beside", "owner"), FORMS)
def test_forms_refuse_whom_they_must_and_keep_what_was_typed(
    promises: Promises, path: str, fields: dict[str, Any], beside: str, owner: int
) -> None:
    address = _at(promises, path)
    before = promises.who("admin").get("/api/v1/audit?limit=1").json["items"][0]["id"]
    strange = sent(promises.who("stranger"), address, **fields)
    assert strange.status_code in ((404,) if owner == 422 and "/c/" in path else (403, 404, 422)), strange.status_code
    assert sent(promises.who("reader"), address, **fields).status_code == 403
    assert sent(promises.who("owner"), address, **fields).status_code == owner
    answer = sent(promises.who("admin"), address, version="1", **fields)
    assert answer.status_code == 422, answer.text[-500:]
    assert beside in errors_of(answer.text), errors_of(answer.text)
    assert all(text in answer.text for text in fields.values() if text == "kept text")
    assert promises.who("admin").get("/api/v1/audit?limit=1").json["items"][0]["id"] == before, "nothing was written"


@pytest.mark.parametrize("path", sorted({path for path, *_ in FORMS if "assignments" not in path}))
def test_a_form_is_shown_to_nobody_who_could_not_send_it(promises: Promises, path: str) -> None:
    address = _at(promises, path)
    assert promises.who("admin").get(address).status_code == 200
    assert promises.who("reader").get(address).status_code == 403
    if "/c/" in path:
        assert promises.who("stranger").get(address).status_code in (403, 404)


@pytest.mark.parametrize("who", ["admin", "reader"])
def test_every_page_is_sound_html(promises: Promises, who: str) -> None:
    forms = sorted({path for path, *_ in FORMS if "assignments" not in path})
    for path in (*SHOWN, *SHARED, *(forms if who == "admin" else ())):
        check_page(promises.who(who).get(_at(promises, path)).text)


def test_both_languages_have_every_page(promises: Promises) -> None:
    User.update(language="zh-Hant").execute()
    record_done(promises.house.system, promises.contract, promises.duty, {})
    for path in (*SHOWN, *SHARED, *{path for path, *_ in FORMS if "assignments" not in path}):
        answer = promises.who("admin").get(_at(promises, path))
        assert answer.status_code == 200 and '<html lang="zh-Hant">' in answer.text, path


CHANGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (f"{C}/{{contract}}/edit", "engineer_no", {"title": "typed", "number": "C-7", "starts_on": "2026-01-01",
                                               "ends_on": "2026-12-31", "renewal": "none"}),
    (f"{C}/{{contract}}/renew", "", {"ends_on": "2028-12-31", "note": "typed"}),
    (f"{C}/{{contract}}/terminate", "", {"terminated_on": "2026-12-01", "reason": "typed"}),
    (f"{C}/{{contract}}/lines/{{line}}/edit", "", {"note": "typed"}),
    (f"{L}/{{licence}}/edit", "", {"name": "typed", "metric": "device"}),
    (f"{L}/{{licence}}/end", "", {"ends_on": "2027-01-01"}),
    (f"{W}/{{warranty}}/extend", "", {"by": "P1Y", "reason": "typed"}),
    (f"{W}/{{warranty}}/void", "", {"on": "2026-06-01", "reason": "typed"}),
    ("/products/{product}/edit", "", {"name": "typed"}),
)  # fmt: skip


@pytest.mark.parametrize(("path", "_who", "fields"), CHANGES)
def test_who_was_slower_is_told_keeps_what_he_typed_and_may_save_again(
    promises: Promises, path: str, _who: str, fields: dict[str, Any]
) -> None:
    admin, address = promises.who("admin"), _at(promises, path)
    with clock.frozen(datetime(2026, 7, 1, tzinfo=UTC)):
        answer, again = (sent(admin, address, version=version, **fields) for version in ("77", "1"))
    assert answer.status_code == 412 and "Somebody else has changed this" in answer.text
    assert all(text in answer.text for text in fields.values() if text == "typed")
    assert 'name="version" value="1"' in answer.text
    assert again.status_code == 303


def test_the_number_of_statements_does_not_grow(promises: Promises, monkeypatch: pytest.MonkeyPatch) -> None:
    system, admin, owner = promises.house.system, promises.who("admin"), promises.who("owner")
    pages = [(owner, _at(promises, path)) for path in SHOWN] + [(admin, _at(promises, path)) for path in SHARED]
    _more(promises, system, range(2))
    few = {path: statements(who, path, monkeypatch) for who, path in pages}
    _more(promises, system, range(2, 9))
    assert {path: statements(who, path, monkeypatch) for who, path in pages} == few


def _more(promises: Promises, system: Any, numbers: range) -> None:
    for number in numbers:
        given = {"customer": "acme", "serial": f"MORE-{number}", "product": promises.product}
        unit = register_asset(system, given).id
        line = add_line(system, promises.contract, {"asset": unit, "terms": "hardware"}).id
        add_duty(system, promises.contract, {"kind": "report", "title": f"Report {number}", "line": line})
        assign(system, promises.licence, {"asset": unit})
        given = {"terms": "hardware", "asset": promises.asset, "starts_on": date(2026, 1, 1 + number)}
        start_warranty(system, given)
        start_warranty(system, {"terms": "software", "licence": promises.licence})


def test_the_key_is_in_no_page_until_it_is_asked_for_and_asking_is_on_record(promises: Promises) -> None:
    page = _at(promises, f"{L}/{{licence}}")
    for who in ("admin", "owner", "colleague", "reader"):
        for path in (page, f"{page}/edit"):
            assert KEY not in promises.who(who).get(path).text
    for who, status in (("stranger", 404), ("reader", 403), ("colleague", 403), ("engineer", 403)):
        answer = promises.who(who).post(f"{page}/key")
        assert answer.status_code in (status, 403) and KEY not in answer.text
    audit = "/api/v1/audit?action=licence.key_shown"
    assert promises.who("owner").get(audit).json["items"] == []
    shown = promises.who("owner").post(f"{page}/key")
    assert shown.status_code == 200 and KEY in shown.text and shown.headers["Cache-Control"] == "no-store"
    assert len(promises.who("owner").get(audit).json["items"]) == 1
