"""Real memories beside the repository, for tests that are skipped where they are not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "samples" / "optics"
EEPROM = sorted((FOLDER / "eeprom").glob("*.hex"))
needed = pytest.mark.skipif(not EEPROM, reason="needs ../shared/samples/optics, which is not here")


def pages_of(path: Path) -> dict[str, bytes]:
    """The pages in a sample, by its own headings; not through the product's reader of dumps."""
    pages: dict[str, bytes] = {}
    name = ""
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            title = line[1:].strip()
            upper = re.match(r"upper page (\w\w)h", title)
            name = upper.group(1) if upper else {"A0h": "A0", "A2h": "A2", "lower page 00h": "lower"}[title]
            pages[name] = b""
        else:
            pages[name] += bytes.fromhex(line[8:])
    return pages


def expected_of(path: Path) -> dict[str, Any]:
    return json.loads(path.with_suffix(".expected.json").read_text())
