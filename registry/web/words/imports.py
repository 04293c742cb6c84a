"""Words for codes about imports; registry/web/words/codes.py shows them all."""

from registry.kernel.language import N_

WORDS: dict[str, dict[str, str]] = {
    "import_kind": {
        "assets": N_("Assets"), "sites": N_("Sites"), "contacts": N_("Contacts"), "products": N_("Products"),
        "licences": N_("Licences"),
    },
    "import_state": {
        "draft": N_("Not finished"), "checked": N_("Ready to import"), "queued": N_("Waiting"),
        "running": N_("Under way"), "applied": N_("Imported"), "failed": N_("Failed"), "undoing": N_("Being undone"),
        "undone": N_("Undone"),
    },
    "on_error": {"stop": N_("Import nothing"), "skip": N_("Skip these rows")},
    "import_mode": {
        "mixed": N_("Add new and update known ones"), "create": N_("Only add new ones"),
        "update": N_("Only update known ones"),
    },
    "outcome": {"created": N_("New"), "updated": N_("Changed"), "refused": N_("Refused")},
    "encoding": {
        "utf-8": N_("Unicode (UTF-8)"), "utf-16": N_("Unicode (UTF-16)"), "cp1252": N_("Western European (Windows)"),
        "cp1250": N_("Central European (Windows)"), "cp1251": N_("Cyrillic (Windows)"),
        "mac_roman": N_("Western European (Mac)"), "gb18030": N_("Simplified Chinese (GB 18030)"),
        "big5": N_("Traditional Chinese (Big5)"), "shift_jis": N_("Japanese (Shift JIS)"),
        "euc_kr": N_("Korean (EUC-KR)"), "latin-1": N_("Western European (ISO 8859-1)"),
        "utf-16-le": N_("Unicode (UTF-16, little-endian)"), "utf-16-be": N_("Unicode (UTF-16, big-endian)"),
    },
    "delimiter": {
        "comma": N_("Comma"), "semicolon": N_("Semicolon"), "tab": N_("Tab"), "pipe": N_("Vertical bar"),
    },
    "date_order": {
        "ymd": N_("Year, month, day"), "dmy": N_("Day, month, year"), "mdy": N_("Month, day, year"),
    },
    "decimal_mark": {".": N_("Point: 1,234.50"), ",": N_("Comma: 1.234,50")},
}  # fmt: skip
