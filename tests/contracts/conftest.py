"""Fixtures of this folder."""

from tests.licences.world import any_world, statements, world  # noqa: F401
