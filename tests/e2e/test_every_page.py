"""Every page that a role can reach by links: sound for those who cannot see, nothing sticks out, nothing leaves the
site, no page is heavy.

Two walks of the four run by default; all of them with ASSETCARE_TEST_ALL_WALKS=yes. To look at the pages, let
ASSETCARE_TEST_SCREENS name a folder for pictures of them (build/screens).
"""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.accessibility import problems
from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINKS = "Array.from(document.querySelectorAll('a[href]'), (link) => link.getAttribute('href'))"
FILES = re.compile(r"\.(pdf|csv|xlsx|ics|zip|json|txt|eml)\b|/download|/calendar/|/static/|/export|/flow/")
NAMED = re.compile(r"^(/settings/(?:mail-texts|policies))/(?!new$)[^/]+(?:/(?:en|zh-Hant)$)?")
MOST = 200  # pages of one role
HEAVIEST = 60_000  # bytes of HTML

WALKS = [("admin", "desk", "light"), ("manager", "phone", "dark")]
MORE_WALKS = [("reader", "desk", "dark"), ("engineer", "phone", "light")]
if os.environ.get("ASSETCARE_TEST_ALL_WALKS") == "yes":
    WALKS += MORE_WALKS


def kind_of(path: str) -> str:
    """Pages that differ by what they are about only are one page: /c/x/assets/7 and /c/y/assets/9."""
    plain = re.sub(r"/\d+", "/N", re.sub(r"^/c/[^/]+", "/c/X", urlsplit(path).path))
    return NAMED.sub(r"\1/NAME", plain)


@dataclass
class Watch:
    """What the pages asked for and how heavy they were. The content policy's complaints stand in the console, where
    the fixture `errors` looks."""

    site: str
    foreign: list[str] = field(default_factory=list)
    heavy: list[str] = field(default_factory=list)

    def over(self, page: Any) -> None:
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.site + "/", "data:")):
            self.foreign.append(f"{request.url} leaves the site")

    def _answered(self, answer: Any) -> None:
        if answer.request.is_navigation_request() and answer.ok:
            size = int(answer.headers.get("content-length", 0))
            if not 0 < size < HEAVIEST:
                self.heavy.append(f"{answer.url}: {size} bytes of HTML")


def pages_of(visitor: Visitor, start: str) -> Iterator[str]:
    """Each kind of page once, as one comes to it; the visitor stands on it when it is yielded."""
    waiting, met = deque([start]), {kind_of(start)}
    while waiting:
        path = waiting.popleft()
        visitor.go(path)
        yield path
        for link in visitor.page.evaluate(LINKS):
            if not link.startswith("/") or link.startswith("//") or FILES.search(link) or kind_of(link) in met:
                continue
            met.add(kind_of(link))
            waiting.append(link)
        assert len(met) < MOST, sorted(met)


@pytest.mark.parametrize(("role", "size", "scheme"), WALKS)
def test_every_page_within_reach(visitor: Callable[..., Visitor], role: str, size: str, scheme: str) -> None:
    who = visitor(size, scheme).enter(role)
    watch = Watch(who.site.url)
    watch.over(who.page)
    found: list[str] = []
    seen = 0
    for path in pages_of(who, "/"):
        name = re.sub(r"[^a-z0-9]+", "-", kind_of(path).lower()).strip("-") or "home"
        who.keep(f"{role}-{size}-{scheme}/{name}")
        found += [f"{path}: {one['id']}: {one['where'][0]}" for one in problems(who.page)]
        if not who.fits():
            found.append(f"{path}: wider than the screen")
        seen += 1
    assert seen > 5
    found += watch.foreign + watch.heavy
    assert not found, "\n".join(found)
