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
PLACES = re.compile(r"%\(\w+\)s")


def texts() -> set[str]:
    rows = extract_from_dir(ROOT, METHODS, OPTIONS, {"_": None, "N_": None, "later": None})
    return {text for name, _line, text, _comments, _context in rows if not name.startswith("tests")} - {"cause"}


def test_every_text_has_its_translation_with_the_same_places(installation: Installation) -> None:
    chinese, same = catalogue("zh-Hant"), {"RMA", "RMA %(number)s"}
    missing = sorted(text for text in texts() if chinese.gettext(text) == text and text not in same)
    assert not missing, missing
    assert not [text for text in texts() if set(PLACES.findall(text)) != set(PLACES.findall(chinese.gettext(text)))]


def test_the_page_of_a_case_is_in_the_readers_language(desk: Desk) -> None:
    line = desk.received()
    answer = desk.people.engineer.request("GET", f"/c/acme/x/rma/lines/{line.id}", headers={"Accept-Language": "zh-TW"})
    assert answer.status_code == 200
    engineer = desk.people.engineer
    engineer.post("/account/language", language="zh-Hant")
    text = engineer.get(f"/c/acme/x/rma/lines/{line.id}").text
    assert "經手人與時間" in text and "Who had it" not in text
