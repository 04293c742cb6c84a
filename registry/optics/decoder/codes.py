"""Codes that all three standards share (SFF-8024), and the bits by which SFF-8472 and SFF-8636 name their standards."""

IDENTIFIERS = {
    0x01: "GBIC", 0x02: "soldered", 0x03: "SFP", 0x06: "XFP", 0x0B: "DWDM-SFP", 0x0C: "QSFP", 0x0D: "QSFP+",
    0x0E: "CXP", 0x11: "QSFP28", 0x12: "CXP2", 0x13: "CDFP", 0x16: "CDFP", 0x17: "microQSFP", 0x18: "QSFP-DD",
    0x19: "OSFP", 0x1A: "SFP-DD", 0x1B: "DSFP", 0x1C: "MiniLink x4", 0x1D: "MiniLink x8", 0x1E: "QSFP+ (CMIS)",
    0x1F: "SFP-DD", 0x20: "SFP+ (CMIS)", 0x21: "OSFP-XD", 0x22: "ELSFP", 0x23: "CDFP", 0x24: "CDFP", 0x25: "CDFP",
}  # fmt: skip

CONNECTORS = {
    0x01: "SC", 0x02: "FC Style 1 copper", 0x03: "FC Style 2 copper", 0x04: "BNC/TNC", 0x05: "FC coax",
    0x06: "Fiber Jack", 0x07: "LC", 0x08: "MT-RJ", 0x09: "MU", 0x0A: "SG", 0x0B: "Optical pigtail", 0x0C: "MPO 1x12",
    0x0D: "MPO 2x16", 0x20: "HSSDC II", 0x21: "Copper pigtail", 0x22: "RJ45", 0x23: "No separable connector",
    0x24: "MXC 2x16", 0x25: "CS", 0x26: "SN", 0x27: "MPO 2x12", 0x28: "MPO 1x16",
}  # fmt: skip
COPPER_CONNECTORS = frozenset({0x02, 0x03, 0x04, 0x05, 0x20, 0x21, 0x22})

# Codes 4 to 6 mean different things in the two standards.
ENCODINGS_8472 = {1: "8B/10B", 2: "4B/5B", 3: "NRZ", 4: "Manchester", 5: "SONET scrambled", 6: "64B/66B",
                  7: "256B/257B", 8: "PAM4"}  # fmt: skip
ENCODINGS_8636 = {1: "8B/10B", 2: "4B/5B", 3: "NRZ", 4: "SONET scrambled", 5: "64B/66B", 6: "Manchester",
                  7: "256B/257B", 8: "PAM4"}  # fmt: skip

