"""Fixtures of this folder."""

from tests.licences.world import statements  # noqa: F401
