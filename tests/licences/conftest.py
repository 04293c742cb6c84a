"""Fixtures of this folder."""

from tests.licences.world import statements, world  # noqa: F401
