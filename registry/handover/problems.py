"""What is wrong with a package."""

from typing import NoReturn

from registry.kernel.errors import Problem


class BadPackage(Problem):
    status, code = 422, "bad_package"


def refuse(text: str) -> NoReturn:
    raise BadPackage(f"This package cannot be read: {text}.")
