"""Countries and territories by their codes in ISO 3166."""

from functools import cache

from babel import Locale

from registry.kernel import language
from registry.kernel.language import N_, _
from registry.kernel.locales import BABEL

# Shorter than the tables of Babel call them.
SHORT = {"HK": N_("Hong Kong"), "MO": N_("Macao")}


def country(code: str | None) -> str:
    """Its name in the language of the moment; a code that nobody uses is shown as it is."""
    return _(SHORT[code]) if code in SHORT else _names(language.current()).get(code or "", code or "")


def countries() -> list[tuple[str, str]]:
    """Pairs of code and name, by name: for a drop-down."""
    return sorted(((code, country(code)) for code in _names(language.current())), key=lambda pair: pair[1])


@cache
def _names(tag: str) -> dict[str, str]:
    """Without continents and what the tables hold for tests or for no country at all."""
    named = Locale.parse(BABEL[tag]).territories
    return {code: name for code, name in named.items() if len(code) == 2 and code.isalpha() and code not in _NONE}


_NONE = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})
