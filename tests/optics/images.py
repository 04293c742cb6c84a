"""Memories made by hand, from the standards' byte numbers: nothing here knows the decoder's tables."""

import math
import struct

VENDOR, PART, SERIAL, DATE = "ACME OPTICS", "AO-10G-SR", "AB12345678", "240229A1"


def padded(text: str, size: int, by: bytes = b" ") -> bytes:
    return text.encode("latin-1").ljust(size, by)


def put(page: bytearray, at: int, data: bytes) -> None:
    page[at : at + len(data)] = data


def celsius(value: float) -> bytes:
    return struct.pack(">h", round(value * 256))


def volts(value: float) -> bytes:
    return struct.pack(">H", round(value * 10_000))


def milliamperes(value: float) -> bytes:
    return struct.pack(">H", round(value * 500))


def decibels(value: float | None) -> bytes:
    """A power in dBm, in steps of 0.1 uW."""
    return struct.pack(">H", 0 if value is None else min(65535, round(10 ** (value / 10) * 10_000)))


def low_byte_of_sum(page: bytes) -> int:
    total = 0
    for byte in page:
        total = (total + byte) % 256
    return total


LIMITS = {  # high alarm, low alarm, high warning, low warning
    "temperature": (celsius, (75, -5, 70, 0)),
    "voltage": (volts, (3.63, 2.97, 3.465, 3.135)),
    "bias": (milliamperes, (13.2, 4.0, 12.6, 5.0)),
    "tx": (decibels, (0.0, -6.0, -1.0, -5.0)),
    "rx": (decibels, (0.0, -20.0, -1.0, -18.0)),
}


def four(name: str, scale: float = 1) -> bytes:
    encode, values = LIMITS[name]
    return b"".join(encode(value * scale) for value in values)


def sfp(diagnostics: int = 0x68, *, by: bytes = b" ") -> tuple[bytearray, bytearray]:
    """A0h and A2h of a 10GBASE-SR module, internally calibrated, everything in order. Sums: see finish_sfp()."""
    a0, a2 = bytearray(256), bytearray(256)
    a0[0:4] = bytes([0x03, 0x04, 0x07, 0x10])
    a0[11], a0[12], a0[16], a0[17], a0[19] = 6, 103, 8, 3, 30
    put(a0, 20, padded(VENDOR, 16, by))
    put(a0, 37, bytes([0x00, 0x17, 0x6A]))
    put(a0, 40, padded(PART, 16, by))
    put(a0, 56, padded("B2", 4, by))
    put(a0, 60, (850).to_bytes(2, "big"))
    put(a0, 64, bytes([0x00, 0x1A]))
    put(a0, 68, padded(SERIAL, 16, by))
    put(a0, 84, padded(DATE, 8, by))
    a0[92], a0[93], a0[94] = diagnostics, 0xF0, 0x08
    for at, name in ((0, "temperature"), (8, "voltage"), (16, "bias"), (24, "tx"), (32, "rx")):
        put(a2, at, four(name))
    for at, value in ((96, celsius(36.5)), (98, volts(3.3)), (100, milliamperes(7.2)), (102, decibels(-2.5)),
                      (104, decibels(-3.25))):  # fmt: skip
        put(a2, at, value)
    return a0, a2


def finish_sfp(a0: bytearray, a2: bytearray | None = None) -> bytes:
    a0[63], a0[95] = low_byte_of_sum(a0[0:63]), low_byte_of_sum(a0[64:95])
    if a2 is None:
        return bytes(a0)
    a2[95] = low_byte_of_sum(a2[0:95])
    return bytes(a0 + a2)


def calibrate(a2: bytearray, slope: float = 1.0, offset: int = 0, rx: tuple[float, ...] = (0, 0, 0, 1, 0)) -> None:
    """Constants of external calibration: Rx_PWR(4) first, then slope and offset of all others."""
    put(a2, 56, struct.pack(">5f", *rx))
    for at in (76, 80, 84, 88):
        put(a2, at, struct.pack(">Hh", round(slope * 256), offset))


