"""Applications that a CMIS module advertises: names of host and media interfaces (SFF-8024 tables 4-5 to 4-10)."""

HOST = {
    1: "1000BASE-CX", 2: "XAUI", 3: "XFI", 4: "SFI", 5: "25GAUI C2M", 6: "XLAUI C2M", 7: "XLPPI", 8: "LAUI-2 C2M",
    9: "50GAUI-2 C2M", 10: "50GAUI-1 C2M", 11: "CAUI-4 C2M", 12: "100GAUI-4 C2M", 13: "100GAUI-2 C2M",
    14: "200GAUI-8 C2M", 15: "200GAUI-4 C2M", 16: "400GAUI-16 C2M", 17: "400GAUI-8 C2M", 19: "10GBASE-CX4",
    20: "25GBASE-CR CA-L", 21: "25GBASE-CR CA-S", 22: "25GBASE-CR CA-N", 23: "40GBASE-CR4", 24: "50GBASE-CR",
    25: "100GBASE-CR10", 26: "100GBASE-CR4", 27: "100GBASE-CR2", 28: "200GBASE-CR4", 29: "400G CR8", 30: "200GBASE-CR1",
    31: "400GBASE-CR2", 32: "LEI-100G-PAM4-1", 33: "LEI-200G-PAM4-2", 34: "LEI-400G-PAM4-4", 35: "LEI-800G-PAM4-8",
    37: "8GFC", 38: "10GFC", 39: "16GFC", 40: "32GFC", 41: "64GFC", 42: "128GFC", 43: "256GFC", 44: "IB SDR",
    45: "IB DDR", 46: "IB QDR", 47: "IB FDR", 48: "IB EDR", 49: "IB HDR", 50: "IB NDR", 51: "E.96", 52: "E.99",
    53: "E.119", 54: "E.238", 55: "OTL3.4", 56: "OTL4.10", 57: "OTL4.4", 58: "OTLC.4", 59: "FOIC1.4", 60: "FOIC1.2",
    61: "FOIC2.8", 62: "FOIC2.4", 63: "FOIC4.16", 64: "FOIC4.8", 65: "CAUI-4 C2M without FEC",
    66: "CAUI-4 C2M with RS-FEC", 67: "50GBASE-CR2 with RS-FEC", 68: "50GBASE-CR2 with FC-FEC",
    69: "50GBASE-CR2 without FEC", 70: "100GBASE-CR1", 71: "200GBASE-CR2", 72: "400GBASE-CR4", 73: "800GBASE-CR8",
    74: "128GFC", 75: "100GAUI-1-S C2M", 76: "100GAUI-1-L C2M", 77: "200GAUI-2-S C2M", 78: "200GAUI-2-L C2M",
    79: "400GAUI-4-S C2M", 80: "400GAUI-4-L C2M", 81: "800GAUI-8-S C2M", 82: "800GAUI-8-L C2M", 83: "OTL4.2",
    84: "FOIC2.4-DO", 85: "1.6TAUI-16-S C2M", 86: "1.6TAUI-16-L C2M", 87: "800GBASE-CR4", 88: "1.6TBASE-CR8",
    112: "PCIe 4.0", 113: "PCIe 5.0", 114: "PCIe 6.0", 115: "PCIe 7.0", 116: "CEI-112G-LINEAR-PAM4",
    128: "200GAUI-1 C2M", 129: "400GAUI-2 C2M", 130: "800GAUI-4 C2M", 131: "1.6TAUI-8 C2M", 144: "EEI-100G-RTLR-1-S",
    145: "EEI-100G-RTLR-1-L", 146: "EEI-200G-RTLR-2-S", 147: "EEI-200G-RTLR-2-L", 148: "EEI-400G-RTLR-4-S",
    149: "EEI-400G-RTLR-4-L", 150: "EEI-800G-RTLR-8-S", 151: "EEI-800G-RTLR-8-L", 160: "IB XDR", 176: "FOIC1.1",
    177: "FOIC4.4", 178: "FOIC8.8", 183: "G.9804.3",
}  # fmt: skip

