"""No template holds a text of one language: what people read or hear is marked for the translators."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.source import ROOT
from tests.test_translations import NAMES

TEMPLATES = ROOT / "templates"
SPOKEN = {"title", "aria-label", "placeholder", "alt", "value", "label", "content"}
ATTRIBUTE = re.compile(r"([\w-]+)=\"([^\"]*)\"")


class Raw(HTMLParser):
    """Text for people in the HTML of a template: between tags, and in attributes that are shown or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quiet += tag in ("kbd", "code", "script", "style", "pre")
        for name, value in attrs:
            if tag == "meta" or (name == "value" and dict(attrs).get("type") in ("hidden", "checkbox", "radio")):
                continue
            if (
                (name in SPOKEN or name.startswith("data-say"))
                and tag not in ("option", "button")
                or name
                in (
                    "title",
                    "aria-label",
                )
            ):
                self._take(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in ("kbd", "code", "script", "style", "pre")

    def handle_data(self, data: str) -> None:
        if not self.quiet:  # a macro that makes attributes for a tag stands between tags
            self._take(ATTRIBUTE.sub(lambda found: f" {found[2]}" if found[1] in SPOKEN else "", data))

    def _take(self, text: str) -> None:
        self.found += [word for word in re.findall(r"[^\W\d_][\w’'-]+", text) if word not in NAMES]


def without_jinja(source: str) -> str:
    """The HTML of a template; what Jinja puts in is gone, and what stands between trans and endtrans."""
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    source = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", " ", source, flags=re.S)
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", source, flags=re.S)


def raw_texts(source: str) -> list[str]:
    parser = Raw()
    parser.feed(without_jinja(source))
    return parser.found


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_holds_no_text_of_one_language(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not raw_texts(source)
    assert not unmarked(source)


def unmarked(source: str) -> list[str]:
    """Sentences in Jinja's expressions that are not marked."""
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    found = []
    for expression in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", source, re.S):
        rest = re.sub(r"\b(?:_n?)\(\s*(\"[^\"]*\"|'[^']*')(\s*,\s*(\"[^\"]*\"|'[^']*'))?", "", expression)
        found += [text for text in re.findall(r"\"[^\"]*\"|'[^']*'", rest) if re.match(r".[A-Z][a-z]+( |.\Z)", text)]
    return found


def test_raw_text_is_found() -> None:
    assert raw_texts('<p title="Go on">{{ x }} of {% trans %}all{% endtrans %} <kbd>Esc</kbd></p>') == [
        "Go",
        "on",
        "of",
    ]
    assert unmarked('{{ w.empty("Nothing yet.") }}') == ['"Nothing yet."'] and not unmarked('{{ _("Nothing yet.") }}')
    assert not raw_texts('<p title="{{ _("Go on") }}">{{ _("Text") }} 12 · <input type="hidden" value="abc"></p>')
