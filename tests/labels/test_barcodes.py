"""Barcodes of makers: what is in them beside what one reads; however one is read, it leads to its unit."""

from typing import Any

import pytest
import zxingcpp
from PIL import Image

from registry.labels.barcodes import as_read, serial_in
from tests.houses import House

V1 = "/api/v1"
PARTS = "(01)09506000134352(10)AB-1(21)SN-7"
ISO = "[)>\x1e06\x1d1PC9300-48T\x1dSFOC2233X0AB\x1e\x04"  # as on the boxes of network equipment


def scanned(text: str, kind: Any, **options: bool) -> tuple[str, str]:
    """(text, kind) of a code that was drawn and read again, as the reader in the browser tells it."""
    bits = memoryview(zxingcpp.create_barcode(text, kind, **options).to_image(scale=4))
    code = Image.frombytes("L", (bits.shape[1], bits.shape[0]), bits.tobytes())
    picture = Image.new("L", (code.width + 80, code.height + 80), 255)
    picture.paste(code, (40, 40))
    [found] = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return found.text, found.symbology_identifier


@pytest.mark.parametrize("kind", [zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128])
def test_a_code_of_gs1_reads_alike_in_every_way(kind: Any) -> None:
    text, symbology = scanned(PARTS, kind, gs1=True)
    assert "\x1d" in text and serial_in(text) == serial_in(symbology + text) == "SN-7"
    ways = (text, symbology + text, text.replace("\x1d", ""), PARTS, f" {text}\x1d")
    assert {as_read(way) for way in ways} == {"010950600013435210AB-121SN-7"}


def test_serials_are_found_where_a_code_says_that_they_are() -> None:
    text, _kind = scanned(ISO, zxingcpp.BarcodeFormat.DataMatrix)
    assert text == ISO and serial_in(text) == "FOC2233X0AB" and as_read(text) == "[)>061PC9300-48TSFOC2233X0AB"
    assert serial_in("010950600013435221SN-1") == "SN-1", "of a hand scanner, which leaves separators out"
    assert serial_in("https://id.example.com/01/09506000134352/21/SN%2F1?17=270101") == "SN/1"
    for text in ("2101234", "SN-21-1", "0109506000134352", "S123", "21\x1d", "[)>\x1e06\x1d1PX", ""):
        assert serial_in(text) is None, text


def test_what_is_no_code_of_gs1_stays_as_it_is() -> None:
    for text in ("4006381333931", "]X1A", "A(21)B", "MAC 00:1B:44 (x)", "(1)2"):
        assert as_read(text) == text


def test_a_barcode_with_separators_is_linked_and_found(any_house: House) -> None:
    people, unit = any_house.people(), any_house.asset(serial="OTHER")
    owner, text = people.owner, "010950600013435210AB-1\x1d21SN-7"

    def resolved(person: Any, text: str) -> list[int]:
        answer = person.get(f"{V1}/labels/resolve", query_string={"q": text})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json["assets"]]

    assert resolved(owner, text) == []
    made = owner.post(f"{V1}/asset-barcodes", {"asset": unit.id, "text": text})
    assert made.status_code == 201 and made.json["text"] == as_read(text)
    again = owner.post(
        f"{V1}/asset-barcodes", {"asset": unit.id, "text": f"]d2{text}"}, headers={"Idempotency-Key": "k"}
    )
    assert again.json["id"] == made.json["id"]
    for way in (text, f"]d2{text}", as_read(text), "(01)09506000134352(10)AB-1(21)SN-7"):
        assert resolved(owner, way) == [unit.id], way
    assert resolved(people.stranger, text) == []
    assert owner.get("/scan", query_string={"q": text}).headers["Location"] == f"/c/acme/assets/{unit.id}"
    assert owner.get(f"{V1}/asset-barcodes", query_string={"text": f"]d2{as_read(text)}"}).json["items"]
    page = f"/c/acme/assets/{unit.id}/barcodes"
    assert owner.request("POST", page, data={"text": text}).status_code == 409, "typed on the page it is the same one"
    for wrong in ("a\x00b", "a\x1bb", "\x1d\x1e"):
        assert owner.post(f"{V1}/asset-barcodes", {"asset": unit.id, "text": wrong}).status_code == 422
        assert owner.get(f"{V1}/labels/resolve", query_string={"q": wrong}).status_code == 422
        assert "Location" not in owner.get("/scan", query_string={"q": wrong}).headers


def test_a_serial_within_a_code_of_several_parts_leads_to_the_unit(house: House) -> None:
    owner, unit = house.people().owner, house.asset(serial="FOC2233X0AB")
    for text in (ISO, "0109506000134352\x1d21X", "]d2010950600013435221FOC2233X0AB"):
        answer = owner.get("/scan", query_string={"q": text})
        assert (answer.status_code == 303) == ("FOC" in text), text
    assert owner.get("/scan", query_string={"q": ISO}).headers["Location"].endswith(f"/{unit.id}")
    for serial in ("(2024)001", "]C1-7"):  # as a code of GS1 is written, and none
        place = f"/c/acme/assets/{house.asset(serial=serial).id}"
        assert owner.get("/scan", query_string={"q": serial}).headers["Location"] == place
