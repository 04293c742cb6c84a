"""What a test needs from the machine."""

import os
from typing import NoReturn

import pytest


def lacking(what: str, reason: str) -> NoReturn:
    """Skip the test for `reason`, or fail it where ASSETCARE_TEST_REQUIRE lists `what` (comma separated)."""
    if what in os.environ.get("ASSETCARE_TEST_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)
