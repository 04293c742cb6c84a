"""What `decode --json` writes says the same when it is read in again."""

import json
from dataclasses import replace
from typing import Any

import pytest

from registry.optics import given
from registry.optics.decoder.decoding import decode
from registry.optics.decoder.records import Module
from registry.optics.showing import as_data
from registry.optics.verdicts.judging import judge
from tests.optics.images import cmis, finish_cmis, finish_sfp, put, sfp
from tests.optics.samples import EEPROM, needed, pages_of


def again(module: Module) -> tuple[Module, dict[str, Any]]:
    told = as_data(module)
    [item] = given.from_bytes(json.dumps([told]).encode())
    return item.module, told


def the_same(module: Module) -> None:
    taken, told = again(module)
    assert (taken.date_code, taken.serial, taken.vendor) == (module.date_code, module.serial, module.vendor)
    assert [lane.in_use is False for lane in taken.lanes] == [lane.in_use is False for lane in module.lanes]
    if not module.flags:  # which are not told
        assert (as_data(taken)["states"], judge(taken)[0]) == (told["states"], told["verdict"])


@pytest.mark.parametrize("absent", [0x00, 0xF0, 0x0E, 0x55, 0xFF])
def test_lanes_that_are_not_in_use(absent: int):
    pages = cmis()
    pages["00"][210 - 128] = absent
    the_same(replace(decode(finish_cmis(pages)), flags={}))


def test_an_sfp_in_the_dark():
    a0, a2 = sfp()
    put(a2, 104, bytes(2))
    the_same(replace(decode(finish_sfp(a0, a2)), flags={}))


@pytest.mark.parametrize(
    "path", EEPROM or [pytest.param(None, marks=needed)], ids=lambda path: getattr(path, "stem", "")
)
def test_real_memories(path):
    the_same(decode(pages_of(path)))
