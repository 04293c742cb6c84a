"""Browsers that somebody has signed in with before: their tries are counted apart from those of strangers."""

from secrets import compare_digest

from registry.kernel.secrets import new_token, vault
from registry.people.models import User


def known_browser(user: User) -> str:
    """What a browser keeps after a sign-in: good for nothing but a bucket of its own; it ends with the password."""
    name = f"{user.id}.{new_token()}"
    return f"{name}.{_mark(name, user)}"


def is_known(browser: str, user: User) -> bool:
    name, _, mark = browser.rpartition(".")
    if not browser.isascii() or len(browser) > 200 or not name.startswith(f"{user.id}."):
        return False
    return compare_digest(mark, _mark(name, user))


def _mark(name: str, user: User) -> str:
    return vault().mark("known browser", f"{name} {user.password_hash or ''}")
