"""The languages that Assetcare speaks, and how each writes a day."""

from datetime import date

LANGUAGES = {"en": "English", "zh-Hant": "繁體中文"}
FALLBACK = "en"
# What Babel calls them. en_GB: day before month, which nobody misreads with the month's name.
BABEL = {"en": "en_GB", "zh-Hant": "zh_Hant"}
_SAME = {"zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant"}


def supported(language: str | None) -> str:
    """The language of ours that is nearest to `language` (a BCP 47 tag): zh-HK -> zh-Hant, en-GB -> en, fr -> en."""
    tag = language or FALLBACK
    for candidate in (tag, _SAME.get(tag, ""), tag.rpartition("-")[0], tag.partition("-")[0]):
        if candidate in LANGUAGES:
            return candidate
    return FALLBACK


def day_in(day: date, language: str) -> str:
    """4 Oct 2025 or 2025年10月4日: the form of pages and of every sentence."""
    if supported(language) == FALLBACK:
        return f"{day.day} {day:%b %Y}"
    from babel.dates import format_date  # only who reads another language than English pays for it

    return format_date(day, "long", locale=BABEL[supported(language)])
