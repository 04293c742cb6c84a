"""What people do on pages, in more than one journey."""

from typing import Any

from tests.e2e.accessibility import problems
from tests.e2e.conftest import Visitor

HERE = "document.activeElement"


def text(page: Any, place: str) -> str:
    """What is written there, on one line."""
    return " ".join(page.locator(place).first.inner_text().split())


def cells(page: Any) -> list[list[str]]:
    """The rows of the list as they are shown, without the boxes to tick: only what stands first in each cell."""
    read = """(rows) => rows.map((row) => Array.from(row.querySelectorAll("td:not(.tick)"),
      (cell) => cell.innerText.split("\\n")[0].trim()))"""
    return page.eval_on_selector_all("table.rows tbody tr", read)  # type: ignore[no-any-return]


def tab_to(page: Any, wanted: str, most: int = 80) -> None:
    """Press Tab until `wanted` (a CSS selector) has the focus: nothing else moves it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"(wanted) => {HERE}.matches(wanted)", wanted):
            assert page.evaluate(f"{HERE}.matches(':focus-visible')"), f"nothing shows that {wanted} has the focus"
            return
    raise AssertionError(f"{wanted} cannot be reached by Tab")


def choose(page: Any, name: str, typed: str) -> str:
    """Type into a field that looks things up, and take the first of what it offers; answers the text taken."""
    box = page.locator(f"#{name}")
    with page.expect_response(lambda answer: "/lookup/" in answer.url and answer.ok):
        box.press_sequentially(typed)
    offered = page.locator(f"#{name}-list option").first
    offered.wait_for(state="attached")
    found = str(offered.get_attribute("value"))
    box.fill(found)
    return found


def sound(who: Visitor, name: str) -> None:
    """A page that no walk along links comes to: fit for everybody, nothing sticks out."""
    who.keep(f"journeys/{name}")
    found = [f"{one['id']}: {one['where'][0]}" for one in problems(who.page)]
    assert not found, f"{who.page.url}\n" + "\n".join(found)
    assert who.fits(), f"{who.page.url} is wider than the screen"