def qsfp(*, revision: int = 7, identifier: int = 0x11) -> dict[str, bytearray]:
    """Lower half, 00h and 03h of a 100GBASE-LR4 module with four lanes."""
    lower, zero, three = bytearray(128), bytearray(128), bytearray(128)
    lower[0:3] = bytes([identifier, revision, 0x00])
    put(lower, 22, celsius(41.25))
    put(lower, 26, volts(3.28))
    for lane in range(4):
        put(lower, 34 + 2 * lane, decibels(-1.0 - lane))
        put(lower, 42 + 2 * lane, milliamperes(30.0 + lane))
        put(lower, 50 + 2 * lane, decibels(0.5 + lane / 10))
    zero[0:4] = bytes([identifier, 0xCC, 0x07, 0x80])
    zero[139 - 128], zero[140 - 128], zero[142 - 128], zero[147 - 128] = 5, 255, 10, 0x40
    put(zero, 148 - 128, padded(VENDOR, 16))
    put(zero, 165 - 128, bytes([0x00, 0x02, 0xC9]))
    put(zero, 168 - 128, padded("AO-QSFP28-LR4", 16))
    put(zero, 184 - 128, b"1A")
    put(zero, 186 - 128, (26047).to_bytes(2, "big"))
    zero[192 - 128] = 0x03
    zero[195 - 128] = 0b0001_1010
    put(zero, 196 - 128, padded(SERIAL, 16))
    put(zero, 212 - 128, padded("240229", 8))
    zero[220 - 128], zero[222 - 128] = 0x0C, 104
    for at, name in ((128, "temperature"), (144, "voltage"), (176, "rx"), (184, "bias"), (192, "tx")):
        put(three, at - 128, four(name))
    return {"lower": lower, "00": zero, "03": three}


def finish_qsfp(pages: dict[str, bytearray]) -> dict[str, bytes]:
    zero = pages["00"]
    zero[191 - 128] = low_byte_of_sum(zero[0 : 191 - 128])
    zero[223 - 128] = low_byte_of_sum(zero[192 - 128 : 223 - 128])
    return {name: bytes(page) for name, page in pages.items()}


def cmis(*, identifier: int = 0x18, revision: int = 0x50, bias_scale: int = 1) -> dict[str, bytearray]:
    """All pages of a 400GBASE-DR4 module: eight host lanes, four media lanes."""
    pages = {name: bytearray(128) for name in ("lower", "00", "01", "02", "10", "11")}
    lower, zero, one, two, lanes = (pages[name] for name in ("lower", "00", "01", "02", "11"))
    lower[0:4] = bytes([identifier, revision, 0x00, 0x07])
    put(lower, 14, celsius(48.5))
    put(lower, 16, volts(3.3))
    put(lower, 20, celsius(55.0))
    lower[39], lower[40], lower[85] = 2, 7, 2
    put(lower, 86, bytes([0x11, 0x1C, 0x84, 0x01, 0x0D, 0x15, 0x21, 0x55, 0xFF]))
    zero[0] = identifier
    put(zero, 129 - 128, padded(VENDOR, 16))
    put(zero, 145 - 128, bytes([0x00, 0x1C, 0x73]))
    put(zero, 148 - 128, padded("AO-QDD-DR4", 16))
    put(zero, 164 - 128, b"10")
    put(zero, 166 - 128, padded(SERIAL, 16))
    put(zero, 182 - 128, padded("240229", 8))
    zero[200 - 128], zero[201 - 128], zero[203 - 128] = 0x80, 40, 0x0C
    zero[210 - 128], zero[212 - 128] = 0xF0, 0x06
    one[132 - 128] = 0x42
    put(one, 138 - 128, (26220).to_bytes(2, "big"))
    one[155 - 128], one[157 - 128], one[158 - 128] = 0x02, 0x03, 0x02
    one[159 - 128], one[160 - 128] = 0x0B, 0x07 | int(math.log2(bias_scale)) << 3
    for at, name, scale in ((128, "temperature", 1), (136, "voltage", 1), (176, "tx", 1), (184, "bias", 1 / bias_scale),
                            (192, "rx", 1)):  # fmt: skip
        put(two, at - 128, four(name, scale))
    put(lanes, 0, bytes([0x44] * 4))
    for lane in range(4):
        put(lanes, 154 - 128 + 2 * lane, decibels(2.0 + lane / 10))
        put(lanes, 170 - 128 + 2 * lane, milliamperes((80.0 + lane) / bias_scale))
        put(lanes, 186 - 128 + 2 * lane, decibels(1.0 + lane / 10))
    return pages


def finish_cmis(pages: dict[str, bytearray]) -> dict[str, bytes]:
    for name, first, stored in (("00", 128, 222), ("01", 130, 255), ("02", 128, 255)):
        if name in pages:
            pages[name][stored - 128] = low_byte_of_sum(pages[name][first - 128 : stored - 128])
    return {name: bytes(page) for name, page in pages.items()}
