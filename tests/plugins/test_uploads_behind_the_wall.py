"""An upload on PostgreSQL: whoever has only its address gets past row-level security to this one, and no further."""

import pytest

from registry.kernel.access import Actor, visible
from registry.kernel.locks import held
from registry_sendbig.models import File, Upload
from registry_sendbig.transfers import service as transfers
from registry_sendbig.uploads import receiving, tidying
from tests.houses import House

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.mark.postgres
def test_an_upload_by_its_address(postgres_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house, people = postgres_house, postgres_house.people()
    customer_id = min(people.owner.actor.customers or ())
    draft = transfers.draft(
        people.owner.actor, customer_id, {"title": "x", "recipients": [{"email": "a@acme.example"}]}
    )
    at = f"/x/sendbig/flow/transfers/{draft.id}/files"
    assert people.stranger.post(at, headers={**TUS, "Upload-Length": "6"}).status_code == 404
    made = people.owner.post(at, headers={**TUS, "Upload-Length": "6"})
    assert made.status_code == 201, made.text
    address, client = made.headers["Location"], house.app.test_client()
    assert client.patch(address, headers={**BYTES, "Upload-Offset": "0"}, data=b"abc").status_code == 204
    [row] = visible(Upload, Actor.system())
    monkeypatch.setattr(receiving, "PAUSE", 0.02)
    with held(f"upload-{row.id}"):
        assert client.head(address, headers=TUS).status_code == 423
    assert client.head(address, headers=TUS).headers["Upload-Offset"] == "3"
    assert client.patch(address, headers={**BYTES, "Upload-Offset": "3"}, data=b"def").status_code == 204
    [file] = visible(File, Actor.system())
    assert (file.state, file.customer_id, file.size) == ("kept", customer_id, 6)
    parts = [people.owner.post(at, headers={**TUS, "Upload-Length": "3", "Upload-Concat": "partial"}) for _ in "ab"]
    for each in parts:
        client.patch(each.headers["Location"], headers={**BYTES, "Upload-Offset": "0"}, data=b"xyz")
    final = "final;" + " ".join(each.headers["Location"] for each in parts)
    assert people.owner.post(at, headers={**TUS, "Upload-Concat": final}).status_code == 201
    assert {one.state for one in visible(File, Actor.system())} == {"kept"}
    assert client.delete(made.headers["Location"], headers=TUS).status_code == 204
    assert tidying.collect().expired == 0
