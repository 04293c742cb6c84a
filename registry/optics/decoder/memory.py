"""A module's memory by pages, and the same as one image of bytes.

Pages: "A0" and "A2" of an SFP (the two addresses, 256 bytes each), "lower" (bytes 0-127) and the upper pages "00", "01"
... "ff" (bytes 128-255 of the address space, 128 bytes each) of all others; a page of another bank is "11/1".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

HALF, WHOLE = 128, 256
SFP_IDENTIFIERS = frozenset({0x01, 0x02, 0x03, 0x0B})  # GBIC, soldered, SFP, DWDM-SFP: two addresses instead of pages
LINEAR_MOST = WHOLE * HALF + HALF  # the lower half and 256 upper pages


@dataclass(frozen=True, slots=True)
class Memory:
    """What was read of a module's memory. `port`: where the dump says that it sits. `lost`: a part has no place."""

    pages: Mapping[str, bytes] = field(default_factory=dict)
    port: str = ""
    lost: bool = False

    @property
    def identifier(self) -> int | None:
        """Byte 0, or its copy in upper page 00h where the lower half was not read."""
        for page in ("A0", "lower", "00"):
            if found := self.pages.get(page):
                return found[0]
        return None


def memory_of(image: bytes, port: str = "") -> Memory:
    """An image as programs write it: of an SFP A0h and A2h behind it, of others the lower half and the upper pages in
    their order."""
    if not image or image[0] in SFP_IDENTIFIERS:
        parts = {"A0": image[:WHOLE], "A2": image[WHOLE : 2 * WHOLE]}
        return Memory({name: part for name, part in parts.items() if part}, port)
    if len(image) <= HALF and _is_page_00(image):
        return Memory({"00": image}, port)
    pages = {"lower": image[:HALF]}
    for at in range(HALF, min(len(image), LINEAR_MOST), HALF):
        pages[f"{at // HALF - 1:02x}"] = image[at : at + HALF]
    return Memory(pages, port)


def settled(memory: Memory) -> Memory:
    """With the names that its kind of module has: the address A0h of a module with pages (its only one) is the lower
    half and page 00h, and those of an SFP are A0h."""
    pages = dict(memory.pages)
    first, lower = pages.get("A0"), pages.get("lower")
    if first and first[0] not in SFP_IDENTIFIERS:
        pages = {**memory_of(pages.pop("A0")).pages, **pages}
    elif not first and lower and lower[0] in SFP_IDENTIFIERS:
        pages["A0"] = pages.pop("lower") + pages.pop("00", b"")
        pages = {name: page for name, page in pages.items() if name in ("A0", "A2")}
    return replace(memory, pages=pages)


def _is_page_00(image: bytes) -> bool:
    """Whether these are not the lower half but upper page 00h, which begins with the same byte: by its own sums."""
    if len(image) < HALF or not any(image[1:63]):
        return False
    base, extended = sum(image[:63]) & 0xFF == image[63], sum(image[64:95]) & 0xFF == image[95]
    return (base and extended and any(image[64:95])) or sum(image[:94]) & 0xFF == image[94]


def image_of(memory: Memory) -> bytes:
    """The bytes to keep. One image if nothing lies between the pages, otherwise a hexadecimal dump that names them."""
    pages = {name: page for name, page in memory.pages.items() if page}
    joined = b"".join(pages.values())
    if memory_of(joined).pages == pages:
        return joined
    return "".join(_dumped(name, page) for name, page in pages.items()).encode()


def _dumped(name: str, page: bytes) -> str:
    number, _, bank = name.partition("/")
    upper = number not in ("A0", "A2", "lower")
    title = f"upper page {number}h" if upper else "lower page" if name == "lower" else f"{name}h"
    if bank:
        title += f" bank {bank}"
    base = HALF if upper else 0
    rows = (f"{base + at:08x}  {page[at : at + 16].hex(' ')}\n" for at in range(0, len(page), 16))
    return f"# {title}\n{''.join(rows)}"
