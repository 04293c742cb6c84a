"""Applications that a CMIS module advertises: names of host and media interfaces (SFF-8024 tables 4-5 to 4-10)."""

HOST = {
    1: "1000BASE-CX", 2: "XAUI", 3: "XFI", 4: "SFI", 5: "25GAUI C2M", 6: "XLAUI C2M", 7: "XLPPI", 8: "LAUI-2 C2M",
    9: "50GAUI-2 C2M", 10: "50GAUI-1 C2M", 11: "CAUI-4 C2M", 12: "100GAUI-4 C2M", 13: "100GAUI-2 C2M",
    14: "200GAUI-8 C2M", 15: "200GAUI-4 C2M", 16: "400GAUI-16 C2M", 17: "400GAUI-8 C2M", 19: "10GBASE-CX4",
    20: "25GBASE-CR CA-L", 21: "25GBASE-CR CA-S", 22: "25GBASE-CR CA-N", 23: "40GBASE-CR4", 24: "50GBASE-CR",
    25: "100GBASE-CR10", 26: "100GBASE-CR4", 27: "100GBASE-CR2", 28: "200GBASE-CR4", 29: "400G CR8", 30: "1000BASE-T",
    31: "2.5GBASE-T", 32: "5GBASE-T", 33: "10GBASE-T", 34: "25GBASE-T", 35: "40GBASE-T", 36: "50GBASE-T", 37: "8GFC",
    38: "10GFC", 39: "16GFC", 40: "32GFC", 41: "64GFC", 42: "128GFC", 43: "256GFC", 44: "IB SDR", 45: "IB DDR",
    46: "IB QDR", 47: "IB FDR", 48: "IB EDR", 49: "IB HDR", 50: "IB NDR", 51: "E.96", 52: "E.99", 53: "E.119",
    54: "E.238", 55: "OTL3.4", 56: "OTL4.10", 57: "OTL4.4", 58: "OTLC.4", 59: "FOIC1.4", 60: "FOIC1.2", 61: "FOIC2.8",
    62: "FOIC2.4", 63: "FOIC4.16", 64: "FOIC4.8", 65: "CAUI-4 C2M without FEC", 66: "CAUI-4 C2M with RS-FEC",
    67: "50GBASE-CR2 with RS-FEC", 68: "50GBASE-CR2 with FC-FEC", 69: "50GBASE-CR2 without FEC", 70: "100GBASE-CR1",
    71: "200GBASE-CR2", 72: "400GBASE-CR4", 73: "800G-ETC-CR8", 75: "100GAUI-1-S C2M", 76: "100GAUI-1-L C2M",
    77: "200GAUI-2-S C2M", 78: "200GAUI-2-L C2M", 79: "400GAUI-4-S C2M", 80: "400GAUI-4-L C2M", 81: "800GAUI-8-S C2M",
    82: "800GAUI-8-L C2M",
}  # fmt: skip

