"""Parts of pages that are drawn once and kept: drawing them takes longer than reading what a page is about.

A part is a macro that sees nothing but what it is given (tests hold it to that), and what was drawn is found again by
all that it was given, the language, and where the application and its signs stand. So nobody is shown what was drawn
for somebody who is given anything else.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import request

from registry.kernel import language
from registry.web.statics import static_url

MOST = 512  # of each part, in each process
KEPT = {
    "head_of_page": ("parts/head.html", "head"),
    "side_of_page": ("parts/side.html", "side"),
    "filter_form": ("lists/_filters.html", "form"),
    "filter_buttons": ("lists/_filters.html", "buttons"),
    "list_tools": ("lists/_tools.html", "tools"),
    "start_of_cell": ("lists/_rows.html", "start"),
    "list_header": ("lists/_rows.html", "header"),
}  # name in templates -> template, macro in it


def install(env: Any) -> None:
    """The parts as functions that every template can call."""
    for name, (template, macro) in KEPT.items():
        env.globals[name] = kept(env, template, macro)
    env.globals["once_told"] = part(env, "parts/told.html", "told")
    env.globals["list_rows"] = part(env, "lists/_rows.html", "rows")


def named(env: Any, name: str) -> Callable[..., Any]:
    """The part as a function, for what is no template."""
    return env.globals[name]  # type: ignore[return-value]


def part(env: Any, template: str, macro: str) -> Callable[..., Any]:
    """The macro as a function: to import a template costs more than to call what is in it."""
    return lambda *given: getattr(env.get_template(template).module, macro)(*given)


def kept(env: Any, template: str, macro: str) -> Callable[..., Any]:
    """The macro, drawn once for the same values: texts, flags, numbers, None, and tuples of them."""

    draw = part(env, template, macro)

    @lru_cache(maxsize=MOST, typed=True)
    def drawn(_language: str, _root: str, _signs: str | None, *given: Any) -> Any:
        return draw(*given)

    def found(*given: Any) -> Any:
        signs = static_url("dist/icons.svg")
        try:
            return drawn(language.current(), request.script_root, signs, *given)
        except TypeError:  # something in it cannot be compared
            return draw(*given)

    return found
