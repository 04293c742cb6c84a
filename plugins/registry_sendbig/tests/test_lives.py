"""Transfers live through whatever order of events there is as a small model says they should."""

import sqlite3
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from registry.kernel import clock, db
from registry.sdk import ANY_VERSION, Conflict
from registry_sendbig.models import File
from registry_sendbig.tests.post import Post
from registry_sendbig.transfers import ending, recipients
from registry_sendbig.transfers import service as transfers

TEXT = b"0123456789"
PARTS = {"all": (None, set(range(10))), "first": ("bytes=0-4", set(range(5))), "rest": ("bytes=5-", set(range(5, 10)))}
GRACE = timedelta(hours=1)


class Lives(RuleBasedStateMachine):
    post: ClassVar[Post]
    empty: ClassVar[sqlite3.Connection]

    def __init__(self) -> None:
        super().__init__()
        self.empty.backup(db.database.connection())
        self.now = clock.now()
        self.most: int | None = None
        self.state, self.reason = "draft", ""
        self.expires = self.now + timedelta(days=3)
        self.files: dict[int, str] = {}
        self.links: dict[int, str] = {}  # recipient -> secret, of those whose link leads somewhere
        self.pending: dict[tuple[int, int], tuple[set[int], Any]] = {}
        self.got: dict[tuple[int, int], int] = {}
        self.letters: set[str] = set()
        self.numbers = count()
        self._at(timedelta())
        made = self.post.draft(expires_at=self.expires, recipients=[{"email": "first@third.example"}])
        self.id = made.id
        self._know()

    @property
    def who(self) -> Any:
        return self.post.people.member.actor

    def _at(self, more: timedelta) -> None:
        self.now += more
        clock._frozen.set(self.now)

    def _know(self) -> None:
        for one in self.post.to(self._row()):
            if one.revoked_at is None and one.id not in self.links:
                self.links[one.id] = self.post.secret(one)

    def _row(self) -> Any:
        return transfers.get(self.post.system, self.id)

    def _end(self, reason: str) -> None:
        self.state, self.reason = "ended", reason

    def _open_if_ready(self) -> None:
        if self.state == "checking" and self.files and set(self.files.values()) == {"kept"}:
            self.state = "open"
            self.letters |= {one.email for one in self.post.to(self._row()) if one.id in self.links}

    def _expect(self, fine: bool, do: Any) -> bool:
        if fine:
            do()
        else:
            with pytest.raises(Conflict):
                do()
        return fine

    @rule(kept=st.booleans())
    @precondition(lambda self: self.state == "draft" and len(self.files) < 3)
    def file_comes(self, kept: bool) -> None:
        more = {} if kept else {"state": "checking"}
        self.files[self.post.file(self._row(), TEXT, f"{next(self.numbers)}.bin", **more).id] = (
            "kept" if kept else "checking"
        )

    @rule(sound=st.booleans())
    @precondition(lambda self: "checking" in self.files.values())
    def file_is_verified(self, sound: bool) -> None:
        file = next(one for one, state in self.files.items() if state == "checking")
        self.files[file] = "kept" if sound else "refused"
        File.update(state=self.files[file]).where(File.id == file).execute()
        transfers.file_settled(self.post.system, self.post.fresh(File(id=file)))
        self._open_if_ready()

    @rule()
    @precondition(lambda self: "refused" in self.files.values() and self.state != "ended")
    def refused_file_is_taken_out(self) -> None:
        file = next(one for one, state in self.files.items() if state == "refused")
        transfers.remove_file(self.who, file)
        del self.files[file]
        self._open_if_ready()

    @rule()
    def send(self) -> None:
        ready = self.state == "draft" and self.files and "refused" not in self.files.values() and self.links
        if self.state == "draft" and self.now >= self.expires:
            return
        if self._expect(bool(ready), lambda: transfers.send(self.who, self.id)):
            self.state = "checking"
            self._open_if_ready()

    @rule(most=st.sampled_from([None, 1, 2]))
    @precondition(lambda self: self.state in ("checking", "open") and self.now < self.expires)
    def extend(self, most: int | None) -> None:
        self.expires, self.most = self.now + timedelta(days=3), most
        values = {"expires_at": self.expires, "most_downloads": most}
        transfers.extend(self.who, self.id, values, ANY_VERSION)

    @rule()
    def revoke(self) -> None:
        if self._expect(self.state in ("checking", "open"), lambda: transfers.revoke(self.who, self.id)):
            self._end("revoked")

    @rule()
    @precondition(lambda self: len(self.links) < 3)
    def somebody_more(self) -> None:
        email = f"{next(self.numbers)}@third.example"
        if self._expect(self.state != "ended", lambda: recipients.add(self.who, self.id, {"email": email})):
            self._know()
            self.letters |= {email} if self.state == "open" else set()

    @rule(data=st.data())
    @precondition(lambda self: self.links)
    def link_is_taken_back(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(sorted(self.links)))
        recipients.revoke(self.who, gone)
        assert self.post.get(f"/x/sendbig/flow/t/{self.links.pop(gone)}/1").status_code == 404

    @rule(hours=st.sampled_from([0.5, 5, 40, 80, 200]))
    def time_goes_by(self, hours: float) -> None:
        self._at(timedelta(hours=hours))

    @rule()
    def job_runs(self) -> None:
        untouched = self._row().changed_at <= self.now - timedelta(days=7)
        ending.tend()
        if self.state in ("checking", "open") and self.now >= self.expires:
            self._end("expired")
        elif self.state == "draft" and untouched:
            self._end("abandoned")

    @rule(data=st.data(), part=st.sampled_from(sorted(PARTS)))
    @precondition(lambda self: self.links and self.files)
    def fetch(self, data: st.DataObject, part: str) -> None:
        link, file = data.draw(st.sampled_from(sorted(self.links))), data.draw(st.sampled_from(sorted(self.files)))
        asked, wanted = PARTS[part]
        answer = self.post.get(f"/x/sendbig/flow/t/{self.links[link]}/{file}", **({"Range": asked} if asked else {}))
        expected = self._outcome(link, file, resumed=part == "rest")
        assert answer.status_code == (206 if asked and expected == 200 else expected)
        if expected == 200:
            assert answer.data == bytes(TEXT[one] for one in sorted(wanted))
            self._delivered(link, file, wanted)

    def _outcome(self, link: int, file: int, *, resumed: bool) -> int:
        if self.files[file] != "kept":
            return 404
        going_on = (link, file) in self.pending and resumed
        lapsed = self.reason == "expired" or (self.state in ("open", "checking", "draft") and self.now >= self.expires)
        if lapsed:
            begun = self.pending.get((link, file), (set(), self.now))[1]
            return 200 if going_on and begun < self.expires and self.now < self.expires + GRACE else 410
        if self.state != "open":
            return 410 if self.state == "ended" else 404
        if (link, file) in self.pending:
            return 200
        return 410 if self.most is not None and self.got.get((link, file), 0) >= self.most else 200

    def _delivered(self, link: int, file: int, wanted: set[int]) -> None:
        there, begun = self.pending.pop((link, file), (set(), self.now))
        if len(there | wanted) < len(TEXT):
            self.pending[link, file] = (there | wanted, begun)
            return
        self.got[link, file] = self.got.get((link, file), 0) + 1
        pairs = [(one, other) for one in self.links for other in self.files]
        if self.state == "open" and self.most and all(self.got.get(pair, 0) >= self.most for pair in pairs):
            self._end("used_up")

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        row = self._row()
        assert (row.state, row.end_reason) == (self.state, self.reason)

    @invariant()
    def whoever_was_to_be_written_to_was_once(self) -> None:
        to = [one.to for one in self.post.letters("link")]
        assert sorted(to) == sorted(self.letters)

    @invariant()
    def nobody_got_more_than_he_may(self) -> None:
        whole = [(one.recipient_id, one.file_id) for one in self.post.downloads(self._row()) if one.whole_at]
        assert {pair: whole.count(pair) for pair in whole} == self.got

    def teardown(self) -> None:
        clock._frozen.set(None)


def test_lives(post: Post) -> None:
    Lives.post, Lives.empty = post, sqlite3.connect(":memory:", check_same_thread=False)
    db.database.connection().backup(Lives.empty)
    lean = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Lives, settings=lean)
