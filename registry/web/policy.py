"""What a route demands of whoever calls it. A route that declares nothing keeps the application from starting."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Policy:
    """public: anybody. signed_in: any user. permission: that right for some customer; the verb checks for which.

    sudo: whoever comes by session has proved who he is within the last minutes. in_person: by session only, never by
    token. enrolling: open to those, too, who have yet to set up the second factor that the installation demands.
    unasked: who comes is not even looked at.
    """

    kind: str
    permission: str = ""
    upload: bool = False  # may carry a large file
    sudo: bool = False
    in_person: bool = False
    enrolling: bool = False
    unasked: bool = False


def _mark(policy: Policy) -> Callable[[F], F]:
    def mark(view: F) -> F:
        view.__policy__ = policy  # type: ignore[attr-defined]
        return view

    return mark


def allow(permission: str, *, upload: bool = False, sudo: bool = False, in_person: bool = False) -> Callable[[F], F]:
    """Only for those who hold `permission` somewhere. Put it nearest to the function's name, below the route."""
    return _mark(Policy("permission", permission, upload, sudo, in_person))


def own(*, sudo: bool = False, in_person: bool = False, enrolling: bool = False) -> Callable[[F], F]:
    """For any user, about his own account."""
    return _mark(Policy("signed_in", sudo=sudo, in_person=in_person, enrolling=enrolling))


public: Callable[[F], F] = _mark(Policy("public"))
signed_in: Callable[[F], F] = own()
# The address is the credential. Others that come along are not looked at: one that has expired must not be a 401.
by_address: Callable[[F], F] = _mark(Policy("public", unasked=True))


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    return getattr(app.view_functions.get(endpoint), "__policy__", None)


def check_routes(app: Flask) -> None:
    """Refuse to start with a route that nobody has classified."""
    open_ones = [rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None]
    if open_ones:
        raise RuntimeError(f"routes without a declared policy: {', '.join(sorted(set(open_ones)))}")
