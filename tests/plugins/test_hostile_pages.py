"""What a plugin may do wrong around its pages: everybody else is answered as before."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from marshmallow import fields

from registry.kernel.shapes import Shape
from registry.plugins import incidents
from registry.plugins.host import Host
from registry.plugins.records import Action, MenuItem, Panel
from registry.sdk import allow, api_routes, house_pages, public, signed_in
from tests.houses import House
from tests.plugins.making import guest
from tests.plugins.world import application

pytestmark = pytest.mark.slow  # an application for each


@contextmanager
def served(house: House, **hooks: Callable[..., Any]) -> Iterator[Host]:
    """The house with an application of its own, with this one plugin."""
    house.people()
    with guest(**hooks) as host:
        house.app = application(house)
        house.__dict__.pop("client", None)
        yield host


def pages(**extra: Callable[[Any], Any]) -> Any:
    """One sound page, and what `extra` does to the blueprint."""
    made = house_pages("guest")
    made.get("/page")(signed_in(_page))
    for work in extra.values():
        work(made)
    return made


def _page() -> str:
    return "a page of the guest's"


FOR_ALL = {
    "before_app_request": lambda made: made.before_app_request(lambda: "mine"),
    "after_app_request": lambda made: made.after_app_request(lambda response: None),
    "teardown_app_request": lambda made: made.teardown_app_request(lambda error: 1 / 0),
    "app_errorhandler": lambda made: made.app_errorhandler(404)(lambda error: "mine"),
    "app_context_processor": lambda made: made.app_context_processor(lambda: {"csrf": "mine"}),
    "app_template_global": lambda made: made.app_template_global("csrf_of")(lambda: "mine"),
    "app_template_filter": lambda made: made.app_template_filter("guest_day")(lambda day: "mine"),
    "app_template_test": lambda made: made.app_template_test("guestly")(lambda day: True),
    "app_url_defaults": lambda made: made.app_url_defaults(lambda endpoint, values: values.update(x=1)),
    "app_url_value_preprocessor": lambda made: made.app_url_value_preprocessor(lambda endpoint, values: 1 / 0),
    "url_map.converters": lambda made: made.record(lambda state: state.app.url_map.converters.update(mine=int)),
}


@pytest.mark.parametrize("called", FOR_ALL)
def test_what_is_for_everybody_s_pages_keeps_the_plugin_out(house: House, called: str) -> None:
    with served(house, blueprints=lambda: [pages(one=FOR_ALL[called])]) as host:
        assert f"It uses {called} of a blueprint" in host.plugins["guest"].reason
        admin = house.people().admin
        assert admin.get("/settings/plugins").status_code == 200
        assert admin.get("/x/guest/page").status_code == 404


def ends(*_: Any) -> None:
    sys.exit(3)


def test_a_callback_that_ends_the_program_and_a_right_that_nobody_declared(house: House) -> None:
    with served(house, blueprints=lambda: [pages(one=lambda made: made.record(ends))]) as host:
        assert "Its pages do not fit" in host.plugins["guest"].reason
    with served(
        house, blueprints=lambda: [pages(one=lambda made: made.get("/x")(allow("guest.veiw")(lambda: "x")))]
    ) as host:
        assert "asks for the right guest.veiw, which nobody has declared" in host.plugins["guest"].reason
        assert house.people().admin.get("/x/guest/page").status_code == 404


def fails(*_: Any) -> None:
    raise LookupError("nothing here")


@pytest.mark.parametrize("work", [ends, fails])
@pytest.mark.parametrize("when", ["before_request", "after_request", "teardown_request", "context_processor"])
def test_handlers_that_fail(house: House, when: str, work: Any) -> None:
    """The core's own still run: headers are there, the connection is given back."""
    with served(house, blueprints=lambda: [pages(one=lambda made: getattr(made, when)(work))]) as host:
        admin = house.people().admin
        answer = admin.get("/x/guest/page")
        fine = when in ("teardown_request", "context_processor")
        assert answer.status_code == (200 if fine else 500), answer.text
        assert "Content-Security-Policy" in answer.headers and "X-Request-Id" in answer.headers
        assert host.plugins["guest"].failures == (0 if when == "context_processor" else 1)
        assert admin.get("/settings/plugins").status_code == 200


