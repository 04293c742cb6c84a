"""Settings of the house: how the installation stands, and what it was started with. Rooms add their own pages to it."""

from collections import Counter
from dataclasses import fields
from typing import Any

from flask import Blueprint, render_template

from registry import __version__, checks
from registry.kernel import db
from registry.kernel.language import _
from registry.settings import Settings
from registry.web.identity import settings
from registry.web.policy import allow

pages = Blueprint("house", __name__, url_prefix="/settings")


@pages.get("")
@allow("setting.edit")
def overview() -> str:
    engine = "SQLite" if db.is_sqlite() else "PostgreSQL"
    return render_template("settings/overview.html", release=__version__, engine=engine)


@pages.get("/health")
@allow("setting.edit")
def health() -> str:
    """What `assetcare check` says, but for the audit chains, which are checked a piece at a time on history pages."""
    found = sorted(checks.run(settings(), chains=False), key=lambda one: ("fault", "advice", "ok").index(one.state))
    return render_template("settings/health.html", findings=found, counts=Counter(one.state for one in found))


@pages.get("/installation")
@allow("setting.edit")
def installation() -> str:
    return render_template("settings/installation.html", options=_options(settings()))


def _options(chosen: Settings) -> list[dict[str, Any]]:
    """Every option with its value; of a secret one only whether it is set."""
    found = []
    for item in fields(Settings):
        value, about = getattr(chosen, item.name), item.metadata
        shown = ", ".join(value) if isinstance(value, tuple) else value
        shown = (_("yes") if value else _("no")) if isinstance(value, bool) else shown
        secret = about["secret"]
        found.append({
            "variable": about["variable"], "meaning": _(about["meaning"]), "secret": secret,
            "set": value != item.default, "value": "" if secret else str(shown),
        })  # fmt: skip
    return found
