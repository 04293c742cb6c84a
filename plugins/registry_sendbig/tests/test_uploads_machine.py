"""Whatever clients do, in whatever order: nothing that was acknowledged is lost, nothing else gets in."""

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from registry.sdk import files
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import BYTES, TUS, Tus, blob_of, files_of
from registry_sendbig.uploads import receiving
from registry_sendbig.uploads import service as uploads

PIECE = st.binary(max_size=40)


@dataclass
class Known:
    """What a client knows of its upload: where it is, what it wants to send, and what was acknowledged."""

    at: str
    wanted: bytes
    partial: bool = False
    stands: int = 0
    joined: bool = False
    length_said: bool = True

    @property
    def whole(self) -> bool:
        return self.length_said and self.stands == len(self.wanted)


class Uploads(RuleBasedStateMachine):
    tus: Tus  # set by the test

    known = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Known] = []
        self.finals: list[bytes] = []

    @rule(target=known, wanted=PIECE, partial=st.booleans(), later=st.booleans())
    def begin(self, wanted: bytes, partial: bool, later: bool) -> Known:
        headers: dict[str, Any] = {"Upload_Concat": "partial"} if partial else {}
        headers |= {"Upload_Defer_Length": "1"} if later else {}
        answer = self.tus.create(None if later else len(wanted), **headers)
        assert answer.status_code == 201, answer.text
        made = Known(answer.headers["Location"], wanted, partial, length_said=not later)
        self.all.append(made)
        return made

    @rule(one=known, count=st.integers(0, 50))
    def send_some(self, one: Known, count: int) -> None:
        self._send(one, one.wanted[one.stands : one.stands + count])

    @rule(one=known)
    def send_the_rest(self, one: Known) -> None:
        self._send(one, one.wanted[one.stands :], Upload_Length=str(len(one.wanted)))
        one.length_said = True

    @rule(one=known, count=st.integers(1, 50))
    def send_with_checksum(self, one: Known, count: int) -> None:
        data = one.wanted[one.stands : one.stands + count]
        self._send(one, data, Upload_Checksum="sha256 " + base64.b64encode(hashlib.sha256(data).digest()).decode())

    def _send(self, one: Known, data: bytes, **headers: str) -> None:
        answer = self.tus.patch(one.at, one.stands, data, **headers)
        if one.joined:
            assert answer.status_code in (204, 404, 409), answer.text
            return
        if one.whole and one.stands == len(one.wanted) and not one.partial:
            assert answer.status_code in (204, 409), answer.text  # settled, or told again
            return
        assert answer.status_code == 204, answer.text
        one.stands += len(data)
        assert int(answer.headers["Upload-Offset"]) == one.stands

    @rule(one=known, offset=st.integers(0, 60), data=PIECE)
    def send_at_another_offset(self, one: Known, offset: int, data: bytes) -> None:
        if offset != one.stands:
            assert self.tus.patch(one.at, offset, data).status_code in (404, 409)

    @rule(one=known, data=st.binary(min_size=1, max_size=9))
    def send_a_wrong_checksum(self, one: Known, data: bytes) -> None:
        wrong = "sha256 " + base64.b64encode(hashlib.sha256(data + b"!").digest()).decode()
        answer = self.tus.patch(one.at, one.stands, data, Upload_Checksum=wrong)
        assert answer.status_code in (404, 409, 413, 460), answer.text

    @rule(one=known, count=st.integers(1, 50))
    def the_line_breaks(self, one: Known, count: int) -> None:
        data = one.wanted[one.stands : one.stands + count]
        if one.whole or one.joined or not data or (one.length_said and len(data) + one.stands >= len(one.wanted)):
            return
        sent = {**TUS, "Upload-Offset": str(one.stands), "Content-Type": BYTES, "Content-Length": str(len(data) + 1)}
        with suppress(Exception):
            self.tus.installation.app.test_client().open(
                one.at, method="PATCH", headers=sent, input_stream=BytesIO(data)
            )
        one.stands = self._asked(one)
        assert one.stands >= 0

    @rule(one=known)
    def killed_before_it_was_written_down(self, one: Known) -> None:
        """Bytes are in the store, and no row tells of them."""
        row = next((row for row in sending.uploads() if row.token_hash == _hash(one.at)), None)
        if row is None or row.whole_at or row.settled_at:
            return
        data = one.wanted[one.stands : one.stands + 3]
        receiving.arriving(row).append([data])
        one.stands += len(data)

    @rule(one=known)
    def ask(self, one: Known) -> None:
        if not one.joined:
            assert self._asked(one) == one.stands

    def _asked(self, one: Known) -> int:
        answer = self.tus.head(one.at)
        assert answer.status_code == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    @rule(one=consumes(known))
    def end(self, one: Known) -> None:
        self.all.remove(one)
        if one.joined:
            return
        assert self.tus.ask("DELETE", one.at).status_code == 204
        assert self.tus.head(one.at).status_code == 404

    @rule(parts=st.lists(known, min_size=1, max_size=3, unique_by=id))
    def join(self, parts: list[Known]) -> None:
        final = "final;" + " ".join(part.at for part in parts)
        fit = all(part.partial and part.whole and not part.joined for part in parts)
        for part in parts:
            if part.whole and not part.joined:
                self.tus.head(part.at)  # whoever was told last knows that it is whole
        answer = self.tus.create(Upload_Concat=final)
        assert answer.status_code == 201 if fit else answer.status_code in (404, 409), answer.text
        if fit:
            for part in parts:
                part.joined = True
            self.finals.append(b"".join(part.wanted for part in parts))

    @invariant()
    def what_is_kept_is_what_was_sent(self) -> None:
        kept = sorted(b"".join(files.read(str(blob_of(file).key))) for file in self.kept_files())
        whole = [one.wanted for one in self.all if one.whole and not one.partial and self._noticed(one)]
        assert kept == sorted([*whole, *self.finals])

    def kept_files(self) -> list[Any]:
        return [file for file in files_of(self.tus.transfer) if file.state == "kept"]

    def _noticed(self, one: Known) -> bool:
        """Whether anybody has asked since the last byte came."""
        row = next(row for row in sending.uploads() if row.token_hash == _hash(one.at))
        return row.whole_at is not None


def _hash(at: str) -> str:
    return uploads.hash_token(at.rpartition("/")[2])


@pytest.mark.slow
def test_whatever_clients_do(post: Post) -> None:
    class Here(Uploads):
        def __init__(self) -> None:
            super().__init__()
            self.tus = Tus(post.installation, post.people.manager)

    run_state_machine_as_test(Here, settings=settings(max_examples=10, stateful_step_count=20, deadline=None))
