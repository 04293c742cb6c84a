"""What terminals, pagers, logs and mails leave in a copied text changes nothing of what is read from it."""

from collections.abc import Callable

import pytest

from registry.optics.decoder.reading import modules_of, modules_of_text
from tests.optics import images, printed, printed_more

DUMP = "\n".join(
    f"{at:04x}: {images.finish_sfp(*images.sfp())[at : at + 16].hex(' ')}" for at in range(0, 512, 16)
)  # fmt: skip
TEXTS = {
    "ios": printed.IOS_XE_LANES, "eos": printed.EOS, "nxos": printed.NXOS_LANES, "xr": printed.IOSXR,
    "phy": printed.IOSXR_PHY, "junos": printed.JUNOS_HARDWARE, "sonic": printed.SONIC, "json": printed.ETHTOOL_JSON,
    "xml": printed.JUNOS_XML, "slots": printed_more.EOS_INVENTORY, "dump": DUMP,
}  # fmt: skip


def before(mark: str) -> Callable[[str], str]:
    return lambda text: "\n".join(mark + line for line in text.split("\n"))


def between(mark: str, every: int) -> Callable[[str], str]:
    """`mark` in front of every so many lines; with a line end of its own it is a line."""
    return lambda text: "".join((mark if at % every == every - 1 else "") + line
                                for at, line in enumerate(text.splitlines(keepends=True)))  # fmt: skip


NOISE = {
    "margin": before("    "),
    "tab": before("\t"),
    "mail": before("> "),
    "times": before("[2024-01-01 10:00:00] "),
    "fence": lambda text: f"```text\n{text}\n```\n",
    "pre": lambda text: f"<pre>\n{text}\n</pre>\n",
    "two returns": lambda text: text.replace("\n", "\r\r\n"),
    "every other line blank": lambda text: text.replace("\n", "\n\n"),
    "log of a switch": between("*Mar  1 00:01:02.123: %SYS-5-CONFIG_I: Configured by ops on vty0\n", 7),
    "log of a router": between("RP/0/RP0/CPU0:Mar  1 00:01:02.1 : ifmgr[9]: %PKT_INFRA-LINK-3-UPDOWN : x\n", 5),
    "pager": between("--More--\n", 3),
    "pager wiped by backspaces": between(" --More-- \b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b", 4),
    "pager wiped by a return": between(" --More-- \r          \r", 5),
    "pager wiped by the terminal": between("\x1b[7m--More--\x1b[27m\r\x1b[K", 3),
    "pager of a firewall": between("<--- More --->\r              \r", 4),
    "pager with keys": between("-- MORE --, next page: Space, next line: Enter, quit: q\x1b[2K\r", 5),
}


@pytest.mark.parametrize("noise", NOISE)
def test_noise_changes_nothing(noise):
    for name, text in TEXTS.items():
        assert modules_of(NOISE[noise](text).encode()) == modules_of_text(text), name


def test_what_is_no_noise_stays():
    text = "> " + printed.JUNOS.replace("Physical interface: ", "Physical interface: ", 1)
    assert modules_of_text(printed.JUNOS) and modules_of_text(text)[1:] == modules_of_text(printed.JUNOS)[1:]
