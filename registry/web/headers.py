"""Headers of every answer: nothing runs inline, nothing is framed, nothing leaves the site, nothing is cached.

A page that reads codes with the camera says so (@scans), and gets the two things that this takes: the camera, and to
run the reader, which is a WebAssembly program of ours. A page from which a browser sends files straight to the store
names its address (connect_to). That is all that any page is let out of the common rules.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from registry.web.identity import settings

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SCANNING_CSP = CSP.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
DEVICES = "camera=({}), microphone=(), geolocation=()"
ORIGIN = re.compile(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(?=/|\Z)")
CONNECTS = "assetcare.connects"  # in the environment of the request
F = TypeVar("F", bound=Callable[..., Any])


def scans(view: F) -> F:
    """For the page of a view that reads codes with the camera. Put it nearest to the function's name."""
    view.__scans__ = True  # type: ignore[attr-defined]
    return view


def _scans() -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "__scans__", False)


def connect_to(*addresses: str) -> None:
    """The page that is being answered may send and ask there besides: https://HOST[:PORT], whatever follows it. Raises
    ValueError for what is no such address."""
    found = [ORIGIN.match(address) for address in addresses]
    if not all(found):
        raise ValueError(f"no address that a browser can go to: {', '.join(addresses)}")
    request.environ[CONNECTS] = " ".join(dict.fromkeys(one[0] for one in found if one))


def _policy(scanning: bool) -> str:
    connects = request.environ.get(CONNECTS)
    return (SCANNING_CSP if scanning else CSP) + (f"; connect-src 'self' {connects}" if connects else "")


def install(app: Flask) -> None:
    app.after_request(_secure)


def _secure(response: Response) -> Response:
    headers, scanning = response.headers, _scans()
    headers.setdefault("Content-Security-Policy", _policy(scanning))
    headers.setdefault("Permissions-Policy", DEVICES.format("self" if scanning else ""))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if not request.path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
    if settings().https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
