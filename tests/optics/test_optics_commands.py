"""The command tells what a file is about, in the exact shape that programs read, and touches nothing."""

import ast
import json
import re

import pytest
from click.testing import CliRunner

from registry import commands
from registry.cli import cli
from registry.optics.decoder.fields_table import document
from tests.optics import images
from tests.source import ROOT, modules

IMAGE = images.finish_sfp(*images.sfp())
FIELDS = [
    "port", "form_factor", "standard", "vendor", "oui", "part_number", "revision", "serial", "date_code",
    "wavelength_nm", "connector", "checksums", "readings", "thresholds", "states", "findings", "verdict", "reasons",
]  # fmt: skip


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Runs `assetcare optics`: output, errors, exit code. There is no data folder, and none may appear."""
    monkeypatch.setenv("ASSETCARE_DATA", str(tmp_path / "none"))
    commands.install(cli)

    def run(*arguments, given=None):
        done = CliRunner().invoke(cli, ["optics", *map(str, arguments)], input=given)
        assert not (tmp_path / "none").exists()
        return done

    return run


def test_the_shape_of_the_answer(told, tmp_path):
    (tmp_path / "a.bin").write_bytes(IMAGE)
    done = told("decode", tmp_path / "a.bin", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    [module] = json.loads(done.stdout)
    assert list(module) == FIELDS
    assert module["checksums"][0] == {"name": "CC_BASE", "stored": IMAGE[63], "computed": IMAGE[63], "ok": True}
    assert module["readings"] == {
        "temperature_c": 36.5,
        "voltage_v": 3.3,
        "lanes": [{"lane": 1, "tx_bias_ma": 7.2, "tx_power_dbm": -2.5, "rx_power_dbm": -3.25}],
    } | {"lanes": [pytest.approx(module["readings"]["lanes"][0])]}
    assert list(module["readings"]["lanes"][0]) == ["lane", "tx_bias_ma", "tx_power_dbm", "rx_power_dbm"]
    assert module["thresholds"]["temperature_c"] == {
        "high_alarm": 75, "high_warning": 70, "low_warning": 0, "low_alarm": -5,
    }  # fmt: skip
    assert list(module["thresholds"]) == ["temperature_c", "voltage_v", "tx_bias_ma", "tx_power_dbm", "rx_power_dbm"]
    assert set(module["states"]) == {"temperature_c", "voltage_v", "1.tx_bias_ma", "1.tx_power_dbm", "1.rx_power_dbm"}
    assert (module["verdict"], module["findings"]) == ("within_spec", [])
    assert module["reasons"] and all(isinstance(reason, str) for reason in module["reasons"])


def test_darkness_is_null(told):
    a0, a2 = images.sfp()
    images.put(a2, 104, b"\x00\x00")
    [module] = json.loads(told("decode", "-", "--json", given=images.finish_sfp(a0, a2)).stdout)
    assert module["readings"]["lanes"][0]["rx_power_dbm"] is None
    assert module["states"]["1.rx_power_dbm"] == "dark"


def test_an_altered_memory_is_told(told):
    image = bytearray(IMAGE)
    image[70] = ord("X")
    [module] = json.loads(told("decode", "-", "--json", given=bytes(image)).stdout)
    assert module["findings"] == ["memory_altered"]
    assert [one["name"] for one in module["checksums"] if not one["ok"]] == ["CC_EXT"]


def test_for_people(told):
    done = told("decode", "-", given=b"EEPROM hexdump for port Ethernet4\n" + IMAGE.hex(" ").encode())
    first, *lines = done.stdout.splitlines()
    assert (done.exit_code, first) == (0, f"Ethernet4: {images.VENDOR} {images.PART} {images.SERIAL}")
    assert "  SFP+, SFF-8472, 10GBASE-SR, LC, 850 nm, 2024-02-29 A1" in lines
    assert "  checksums: CC_BASE ok, CC_EXT ok, CC_DMI ok" in lines
    [power] = [line for line in lines if "RX power" in line]
    assert power.split() == ["RX", "power", "-3.250", "dBm", "ok", "[-20", "to", "0]"]
    assert "  verdict: within_spec" in lines


@pytest.mark.parametrize(
    ("given", "said"), [(b"hello", "no text known here"), (b"", "empty"), (bytes(512), "nothing but 00h")]
)
def test_what_is_not_understood_is_refused(told, given: bytes, said: str):
    done = told("decode", "-", "--json", given=given)
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr


def test_a_file_that_is_not_there_is_wrong_usage(told, tmp_path):
    assert told("decode", tmp_path / "missing").exit_code == 2


def test_the_table_of_fields_is_current(told):
    assert told("fields").stdout == document() == (ROOT / "docs" / "optics-fields.md").read_text(), "run make docs"


PURE = {"decoder": ("registry.optics.decoder",), "verdicts": ("registry.optics.decoder", "registry.optics.verdicts")}


@pytest.mark.parametrize("package", PURE)
def test_decoder_and_verdicts_know_nothing_of_the_business(package: str):
    room = f"registry.optics.{package}"
    mine = {name: tree for name, tree in modules().items() if name == room or name.startswith(room + ".")}
    assert len(mine) > 5
    targets = {
        (name, target)
        for name, tree in mine.items()
        for target in re.findall(r"^\s*(?:from|import) (registry[\w.]*)", ast.unparse(tree), re.MULTILINE)
    }
    wrong = {pair for pair in targets if not pair[1].startswith((*PURE[package], "registry.kernel.language"))}
    assert wrong == set()