_MULTI_MODE = {
    1: "10GBASE-SW", 2: "10GBASE-SR", 3: "25GBASE-SR", 4: "40GBASE-SR4", 5: "40GE SWDM4", 6: "40GE BiDi",
    7: "50GBASE-SR", 8: "100GBASE-SR10", 9: "100GBASE-SR4", 10: "100GE SWDM4", 11: "100GE BiDi", 12: "100GBASE-SR2",
    13: "100GBASE-SR1", 14: "200GBASE-SR4", 15: "400GBASE-SR16", 16: "400GBASE-SR8", 17: "400GBASE-SR4",
    18: "800GBASE-SR8", 19: "8GFC-MM", 20: "10GFC-MM", 21: "16GFC-MM", 22: "32GFC-MM", 23: "64GFC-MM", 24: "128GFC-MM4",
    25: "256GFC-MM4", 26: "400GBASE-SR4.2", 27: "200GBASE-SR2", 28: "128GFC-MM", 29: "100GBASE-VR1", 30: "200GBASE-VR2",
    31: "400GBASE-VR4", 32: "800GBASE-VR8",
}  # fmt: skip
_SINGLE_MODE = {
    1: "10GBASE-LW", 2: "10GBASE-EW", 3: "10G-ZW", 4: "10GBASE-LR", 5: "10GBASE-ER", 6: "10G-ZR", 7: "25GBASE-LR",
    8: "25GBASE-ER", 9: "40GBASE-LR4", 10: "40GBASE-FR", 11: "50GBASE-FR", 12: "50GBASE-LR", 13: "100GBASE-LR4",
    14: "100GBASE-ER4", 15: "100G PSM4", 16: "100G CWDM4", 17: "100G 4WDM-10", 18: "100G 4WDM-20", 19: "100G 4WDM-40",
    20: "100GBASE-DR", 21: "100GBASE-FR1", 22: "100GBASE-LR1", 23: "200GBASE-DR4", 24: "200GBASE-FR4",
    25: "200GBASE-LR4", 26: "400GBASE-FR8", 27: "400GBASE-LR8", 28: "400GBASE-DR4", 29: "400GBASE-FR4",
    30: "400G-LR4-10", 31: "8GFC-SM", 32: "10GFC-SM", 33: "16GFC-SM", 34: "32GFC-SM", 35: "64GFC-SM",
    36: "128GFC-PSM4", 37: "256GFC-PSM4", 38: "128GFC-CWDM4", 39: "256GFC-CWDM4", 44: "4I1-9D1F", 45: "4L1-9C1F",
    46: "4L1-9D1F", 47: "C4S1-9D1F", 48: "C4S1-4D1F", 49: "4I1-4D1F", 50: "8R1-4D1F", 51: "8I1-4D1F", 56: "10G-SR",
    57: "10G-LR", 58: "25G-SR", 59: "25G-LR", 60: "10G-LR-BiDi", 61: "25G-LR-BiDi", 62: "400ZR, DWDM, amplified",
    63: "400ZR, single wavelength, unamplified", 67: "400GBASE-LR4-6", 70: "ZR400-OFEC-16QAM", 71: "ZR300-OFEC-8QAM",
    72: "ZR200-OFEC-QPSK", 73: "ZR100-OFEC-QPSK",
}  # fmt: skip
_PASSIVE = {1: "copper cable", 2: "passive loopback"}
_ACTIVE = {1: "active cable, BER < 1e-12", 2: "active cable, BER < 5e-5", 3: "active cable, BER < 2.6e-4",
           4: "active cable, BER < 1e-6", 0xBF: "active loopback"}  # fmt: skip
_BASE_T = {1: "1000BASE-T", 2: "2.5GBASE-T", 3: "5GBASE-T", 4: "10GBASE-T"}

MEDIA_TYPES = {1: "multi-mode fibre", 2: "single-mode fibre", 3: "passive copper", 4: "active cable", 5: "BASE-T"}
MEDIA = {1: _MULTI_MODE, 2: _SINGLE_MODE, 3: _PASSIVE, 4: _ACTIVE, 5: _BASE_T}  # by the media type, lower byte 85
END_OF_LIST = 0xFF


def applications(media_type: int | None, descriptors: bytes) -> list[dict[str, object]]:
    """The list of applications in descriptors of four bytes: host interface, media interface, host and media lanes
    (half a byte each), and the host lanes on which one may begin (a bit each)."""
    names, found = MEDIA.get(media_type or 0, {}), []
    for at in range(0, len(descriptors) - 3, 4):
        host, media, lanes, begins = descriptors[at : at + 4]
        if host == END_OF_LIST:
            break
        if host or media or lanes:
            found.append({
                "host": HOST.get(host, f"code {host:02x}h"), "media": names.get(media, f"code {media:02x}h"),
                "host_lanes": lanes >> 4, "media_lanes": lanes & 15, "begins": begins,
            })  # fmt: skip
    return found
