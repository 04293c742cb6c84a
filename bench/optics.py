"""Decoding memories of modules, beside hashing the same bytes."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import Result, middle
from registry.optics.decoder.decoding import decode
from registry.optics.decoder.dumps import memories_of
from registry.optics.decoder.memory import Memory, memory_of

IMAGES, ROUNDS = 2000, 5
MOST_SECONDS = 10.0  # for ten thousand images


def decoding(_work: Path) -> list[Result]:
    """Ten thousand images in under ten seconds, of the kind that takes longest."""
    kinds = {"SFP, 512 bytes": memory_of(_sfp()), "QSFP28, 640 bytes": memory_of(_qsfp()), "QSFP-DD, 896 bytes": _dd()}
    found = []
    for name, memory in kinds.items():
        each = _microseconds(lambda memory=memory: decode(memory))  # type: ignore[misc]
        whole = b"".join(memory.pages.values())
        hashing = _microseconds(lambda whole=whole: hashlib.sha256(whole).digest())  # type: ignore[misc]
        told = f"{each:.0f} us each, {each / hashing:.0f} times its SHA-256; {10_000 * each / 1e6:.2f} s for 10,000"
        found.append(Result("optics", f"10,000 images, {name}", 10_000 * each / 1e6, "s", MOST_SECONDS, detail=told))
    return [*found, _dumped(kinds["QSFP-DD, 896 bytes"])]


def _dumped(memory: Memory) -> Result:
    lines = []
    for name, page in memory.pages.items():
        base = 0 if name == "lower" else 128
        lines.append("lower page" if name == "lower" else f"upper page {name}h")
        lines += [f"{base + at:08x}  {page[at : at + 16].hex(' ')}" for at in range(0, 128, 16)]
    text = "\n".join(lines)
    each = _microseconds(lambda: [decode(one) for one in memories_of(text)], times=200)
    return Result("optics", "10,000 hexadecimal dumps, QSFP-DD", 10_000 * each / 1e6, "s", MOST_SECONDS)


def _microseconds(work: Callable[[], object], times: int = IMAGES) -> float:
    found = []
    for _round in range(ROUNDS):
        started = time.process_time()
        for _call in range(times):
            work()
        found.append((time.process_time() - started) / times * 1_000_000)
    return middle(found)


def _text(text: str, size: int = 16) -> bytes:
    return text.encode().ljust(size)


def _sfp() -> bytes:
    image = bytearray(512)
    image[0:4], image[12], image[92:94] = b"\x03\x04\x07\x10", 103, b"\x68\xf0"
    image[20:36], image[40:56], image[68:84] = _text("VENDOR"), _text("SFP-10G-SR"), _text("S1234567")
    image[60:62], image[84:92] = (850).to_bytes(2, "big"), _text("240131", 8)
    image[256:296], image[352:362] = bytes(range(1, 41)), bytes(range(20, 30))
    return bytes(image)


def _qsfp() -> bytes:
    image = bytearray(640)
    image[0], image[1], image[128], image[130] = 0x11, 8, 0x11, 7
    image[148:164], image[168:184], image[196:212] = _text("VENDOR"), _text("QSFP28-LR4"), _text("S1234567")
    image[22:58], image[512:584] = bytes(range(20, 56)), bytes(range(1, 73))
    return bytes(image)


def _dd() -> Memory:
    pages = {name: bytearray(128) for name in ("lower", "00", "01", "02", "10", "11")}
    pages["lower"][0:4], pages["lower"][14:18] = b"\x18\x50\x00\x06", b"\x28\x00\x80\x00"
    pages["lower"][85:94] = b"\x02\x11\x1c\x84\x01\x0d\x15\x21\x55"
    pages["00"][1:17], pages["00"][20:36], pages["00"][38:54] = _text("VENDOR"), _text("QDD-DR4"), _text("S1234567")
    pages["01"][29:33], pages["02"][0:72] = b"\x03\x03\x03\x07", bytes(range(1, 73))
    pages["11"][26:74] = bytes(range(48))
    return Memory({name: bytes(page) for name, page in pages.items()})
