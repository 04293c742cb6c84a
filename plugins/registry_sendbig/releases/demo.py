"""Patches and documents for `assetcare demo`: one that some units have and others lack, one that is not out yet."""

from collections.abc import Mapping
from datetime import timedelta

from registry.sdk import Actor, clock, files, get_asset
from registry_sendbig.models import Release
from registry_sendbig.releases import entitled, installed
from registry_sendbig.releases import service as releases
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads import settling
from registry_sendbig.uploads.service import Wanted

PRIYA, WONG = "priya.raman@northgate.example", "wong.kayan@harbourline.example"
UNIT = "harbourline", "acc-ty-01"
KNOWN = ("12.4(2)", "12.4(10)", "12.4(2)", "", "12.2(8)")  # of the units of its product, one after the other
PATCH = {
    "title": "Firmware for the access switches", "version_name": "12.4(10)", "from_version": "12.4(1)",
    "known_error": "KE-2026-014", "problem": "Links flap when more than 40 modules report their temperature at once.",
    "note": "Installs within four minutes and restarts the switch once.\nTo go back, choose the former image at boot.",
}  # fmt: skip
NEXT = {"title": "Firmware for the access switches", "version_name": "12.5(1)", "from_version": "12.4(1)"}


def tell(actor: Actor, people: Mapping[str, Actor], units: Mapping[tuple[str, str], int]) -> None:
    priya, asset = people[PRIYA], get_asset(actor, units[UNIT])
    same = [one for one in units.values() if get_asset(actor, one).product_id == asset.product_id]
    with clock.frozen(clock.now() - timedelta(days=30)):
        for unit, version in zip(sorted(same), KNOWN * len(same), strict=False):
            if version:
                installed.record(priya, installed.asset_unit(priya, unit), version, source="Inventory tool")
    with clock.frozen(clock.now() - timedelta(days=6)):
        made = releases.create_release(priya, {**PATCH, "product": asset.product_id})
        _put(priya, made, "access-12.4-10.bin", b"firmware of the demo " * 4000, "patch", "contract")
        _put(priya, made, "release-note-12.4-10.txt", PATCH["note"].encode(), "document", "all")
        releases.publish(priya, made.id, made.version)
    with clock.frozen(clock.now() - timedelta(days=2)):
        _installed(people[WONG], asset.customer_id, made, units[UNIT])
    releases.create_release(priya, {**NEXT, "product": asset.product_id})


def _put(who: Actor, release: Release, name: str, content: bytes, kind: str, audience: str) -> None:
    upload, _secret = uploads.begin(who, Wanted(name=name, size=len(content)), release=release)
    files.arriving(upload.key, upload.place).append([content])
    uploads.arrived_whole(upload.id)
    settling.settle(upload.id)
    file = releases.file_of(who, upload.file_id)
    releases.change_file(who, file.id, {"kind": kind, "audience": audience}, file.version)


def _installed(who: Actor, customer_id: int, release: Release, asset_id: int) -> None:
    offer = next((one for one in entitled.offers(who, customer_id) if one.release.id == release.id), None)
    if offer is not None:
        installed.confirm(who, offer, installed.asset_unit(who, asset_id))
