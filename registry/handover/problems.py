"""What is wrong with a package."""

from typing import NoReturn

from registry.kernel.errors import Problem
from registry.kernel.language import _


class BadPackage(Problem):
    status, code = 422, "bad_package"


def refuse(text: str) -> NoReturn:
    raise BadPackage(_("This package cannot be read: %(text)s.", text=text))
