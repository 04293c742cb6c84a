"""What makes two readings the same module: vendor name, part number and serial number, however they are padded."""

from registry.optics.decoder.naming import cable_end, clean


def key(vendor: str, part_number: str, serial: str) -> tuple[str, str, str]:
    """The identity, for comparing: without padding, blanks become one, capitals do not matter.

    The vendor's OUI is no part of it (copies carry that of another maker), and a serial number alone is none either:
    two vendors may give the same.
    """
    return (_plain(vendor), _plain(part_number), _plain(serial))


def _plain(text: str) -> str:
    return clean(text).casefold()


def cable_serial(serial: str) -> str:
    """The serial number of a whole cable, of what one of its two ends says: C1907253451-2 -> C1907253451."""
    kept = clean(serial)
    return kept[:-2] if cable_end(kept) else kept
