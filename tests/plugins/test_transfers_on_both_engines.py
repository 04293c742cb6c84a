"""Transfers behind the wall of PostgreSQL: whoever has a link reaches what it leads to, and nothing else."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from registry.handover import disclosure
from registry.kernel import db, wall
from registry.kernel.access import visible
from registry.kernel.mail import Mail
from registry.sdk import keep_file
from registry_sendbig.models import Blob, Download, File, Recipient, Transfer
from registry_sendbig.requests import service as asking
from registry_sendbig.transfers import ending, recipients
from registry_sendbig.transfers import service as transfers
from tests.houses import House, Person

V1 = "/api/v1/x/sendbig"
TEXT = b"0123456789"


@contextmanager
def as_in_service() -> Iterator[None]:
    """A web process sees nothing but what a request carries."""
    before = wall.stand(wall.NOTHING)
    try:
        yield
    finally:
        wall.stand(before)


def sent(house: House, who: Person, **values: Any) -> Transfer:
    given = {"customer": "acme", "title": "Image", "recipients": [{"email": "ann@third.example"}], **values}
    made = who.post(f"{V1}/transfers", given).get_json()
    owner = {"customer_id": made["customer_id"]}
    key, sha256, size = keep_file(made["customer_id"], io.BytesIO(TEXT))
    with wall.everywhere():
        blob = Blob.create(**owner, key=key, sha256=sha256, size=size)
        File.create(**owner, transfer=made["id"], name="a.bin", size=size, state="kept", blob=blob)
    answer = who.request("POST", f"{V1}/transfers/{made['id']}/sending", headers={"If-Match": "*"})
    assert answer.get_json()["state"] == "open", answer.text
    with wall.everywhere():
        return transfers.get(house.system, made["id"])


def path_of(house: House, made: Transfer, end: str = "") -> str:
    row = visible(Recipient, house.system).where(Recipient.transfer == made.id).first()
    file = visible(File, house.system).where(File.transfer == made.id).first()
    return f"/x/sendbig/flow/t/{recipients.address_of(row).rpartition('/')[2]}/{end or file.id}"


def get(house: House, path: str, **headers: str) -> Any:
    return house.app.test_client().get(path, headers=headers, buffered=True)


def test_a_link_leads_to_its_files_and_to_nobody_elses(any_house: House) -> None:
    house, people = any_house, any_house.people()
    with as_in_service():
        made = sent(house, people.owner, password="correct horse battery")
        other = sent(house, people.stranger, customer="globex", title="Theirs")
    path, theirs = path_of(house, made), path_of(house, other)
    client = house.app.test_client()
    with as_in_service():
        assert client.get(path).status_code == 404
        link = path.replace("/flow/", "/").rpartition("/")[0]
        assert client.post(f"{link}/password", data={"password": "correct horse battery"}).status_code == 303
        assert client.get(path, buffered=True).data == TEXT
        assert client.get(path.rpartition("/")[0] + "/all.zip", buffered=True).status_code == 200
        mixed = f"{path.rpartition('/')[0]}/{theirs.rpartition('/')[2]}"
        assert client.get(mixed).status_code == 404
    whole = list(visible(Download, house.system).where(Download.transfer == made.id))
    assert [one.whole_at is not None for one in whole] == [True, True]
    assert [row.name for row in Mail.select().order_by(Mail.id) if row.customer_id == made.customer_id] == [
        "sendbig.link", "sendbig.receipt",
    ]  # fmt: skip


def test_of_many_who_want_the_last_one_one_gets_it(any_house: House) -> None:
    house, people = any_house, any_house.people()
    made = sent(house, people.owner, most_downloads=1)
    path = path_of(house, made)

    def fetch(_number: int) -> int:
        try:
            return int(get(house, path).status_code)
        finally:
            db.release()

    with ThreadPoolExecutor(6) as pool:
        found = sorted(pool.map(fetch, range(12)))
    assert found[0] == 200
    assert set(found[1:]) <= {409, 410}, found
    assert transfers.get(house.system, made.id).end_reason == "used_up"


@pytest.mark.rule("S0-25")
def test_approvals_are_found_for_whoever_comes_with_a_link(any_house: House) -> None:
    house, people = any_house, any_house.people()
    given = {"customer": "acme", "recipient": "Repair Works", "purpose": "Repair", "scope": ["transfers"]}
    approval = disclosure.approve(people.owner.actor, given)
    with as_in_service():
        made = sent(house, people.engineer, party="Repair Works")
    path = path_of(house, made)
    with as_in_service():
        assert get(house, path).data == TEXT
    disclosure.revoke(people.owner.actor, approval.id, "Enough")
    with as_in_service():
        assert get(house, path).status_code == 403


def test_a_visit_and_the_jobs(any_house: House) -> None:
    house, people = any_house, any_house.people()
    with as_in_service():
        asked = people.owner.post(f"{V1}/file-requests", {"customer": "acme", "title": "Logs"}).get_json()
    row = asking.get(house.system, asked["id"])
    secret = asking.link_of(people.owner.actor, row.id).rpartition("/")[2]
    client = house.app.test_client()
    with as_in_service():
        assert "sent" not in client.post(f"/x/sendbig/r/{secret}/visit", data={"name": "Joe"}).location
        assert "no_files" in client.post(f"/x/sendbig/r/{secret}/finished").location
    made = visible(Transfer, house.system).where(Transfer.request == row.id).first()
    File.create(customer_id=row.customer_id, transfer=made, name="log", size=0, state="refused")
    assert ending.tend() == 0
    told = people.owner.get(f"{V1}/file-requests/{row.id}").get_json()
    assert (told["state"], told["transfers"]) == ("open", [made.id])
