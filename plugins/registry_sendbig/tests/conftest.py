"""What the tests of SendBig share."""

from registry_sendbig.tests.desks import post

__all__ = ["post"]