def test_an_error_in_a_page_within_a_page_is_the_plugin_s(house: House) -> None:
    from flask import Blueprint

    inner = Blueprint("inner", __name__, url_prefix="/inner")
    inner.get("/fail")(signed_in(fails))
    with served(house, blueprints=lambda: [pages(one=lambda made: made.register_blueprint(inner))]) as host:
        assert house.people().admin.get("/x/guest/inner/fail").status_code == 500
        assert host.plugins["guest"].failures == 1


# --- The document of the API -------------------------------------------------------------------------------


class Odd(fields.Field[Any]):
    def json_schema(self) -> Any:
        raise RuntimeError("I cannot be described")


class OddShape(Shape):
    odd = Odd(required=True)


class Unsayable(Shape):
    day = fields.String(load_default=object(), metadata={"example": object()})


def routes(shape: type[Shape], *, plain: bool = False) -> Any:
    made = api_routes("guest", "Of a guest's.")

    def write(values: Any) -> str:
        return "written"

    if plain:
        made.add_url_rule("/raw", "raw", public(lambda: "raw"))
    made.post("/things")(made.arguments(shape)(signed_in(write)))
    return made


@pytest.mark.parametrize("shape", [OddShape, Unsayable])
def test_a_shape_that_cannot_be_described_is_left_out(house: House, shape: type[Shape]) -> None:
    with served(house, api_blueprints=lambda: [routes(shape)]) as host:
        for _ in range(2):
            document = house.client.get("/api/v1/openapi.json")
            assert document.status_code == 200
        paths = document.get_json()["paths"]
        assert "/api/v1/assets" in paths and not [path for path in paths if "/x/" in path]
        assert [tag for tag in document.get_json().get("tags", ()) if tag["name"] == "guest"] == []
        assert host.plugins["guest"].failures == 1 and host.plugins["guest"].works
        incidents.write_down()
        assert [one.hook for one in incidents.latest("guest")] == ["document"]


def test_a_sound_one_is_in_it(house: House) -> None:
    class Sound(Shape):
        day = fields.Date(required=True)

    with served(house, api_blueprints=lambda: [routes(Sound)]) as host:
        document = house.client.get("/api/v1/openapi.json").get_json()
        assert "/api/v1/x/guest/things" in document["paths"] and host.plugins["guest"].failures == 0


# --- Places on our pages -----------------------------------------------------------------------------------

WRONG: dict[str, Callable[[], Any]] = {
    "panels": lambda: [Panel("A", "guest/a.html", weight="first")],  # type: ignore[arg-type]
    "dashboard_cards": lambda: [Panel("A", "no/such.html"), Panel("B", "b.html", permission=["x"])],  # type: ignore[arg-type]
    "actions": lambda: [Action("A", "home.home", weight=None), {"label": "A"}],  # type: ignore[arg-type]
    "menu": lambda: [MenuItem("A", "no.such"), MenuItem(None, "home.home"), "x"],  # type: ignore[arg-type]
    "json_extra": lambda: {"x": object(), 1: 2**70},
    "scanned": lambda: 5,
    "label_for": lambda: ["no such"],
    "scan_target": lambda: "//elsewhere.example/",
}


def test_whatever_is_said_of_a_place_the_page_stands(house: House) -> None:
    house.people()
    asset = house.asset("acme", serial="SN-1")
    with served(house, **WRONG) as host:
        owner = house.people().owner
        for path in ("/c/acme", f"/c/acme/assets/{asset.id}", f"/api/v1/assets/{asset.id}", "/c/acme/assets", "/"):
            assert owner.get(path, follow_redirects=True).status_code == 200, path
        assert host.plugins["guest"].failures >= 5
        assert 'data-incident="' in owner.get(f"/c/acme/assets/{asset.id}").text
        extra = owner.get(f"/api/v1/assets/{asset.id}").get_json().get("extra", {})
        assert "guest" not in extra


def test_a_scan_leads_nowhere_else(house: House) -> None:
    from registry.kernel.access import Actor
    from registry.labels import service

    house.people()
    asset = house.asset("acme", serial="SN-1")
    label = service.issue(Actor.system(), asset.id)
    for answer in (
        "//elsewhere.example/",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        7,
    ):
        with served(house, scan_target=lambda answer=answer: answer):
            there = house.people().owner.get(f"/L/{label.code}").headers["Location"]
            assert there.endswith(f"/c/acme/assets/{asset.id}"), answer
