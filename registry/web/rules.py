"""Routes that start quickly."""

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug import routing

Builder = Callable[..., tuple[str, str]]


class Rule(routing.Rule):
    """Werkzeug writes and compiles two functions for each rule that put its addresses together, which were nine tenths
    of what wiring the application took. Here each is made when the first such address is asked for."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compiled = cache(super()._compile_builder)

        def build(rule: "Rule", /, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(rule, **values)

        return build
