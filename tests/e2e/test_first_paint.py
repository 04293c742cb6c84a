"""What a browser fetches before it can show a page: little, and only once."""

import gzip
import re

from tests.browser import ROOT
from tests.houses import House
from tests.needs import lacking

MOST = 250_000  # bytes of style and script on a page, compressed
YEAR = 31_536_000
PARTS = re.compile(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"([^>]*)>')


def test_style_and_script_are_light_and_kept_for_good(house: House) -> None:
    if not (ROOT / "static" / "dist" / "tabler.min.css").is_file():
        lacking("assets", "the front-end libraries are absent: make assets builds them")
    client = house.people().owner
    page = client.get("/c/acme/assets").text
    parts = PARTS.findall(page)
    assert any("tabler" in address for address, _ in parts) and any("htmx" in address for address, _ in parts)
    weight = 0
    for address, _more in parts:
        assert re.search(r"\?v=[0-9a-f]{12}$", address), f"{address} does not change with its content"
        with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            kept = answer.cache_control
            assert answer.status_code == 200 and kept.public and kept.immutable and kept.max_age == YEAR, address
            assert answer.content_encoding == "gzip" and "accept-encoding" in answer.vary, address
            weight += len(answer.data)
            packed = gzip.decompress(answer.data)
        with client.get(address) as plain:
            assert plain.content_encoding is None and plain.data == packed, address
    assert 20_000 < weight < MOST


def test_only_what_decides_light_or_dark_comes_before_the_page(house: House) -> None:
    """Every other script waits for the page to stand."""
    page = house.people().owner.get("/c/acme/assets").text
    waits = {
        address.split("?")[0].rsplit("/", 1)[1]: "defer" in more
        for address, more in PARTS.findall(page)
        if ".js" in address
    }
    assert [name for name, deferred in waits.items() if not deferred] == ["theme.js"]
    assert len((ROOT / "static" / "js" / "theme.js").read_bytes()) < 2000