_MULTI_MODE = {
    1: "10GBASE-SW", 2: "10GBASE-SR", 3: "25GBASE-SR", 4: "40GBASE-SR4", 5: "40GE SWDM4", 6: "40GE BiDi",
    7: "50GBASE-SR", 8: "100GBASE-SR10", 9: "100GBASE-SR4", 10: "100GE SWDM4", 11: "100GE BiDi", 12: "100GBASE-SR2",
    13: "100GBASE-SR1", 14: "200GBASE-SR4", 15: "400GBASE-SR16", 16: "400GBASE-SR8", 17: "400GBASE-SR4",
    18: "800GBASE-SR8", 19: "8GFC-MM", 20: "10GFC-MM", 21: "16GFC-MM", 22: "32GFC-MM", 23: "64GFC-MM", 24: "128GFC-MM4",
    25: "256GFC-MM4", 26: "400GBASE-SR4.2", 27: "200GBASE-SR2", 28: "128GFC-MM", 29: "100GBASE-VR1", 30: "200GBASE-VR2",
    31: "400GBASE-VR4", 32: "800GBASE-VR8", 33: "800G-VR4.2", 34: "800G-SR4.2", 35: "1.6T-VR8.2", 36: "1.6T-SR8.2",
}  # fmt: skip
_SINGLE_MODE = {
    1: "10GBASE-LW", 2: "10GBASE-EW", 3: "10G-ZW", 4: "10GBASE-LR", 5: "10GBASE-ER", 6: "10G-ZR", 7: "25GBASE-LR",
    8: "25GBASE-ER", 9: "40GBASE-LR4", 10: "40GBASE-FR", 11: "50GBASE-FR", 12: "50GBASE-LR", 13: "100GBASE-LR4",
    14: "100GBASE-ER4", 15: "100G PSM4", 16: "100G CWDM4", 17: "100G 4WDM-10", 18: "100G 4WDM-20", 19: "100G 4WDM-40",
    20: "100GBASE-DR", 21: "100GBASE-FR1", 22: "100GBASE-LR1", 23: "200GBASE-DR4", 24: "200GBASE-FR4",
    25: "200GBASE-LR4", 26: "400GBASE-FR8", 27: "400GBASE-LR8", 28: "400GBASE-DR4", 29: "400GBASE-FR4",
    30: "400G-LR4-10", 31: "8GFC-SM", 32: "10GFC-SM", 33: "16GFC-SM", 34: "32GFC-SM", 35: "64GFC-SM",
    36: "128GFC-PSM4", 37: "256GFC-PSM4", 38: "128GFC-CWDM4", 39: "256GFC-CWDM4", 44: "4I1-9D1F", 45: "4L1-9C1F",
    46: "4L1-9D1F", 47: "C4S1-9D1F", 48: "C4S1-4D1F", 49: "4I1-4D1F", 50: "8R1-4D1F", 51: "8I1-4D1F",
    52: "100G CWDM4-OCP", 53: "ZR400-OFEC-16QAM-HA", 54: "ZR400-OFEC-16QAM-HB", 55: "ZR400-OFEC-8QAM-HA", 56: "10G-SR",
    57: "10G-LR", 58: "25G-SR", 59: "25G-LR", 60: "10G-LR-BiDi", 61: "25G-LR-BiDi", 62: "400ZR, DWDM, amplified",
    63: "400ZR, single wavelength, unamplified", 64: "50GBASE-ER", 65: "200GBASE-ER4", 66: "400GBASE-ER8",
    67: "400GBASE-LR4-6", 68: "100GBASE-ZR", 69: "128GFC-SM", 70: "ZR400-OFEC-16QAM", 71: "ZR300-OFEC-8QAM",
    72: "ZR200-OFEC-QPSK", 73: "ZR100-OFEC-QPSK", 74: "100G-LR1-20", 75: "100G-ER1-30", 76: "100G-ER1-40",
    77: "400GBASE-ZR", 78: "10GBASE-BR", 79: "25GBASE-BR", 80: "50GBASE-BR", 81: "FOIC1.4-DO", 82: "FOIC2.8-DO",
    83: "FOIC4.8-DO", 84: "FOIC2.4-DO", 85: "400GBASE-DR4-2", 86: "800GBASE-DR8", 87: "800GBASE-DR8-2",
    88: "ZR400-OFEC-8QAM-HB", 89: "ZR300-OFEC-8QAM-HA", 90: "ZR300-OFEC-8QAM-HB", 91: "ZR200-OFEC-QPSK-HA",
    92: "ZR200-OFEC-QPSK-HB", 93: "ZR100-OFEC-QPSK-HA", 94: "ZR100-OFEC-QPSK-HB", 95: "FLEXO-4-DO-16QAM",
    96: "FLEXO-3-DO-8QAM", 97: "FLEXO-2-DO-QPSK", 98: "FLEXO-2-DO-16QAM", 99: "FLEXO-1-DO-QPSK",
    100: "FLEXO-4e-DO-QPSK", 101: "FLEXO-4-DO-QPSK", 102: "FLEXO-8e-DO-16QAM", 103: "FLEXO-8-DO-16QAM",
    104: "FLEXO-8e-DPO-16QAM", 105: "FLEXO-8-DPO-16QAM", 106: "FLEXO-6e-DPO-16QAM", 107: "FLEXO-6-DPO-16QAM",
    108: "800ZR-A", 109: "800ZR-B", 110: "800ZR-C", 111: "400G-ER4-30", 112: "1I1-5D1F", 113: "1R1-5D1F",
    114: "FOIC1.1-RS", 115: "200GBASE-DR1", 116: "200GBASE-DR1-2", 117: "400GBASE-DR2", 118: "400GBASE-DR2-2",
    119: "800GBASE-DR4", 120: "800GBASE-DR4-2", 121: "800GBASE-FR4-500", 122: "800GBASE-FR4", 123: "800GBASE-LR4",
    124: "800GBASE-LR1", 125: "800GBASE-ER1-20", 126: "800GBASE-ER1", 127: "1.6TBASE-DR8", 128: "1.6TBASE-DR8-2",
    129: "XR400-16QAM", 130: "XR300-8QAM", 131: "XR200-QPSK", 132: "XR200-16QAM", 133: "XR100-QPSK",
    134: "XR100-16QAM", 135: "XR400-WS-16QAM", 136: "XR200-WS-QPSK", 137: "XR200-WS-16QAM", 138: "XR100-WS-QPSK",
    139: "XR100-WS-16QAM", 140: "XR200-WS-BIDI-16QAM", 141: "XR100-WS-BIDI-QPSK", 142: "XR100-WS-BIDI-16QAM",
    143: "100G-DR1-LPO", 144: "200G-DR2-LPO", 145: "400G-DR4-LPO", 146: "800G-DR8-LPO",
}  # fmt: skip
_PASSIVE = {1: "copper cable", 0xBF: "passive loopback", 0xC0: "linear active copper loopback"}
_ACTIVE = {1: "active cable, BER < 1e-12", 2: "active cable, BER < 5e-5", 3: "active cable, BER < 2.6e-4",
           4: "active cable, BER < 1e-6", 0xBF: "active loopback"}  # fmt: skip
_BASE_T = {1: "1000BASE-T", 2: "2.5GBASE-T", 3: "5GBASE-T", 4: "10GBASE-T", 5: "25GBASE-T", 6: "40GBASE-T",
           7: "50GBASE-T"}  # fmt: skip

MEDIA_TYPES = {
    1: "multi-mode fibre",
    2: "single-mode fibre",
    3: "passive or linear copper",
    4: "active cable",
    5: "BASE-T",
}
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
                "host": HOST.get(host, f"code {host:02x}h"),
                "media": names.get(media, f"code {media:02x}h") if media else "",
                "host_lanes": lanes >> 4, "media_lanes": lanes & 15, "begins": begins,
            })  # fmt: skip
    return found
