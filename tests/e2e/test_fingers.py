"""On a telephone whatever is pressed is at least 40 px high, and no line of the day crosses words."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LEAST = 40
# A link among words counts as a word; a tick counts with its label, or with the ground around it.
PRESSED = "a, button, select, input, textarea, summary, label.form-check"
SMALL = """([least, pressed]) => Array.from(document.querySelectorAll(pressed)).filter((one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    if (box.width < 2 || style.visibility === "hidden") return false;
    if (one.closest(".visually-hidden, .skip, svg, thead")) return false;
    if (one.tagName === "A" && style.display === "inline") return false;
    if (one.matches("[type=checkbox], [type=radio]")) {
      if (one.closest("label")) return false;
      const around = getComputedStyle(one, "::after");
      return around.content === "none" || box.height - parseFloat(around.top) - parseFloat(around.bottom) < least;
    }
    return box.height < least;
  }).map((one) => `${one.tagName} ${one.id || one.textContent.trim().slice(0, 30)}`)"""
PAGES = ("/", "/dashboard", "/c/elbtal", "/c/elbtal/assets", "/c/elbtal/contracts", "/terms/new", "/settings/statuses")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_too_small_for_a_finger(visitor: Callable[..., Visitor], path: str) -> None:
    who = visitor("phone").enter("admin")
    page = who.go(path)
    assert page.evaluate(SMALL, [LEAST, PRESSED]) == []


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_line_of_the_day_crosses_no_words(visitor: Callable[..., Visitor], size: str) -> None:
    who = visitor(size).enter("admin")
    page = who.go("/c/elbtal/assets")
    page.locator("td.first a").first.click()
    page.locator(".timeline").wait_for()
    crossed = page.evaluate("""() => {
      const boxes = (name) => Array.from(document.querySelectorAll(name), (one) => one.getBoundingClientRect())
        .filter((box) => box.height > 0);
      const lines = boxes(".on-line"), words = boxes(".timeline h3, .timeline p > span, .timeline-head > *");
      if (!lines.length || !words.length) return ["nothing is drawn"];
      return words.filter((word) => lines.some((line) =>
        line.left < word.right && line.right > word.left && line.top < word.bottom && line.bottom > word.top));
    }""")
    assert crossed == []
