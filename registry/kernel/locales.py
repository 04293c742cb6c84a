"""The languages that Assetcare speaks."""

LANGUAGES = {"en": "English", "zh-Hant": "繁體中文"}
FALLBACK = "en"
_SAME = {"zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant"}


def supported(language: str | None) -> str:
    """The language of ours that is nearest to `language` (a BCP 47 tag): zh-HK -> zh-Hant, en-GB -> en, fr -> en."""
    tag = language or FALLBACK
    for candidate in (tag, _SAME.get(tag, ""), tag.rpartition("-")[0], tag.partition("-")[0]):
        if candidate in LANGUAGES:
            return candidate
    return FALLBACK
