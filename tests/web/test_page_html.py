"""Every page is sound HTML: what people typed stays text, nothing is inline, nothing comes from elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from registry.customers.places import create_contact, create_site
from registry.customers.service import change_customer
from registry.kernel.writing import ANY_VERSION
from registry.web import statics
from tests.web.world import World

CANARY = "<script>alert(1)</script>\"'><img src=x>"


@dataclass
class Page(HTMLParser):
    """What the checks below want to know about a page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    _open: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        self.texts[self._open] = self.texts.get(self._open, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def all(self, *names: str) -> Iterator[dict[str, str | None]]:
        return (attrs for tag, attrs in self.tags if tag in names)


def _read(text: str) -> Page:
    page = Page()
    page.feed(text)
    return page


def _check(text: str) -> Page:
    page = _read(text)
    for tag, attrs in page.tags:
        assert "style" not in attrs and tag != "style", f"<{tag}> has style of its own"
        assert not [name for name in attrs if name.startswith("on")], f"<{tag}> has a handler of its own"
        drawn = tag == "img" and (attrs.get("src") or "").startswith("data:image/svg+xml;base64,")
        for address in (attrs.get("href"), None if drawn else attrs.get("src"), attrs.get("action")):
            assert address is None or address.startswith(("/", "#", "mailto:")), address
            assert address is None or not address.startswith("//"), address
    assert not page.texts.get("script", "").strip()
    assert [attrs.get("lang") for attrs in page.all("html")] == ["en"]
    assert page.texts["title"].strip(" ·") not in ("", "Assetcare")
    assert len(list(page.all("h1"))) == 1 and len(list(page.all("main"))) == 1
    assert any(attrs.get("href") == "#main" for attrs in page.all("a"))
    _check_names(page)
    return page


def _check_names(page: Page) -> None:
    """Every id once, every field with a label, every reference leads somewhere."""
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids)), ids
    labelled = {attrs.get("for") for attrs in page.all("label")}
    for attrs in page.all("input", "select", "textarea"):
        assert attrs.get("type") == "hidden" or attrs.get("aria-label") or attrs.get("id") in labelled, attrs
    for _, attrs in page.tags:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert attrs.get(name) is None or attrs[name] in ids, (name, attrs)
    for attrs in page.all("img"):
        assert "alt" in attrs


def _everything(world: World) -> list[str]:
    return [
        "/",
        *world.pages,
        *world.more_pages,
        "/find?q=SN",
        "/find",
        "/scan",
        "/c/acme/imports",
        "/c/acme/imports/new",
        "/c/acme/imports/examples",
        "/c/acme/assets?kind=x&z=1",
        "/api/v1/docs",
        "/nowhere",
        "/c/globex",
    ]


@pytest.mark.parametrize("who", ["admin", "owner", "reader", "stranger"])
def test_every_page_is_sound(world: World, who: str) -> None:
    for address in _everything(world):
        answer = getattr(world.people, who).get(address)
        if answer.status_code != 302:
            _check(answer.text)
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    _check(world.house.client.get("/sign-in").text)


def test_titles_tell_pages_apart(world: World) -> None:
    pages = ["/", *(page for page in world.pages if "assets?" not in page), "/find?q=x"]
    titles = [_read(world.people.admin.get(page).text).texts["title"] for page in pages]
    assert len(set(titles)) == len(titles)


def test_what_people_type_stays_text(world: World) -> None:
    system, people = world.house.system, world.people
    change_customer(system, "acme", {"name": CANARY}, ANY_VERSION)
    create_site(system, {"customer": "acme", "name": CANARY, "city": CANARY})
    create_contact(system, {"customer": "acme", "name": CANARY, "title": CANARY, "phone": CANARY})
    product = world.house.product(
        CANARY, maker=CANARY, parameters=[{"name": CANARY, "unit": CANARY, "min": 1, "max": 2}]
    )
    texts = {name: CANARY for name in ("name", "tag", "supplier", "order_number", "notes")}
    asset = world.house.asset(serial=CANARY, product=product.id, site=CANARY, place=CANARY, **texts)
    child = world.house.asset(serial=f"{CANARY}2", product=product.id, parent=asset.id, slot=CANARY)
    people.owner.patch(f"/api/v1/assets/{asset.id}", {"place": f"{CANARY} moved"})
    unit = f"/c/acme/assets/{asset.id}"
    for page in [
        "/c/acme",
        "/c/acme/assets",
        unit,
        f"{unit}/edit",
        f"{unit}/history",
        f"{unit}/remove",
        f"/c/acme/assets/{child.id}",
        "/find?q=%3Cscript%3E",
        "/scan?q=%3Cscript%3E",
        "/find?q=alert",
    ]:
        text = people.owner.get(page).text
        assert "<img src=x" not in text and "alert(1)</script" not in text, page
        assert "&lt;img src=x&gt;" in text or "&lt;script&gt;" in text, page
        _check(text)
    assert "<img src=x" not in people.admin.get("/").text


def test_no_template_switches_escaping_off() -> None:
    folder = Path(__file__).parents[2] / "templates"
    templates = [path for path in folder.rglob("*") if path.is_file()]
    assert len(templates) > 10
    for path in templates:
        assert path.suffix == ".html", path  # others would not be escaped
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", path.read_text()), path


def test_static_files_are_there_under_the_addresses_that_pages_use(world: World) -> None:
    page = _read(world.people.admin.get("/").text)
    used = [a["href"] for a in page.all("link")] + [a["src"] for a in page.all("script", "img")]
    assert used
    for address in used:
        assert address and "?v=" in address
        with world.house.client.get(address) as answer:
            assert answer.status_code == 200, address


def test_pages_work_before_the_libraries_are_built(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statics, "resource_dir", lambda _name: tmp_path)
    text = world.people.admin.get("/api/v1/docs").text
    assert "make assets" in text and "/static/dist/" not in text
    assert world.people.admin.get("/").status_code == 200
