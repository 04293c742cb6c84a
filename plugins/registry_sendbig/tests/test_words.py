"""Everything that the plugin says is said in Traditional Chinese, too, and what it writes down has its words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from registry.kernel.language import catalogue
from registry_sendbig import words
from registry_sendbig.models import TABLES
from registry_sendbig.releases import words as release_words
from registry_sendbig.tests.post import Post

ROOT = Path(__file__).parent.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
# Titles of columns are declared without a mark, and said by _().
KEYWORDS = {"_": None, "N_": None, "later": None, "ngettext": (1, 2), "_n": (1, 2), "Column": (2,)}
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")
WRITES = ("create", "change", "remove", "note", "write", "forget", "end")
SAME = {"Id", "SHA-256", "CRC-32C"}


def texts() -> set[str | tuple[str, ...]]:
    """Every text, and (one, many) of those that count."""
    rows = extract_from_dir(ROOT, METHODS, OPTIONS, KEYWORDS)
    return {text for name, _line, text, _comments, _context in rows if not name.startswith("tests")}


def test_every_text_has_its_translation_with_the_same_places(post: Post) -> None:
    chinese = catalogue("zh-Hant")
    said = {one: chinese.gettext(one) for one in texts() if isinstance(one, str)}
    said |= {one[1]: chinese.ngettext(one[0], one[1], 2) for one in texts() if isinstance(one, tuple)}
    missing = sorted(text for text, told in said.items() if told == text and text not in SAME)
    assert not missing, missing
    assert not [text for text, told in said.items() if set(PLACES.findall(text)) != set(PLACES.findall(told))]


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    known = set(re.findall(r'^msgid "(.+)"$', (ROOT / "translations" / "zh-Hant.po").read_text(), re.M))
    said = {one if isinstance(one, str) else one[0] for one in texts()}
    assert known <= {text.replace("\\", "\\\\").replace('"', '\\"') for text in said}


def written() -> Iterator[str]:
    """Actions that a verb puts on the audit chain."""
    for path in ROOT.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in WRITES:
                given = [*call.args, *(keyword.value for keyword in call.keywords)]
                yield from (
                    str(one.value) for one in given
                    if isinstance(one, ast.Constant) and str(one.value).startswith("sendbig.")
                )  # fmt: skip


def test_the_history_has_words_for_all_that_is_done() -> None:
    said = {**words.DONE, **release_words.DONE}
    actions = set(written()) | {f"sendbig.{reason}" for reason in words.WORDS["end_reason"]}
    assert len(actions) > 25 and not actions - said.keys()
    things = {**words.THINGS, **release_words.THINGS}
    assert {table._meta.table_name for table in TABLES} == things.keys()


def test_the_history_of_a_transfer_is_in_the_readers_language(post: Post) -> None:
    sent, manager = post.sent(), post.people.manager
    manager.post("/account/language", language="zh-Hant")
    text = manager.get("/c/acme/history").text
    assert "已寄出傳送" in text and "sendbig." not in text and "Transfer sent" not in text
    text = manager.get(f"/c/acme/x/sendbig/transfers/{sent.id}").text
    assert "收件者" in text and "Recipients" not in text