# SFF-8024 table 4-4: A0h byte 36 of an SFP, byte 192 of a QSFP.
EXTENDED = {
    0x01: "100G AOC or 25GAUI C2M AOC", 0x02: "100GBASE-SR4 or 25GBASE-SR", 0x03: "100GBASE-LR4 or 25GBASE-LR",
    0x04: "100GBASE-ER4 or 25GBASE-ER", 0x05: "100GBASE-SR10", 0x06: "100G CWDM4", 0x07: "100G PSM4",
    0x08: "100G ACC or 25GAUI C2M ACC", 0x0B: "100GBASE-CR4, 25GBASE-CR CA-25G-L or 50GBASE-CR2",
    0x0C: "25GBASE-CR CA-25G-S or 50GBASE-CR2", 0x0D: "25GBASE-CR CA-25G-N or 50GBASE-CR2", 0x0E: "10BASE-T1L",
    0x10: "40GBASE-ER4", 0x11: "4 x 10GBASE-SR", 0x12: "40G PSM4", 0x13: "G.959.1 P1I1-2D1", 0x14: "G.959.1 P1S1-2D2",
    0x15: "G.959.1 P1L1-2D2", 0x16: "10GBASE-T", 0x17: "100G CLR4", 0x18: "100G AOC or 25GAUI C2M AOC",
    0x19: "100G ACC or 25GAUI C2M ACC", 0x1A: "100GE-DWDM2", 0x1B: "100G 1550 nm WDM", 0x1C: "10GBASE-T short reach",
    0x1D: "5GBASE-T", 0x1E: "2.5GBASE-T", 0x1F: "40G SWDM4", 0x20: "100G SWDM4", 0x21: "100G PAM4 BiDi",
    0x22: "100G 4WDM-10", 0x23: "100G 4WDM-20", 0x24: "100G 4WDM-40", 0x25: "100GBASE-DR", 0x26: "100GBASE-FR1",
    0x27: "100GBASE-LR1", 0x28: "100GBASE-SR1", 0x29: "100GBASE-SR1, 200GBASE-SR2 or 400GBASE-SR4",
    0x2A: "100GBASE-FR1 or 400GBASE-DR4-2", 0x2B: "100GBASE-LR1", 0x2C: "100G-LR1-20", 0x2D: "100G-ER1-30",
    0x2E: "100G-ER1-40", 0x2F: "100G-LR1-20", 0x30: "50GAUI, 100GAUI-2 or 200GAUI-4 ACC",
    0x31: "50GAUI, 100GAUI-2 or 200GAUI-4 AOC", 0x32: "50GAUI, 100GAUI-2 or 200GAUI-4 ACC",
    0x33: "50GAUI, 100GAUI-2 or 200GAUI-4 AOC", 0x34: "100G-ER1-30", 0x35: "100G-ER1-40",
    0x36: "100GBASE-VR1, 200GBASE-VR2 or 400GBASE-VR4", 0x37: "10GBASE-BR", 0x38: "25GBASE-BR", 0x39: "50GBASE-BR",
    0x3A: "100GBASE-VR1", 0x3F: "100GBASE-CR1, 200GBASE-CR2 or 400GBASE-CR4",
    0x40: "50GBASE-CR, 100GBASE-CR2 or 200GBASE-CR4", 0x41: "50GBASE-SR, 100GBASE-SR2 or 200GBASE-SR4",
    0x42: "50GBASE-FR or 200GBASE-DR4", 0x43: "200GBASE-FR4", 0x44: "200G 1550 nm PSM4", 0x45: "50GBASE-LR",
    0x46: "200GBASE-LR4", 0x47: "400GBASE-DR4", 0x48: "400GBASE-FR4", 0x49: "400GBASE-LR4-6",
    0x4A: "50GBASE-ER", 0x4B: "400G-LR4-10", 0x4C: "400GBASE-ZR", 0x7F: "256GFC-SW4",
    0x80: "64GFC", 0x81: "128GFC",
}  # fmt: skip
EXTENDED_COPPER = frozenset({0x0B, 0x0C, 0x0D, 0x0E, 0x16, 0x1C, 0x1D, 0x1E, 0x3F, 0x40})
EXTENDED_ACTIVE_COPPER = frozenset({0x08, 0x19, 0x30, 0x32})
EXTENDED_ACTIVE_OPTICAL = frozenset({0x01, 0x18, 0x31, 0x33})
EXTENDED_25G = frozenset({0x01, 0x02, 0x03, 0x04, 0x08, 0x0B, 0x0C, 0x0D, 0x18, 0x19, 0x38})  # of what fits an SFP
EXTENDED_50G = frozenset({0x30, 0x31, 0x32, 0x33, 0x39, 0x40, 0x41, 0x42, 0x45, 0x4A})
EXTENDED_100G = frozenset(
    {0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, *range(0x2C, 0x30), *range(0x34, 0x37), 0x3A, 0x3F}
)
EXTENDED_10G = frozenset({0x13, 0x14, 0x15, 0x16, 0x1C, 0x37})

