"""Several commands of one switch in one text: identity and readings come together by the port."""

import json

import pytest

from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers import read_text
from registry.optics.decoder.readers.inventory import read
from registry.optics.decoder.readers.together import sections
from registry.optics.decoder.records import Lane, Module
from tests.optics import printed, printed_more

EOS_ROWS = """\
leaf-5#show interfaces transceiver
                              Bias      Optical   Optical
          Temp      Voltage   Current   Tx Power  Rx Power
Port      (Celsius) (Volts)   (mA)      (dBm)     (dBm)     Last Update
-----     --------- --------  --------  --------  --------  -------------------
Et1        30.10     3.30      7.02     -2.31     -3.20     0:00:03 ago
Et49/1     35.61     3.21      6.64     1.51      -0.10     0:00:03 ago
Et49/3     35.61     3.21      6.94     -0.20     -Inf      0:00:03 ago
"""
XR = """\
RP/0/RP0/CPU0:r1#show controllers optics 0/0/0/3
 Controller State: Up
 Laser State: On
 Optics Status
         Laser Bias Current = 7.9 mA
         Actual TX Power = -2.57 dBm
         RX Power = -2.00 dBm
         Temperature = 32.00 Celsius
         Voltage = 3.31 V
RP/0/RP0/CPU0:r1#show inventory
NAME: "module 0/0/CPU0", DESCR: "Line card"
PID: EX-MOD, VID: V05, SN: EXI0000CARD

NAME: "module mau 0/0/0/2", DESCR: "Unknown or Unsupported CPAK Module"
PID: EX-GE-T             , VID: N/A, SN: EXI0000MAU2

NAME: "TenGigE0/0/0/3", DESCR: "Example SFP+ 10G LR Pluggable Optics Module"
PID: EX-10G-LR         , VID: V02, SN: EXI0000XR03
"""


def told(module: Module) -> tuple[str, str, str]:
    return module.port.name, module.part_number, module.serial


def test_modules_of_an_inventory_are_those_named_like_ports():
    ten, gig = read_text(printed_more.CISCO_INVENTORY)
    assert told(ten) == ("TenGigabitEthernet1/1/3", "EX-10G-LR", "EXI0000TEN3")
    assert (ten.revision, ten.form_factor, ten.media, ten.dom) == ("V03", "SFP+", "optical", None)
    assert told(gig) == ("GigabitEthernet1/1/4", "", "EXI0000GIG4")
    assert (gig.revision, gig.form_factor) == ("", "")
    asr = 'NAME: "subslot 0/1 transceiver 5", DESCR: "EX"\nPID: EX-LR , VID: V01, SN: EXI5\n'
    assert [told(module) for module in read_text(asr)] == [("0/1/5", "EX-LR", "EXI5")]
    with pytest.raises(Unreadable):
        read_text('NAME: "Chassis", DESCR: "EX"\nPID: EX , VID: V01, SN: EXI1\n')


def test_slots_of_arista_without_a_serial_number_are_no_modules():
    first, last = read_text(printed_more.EOS_INVENTORY)
    assert told(first) == ("Ethernet1", "EX-10G-SR", "EXI000000001")
    assert (first.vendor, first.revision) == ("Example Optics", "0002")
    assert told(last) == ("Ethernet49", "QSFP-40G-SR4", "EXI000000049") and last.form_factor == "QSFP+"


@pytest.mark.parametrize("swap", [False, True])
def test_readings_get_the_identity_of_their_port(swap):
    texts = [printed.IOS, printed_more.CISCO_INVENTORY]
    found = read_text("".join(reversed(texts) if swap else texts))
    assert [told(module) for module in found] == [
        ("Te1/1/3", "EX-10G-LR", "EXI0000TEN3"), ("Gi1/1/4", "", "EXI0000GIG4"),
    ]  # fmt: skip
    for module, alone in zip(found, read_text(printed.IOS), strict=True):
        assert (module.lanes, module.limits, module.flags) == (alone.lanes, alone.limits, alone.flags)


def test_ports_of_one_slot_are_the_lanes_of_its_module():
    one, four = read_text(EOS_ROWS + printed_more.EOS_INVENTORY)
    assert told(one) == ("Et1", "EX-10G-SR", "EXI000000001") and one.lanes == (Lane(1, 7.02, -2.31, -3.2),)
    assert told(four) == ("Et49", "QSFP-40G-SR4", "EXI000000049")
    assert four.lanes == (Lane(1, 6.64, 1.51, -0.1), Lane(3, 6.94, -0.2, dark=frozenset({"rx_power_dbm"})))
    assert four.temperature_c == 35.61
    apart = EOS_ROWS.replace("Et49/3     35.61", "Et49/3     30.00")  # two temperatures are no one module
    assert [module.port.name for module in read_text(apart + printed_more.EOS_INVENTORY)] == [
        "Et1", "Et49/1", "Et49/3", "Ethernet49",
    ]  # fmt: skip


def test_routers_that_print_numbers_alone():
    measured, other = read_text(XR)
    assert told(measured) == ("0/0/0/3", "EX-10G-LR", "EXI0000XR03")
    assert (measured.temperature_c, measured.vendor, measured.port.oper_up) == (32.0, "", True)
    assert told(other) == ("0/0/0/2", "EX-GE-T", "EXI0000MAU2")


def test_serial_numbers_that_differ_are_two_modules():
    text = XR.replace("  Voltage = 3.31 V", "  Voltage = 3.31 V\n  Serial Number : EXI0000OLD3")
    assert [module.serial for module in read_text(text)] == ["EXI0000OLD3", "EXI0000MAU2", "EXI0000XR03"]


def test_commands_are_known_in_every_shell():
    inventory = printed_more.CISCO_INVENTORY.partition("\n")[2]
    for prompt in ("sw1(config)#do sh inventory", "ops@r1> show inventory", "ops@r1# run show inventory",
                   "#show inventory", "[root@h ~]# sudo show inventory", "RP/0/RSP0/CPU0:r1#sh inventory"):  # fmt: skip
        found = list(sections(f"before\n{prompt}\n{inventory}"))
        assert [part.partition("\n")[0] for _, part in found] == ["before", prompt], prompt


def test_two_devices_are_not_mixed():
    other = printed_more.CISCO_INVENTORY.replace("core-7#", "core-8#")
    found = read_text(printed.IOS + other)
    assert [bool(module.serial) for module in found] == [False, False, True, True]


def test_slots_as_json():
    slots = {"1": {"mfgName": "Example Optics", "modelName": "EX-10G-SR", "serialNum": "EXI1", "hardwareRev": "02"},
             "2": {"mfgName": "Not Present", "modelName": "", "serialNum": "", "hardwareRev": None}}  # fmt: skip
    port = {"rxPower": -2.5, "txPower": -2.1, "txBias": 6.0, "temperature": 30.0, "voltage": 3.3}
    answer = json.dumps({"result": [{"xcvrSlots": slots}, {"interfaces": {"Ethernet1": port}}]})
    (module,) = read_text(answer)
    assert (*told(module), module.vendor, module.revision) == ("Ethernet1", "EX-10G-SR", "EXI1", "Example Optics", "02")
    assert module.lanes == (Lane(1, 6.0, -2.1, -2.5),)
    assert read(json.dumps({"xcvrSlots": {"1": 5}, "x": "xcvrSlots"})) == []
