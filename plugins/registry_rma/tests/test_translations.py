"""Everything that the plugin says is said in Traditional Chinese, too: by its own catalogue, or by the core's."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from registry.kernel.language import catalogue
from registry.testing import Installation
from registry_rma.tests.world import Desk

ROOT = Path(__file__).parent.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
# Titles of columns are declared without a mark, and said by _().
KEYWORDS = {"_": None, "N_": None, "later": None, "ngettext": (1, 2), "Column": (2,)}
PLACES = re.compile(r"%\(\w+\)s")


def texts() -> set[str | tuple[str, ...]]:
    """Every text, and (one, many) of those that count."""
    rows = extract_from_dir(ROOT, METHODS, OPTIONS, KEYWORDS)
    return {text for name, _line, text, _comments, _context in rows if not name.startswith("tests")}


def test_every_text_has_its_translation_with_the_same_places(installation: Installation) -> None:
    chinese, same = catalogue("zh-Hant"), {"RMA", "RMA %(number)s", "Id"}
    said = {one: chinese.gettext(one) for one in texts() if isinstance(one, str)}
    said |= {one[1]: chinese.ngettext(one[0], one[1], 2) for one in texts() if isinstance(one, tuple)}
    missing = sorted(text for text, told in said.items() if told == text and text not in same)
    assert not missing, missing
    assert not [text for text, told in said.items() if set(PLACES.findall(text)) != set(PLACES.findall(told))]


def test_the_page_of_a_case_is_in_the_readers_language(desk: Desk) -> None:
    line = desk.received()
    answer = desk.people.engineer.request("GET", f"/c/acme/x/rma/lines/{line.id}", headers={"Accept-Language": "zh-TW"})
    assert answer.status_code == 200
    engineer = desk.people.engineer
    engineer.post("/account/language", language="zh-Hant")
    text = engineer.get(f"/c/acme/x/rma/lines/{line.id}").text
    assert "經手人與時間" in text and "Who had it" not in text