_FIBRE_CHANNEL = {
    (4, 7): "FC very long distance", (4, 6): "FC short distance", (4, 5): "FC intermediate distance",
    (4, 4): "FC long distance", (4, 3): "FC medium distance",
    (7, 7): "1200-MBps FC", (7, 6): "800-MBps FC", (7, 5): "1600-MBps FC", (7, 4): "400-MBps FC",
    (7, 3): "3200-MBps FC", (7, 2): "200-MBps FC", (7, 0): "100-MBps FC",
}  # fmt: skip
# (byte counted from the first of the eight compliance bytes, bit) -> what the module complies with.
COMPLIANCE_8472 = {
    (0, 7): "10GBASE-ER", (0, 6): "10GBASE-LRM", (0, 5): "10GBASE-LR", (0, 4): "10GBASE-SR", (0, 3): "InfiniBand 1X SX",
    (0, 2): "InfiniBand 1X LX", (0, 1): "InfiniBand 1X copper active", (0, 0): "InfiniBand 1X copper passive",
    (1, 7): "ESCON MMF", (1, 6): "ESCON SMF", (1, 5): "OC-192 short reach", (1, 2): "OC-48 long reach",
    (1, 1): "OC-48 intermediate reach", (1, 0): "OC-48 short reach", (2, 6): "OC-12 long reach",
    (2, 5): "OC-12 intermediate reach", (2, 4): "OC-12 short reach", (2, 2): "OC-3 long reach",
    (2, 1): "OC-3 intermediate reach", (2, 0): "OC-3 short reach", (3, 7): "BASE-PX", (3, 6): "BASE-BX10",
    (3, 5): "100BASE-FX", (3, 4): "100BASE-LX10", (3, 3): "1000BASE-T", (3, 2): "1000BASE-CX", (3, 1): "1000BASE-LX",
    (3, 0): "1000BASE-SX", (5, 3): "active cable", (5, 2): "passive cable", **_FIBRE_CHANNEL,
}  # fmt: skip
COMPLIANCE_8636 = {
    (0, 6): "10GBASE-LRM", (0, 5): "10GBASE-LR", (0, 4): "10GBASE-SR", (0, 3): "40GBASE-CR4", (0, 2): "40GBASE-SR4",
    (0, 1): "40GBASE-LR4", (0, 0): "40G active cable (XLPPI)", (1, 2): "OC-48 long reach",
    (1, 1): "OC-48 intermediate reach", (1, 0): "OC-48 short reach", (2, 7): "SAS 24.0 Gb/s", (2, 6): "SAS 12.0 Gb/s",
    (2, 5): "SAS 6.0 Gb/s", (2, 4): "SAS 3.0 Gb/s", (3, 3): "1000BASE-T", (3, 2): "1000BASE-CX", (3, 1): "1000BASE-LX",
    (3, 0): "1000BASE-SX", **_FIBRE_CHANNEL,
}  # fmt: skip
_TECHNOLOGIES = (
    "850 nm VCSEL", "1310 nm VCSEL", "1550 nm VCSEL", "1310 nm FP", "1310 nm DFB", "1550 nm DFB", "1310 nm EML",
    "1550 nm EML", "other", "1490 nm DFB", "copper, unequalized", "copper, passive equalized",
    "copper, near and far end limiting", "copper, far end limiting", "copper, near end limiting",
    "copper, linear active equalizers", "C-band tunable", "L-band tunable", "copper, near and far end linear",
    "copper, far end linear", "copper, near end linear",
)  # fmt: skip
TECHNOLOGIES = dict(enumerate(_TECHNOLOGIES))  # SFF-8636 knows the first 16
PASSIVE_TECHNOLOGIES = frozenset({0x0A, 0x0B})
ACTIVE_COPPER_TECHNOLOGIES = frozenset({0x0C, 0x0D, 0x0E, 0x0F, 0x12, 0x13, 0x14})


def named(bits: bytes, names: dict[tuple[int, int], str]) -> tuple[str, ...]:
    """The names of all bits that are set in these bytes, in the order of the table."""
    return tuple([name for (byte, bit), name in names.items() if byte < len(bits) and bits[byte] >> bit & 1])
