"""Files that come in piece by piece: whatever happens in between, a bytes object says what has to be there."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from registry.kernel import files
from registry.kernel.errors import Conflict, TooLarge
from registry.kernel.files import choice, s3_notes
from registry.kernel.files.spooled import Spooled
from tests import seaweed
from tests.houses import House

KIND = ["folder", "encrypted", "spooled", "s3", "encrypted s3"]
SMALL_PART = 5 * 1024 * 1024  # the least that S3 takes


@pytest.fixture(params=[pytest.param(kind, marks=[pytest.mark.slow] if "s3" in kind else []) for kind in KIND])
def kind(
    request: pytest.FixtureRequest, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The house's files are kept in such a store."""
    if "s3" in request.param:
        server: seaweed.Server = request.getfixturevalue("s3_server")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(s3_notes, "LEAST_PART", SMALL_PART)
        monkeypatch.setattr(s3_notes, "UNDECLARED_PART", SMALL_PART)
        url = server.url
    else:
        url = (tmp_path / "store").as_uri()
    if request.param == "spooled":
        monkeypatch.setattr(choice, "whole", lambda store, tag: Spooled(store, tmp_path / "spool"))
    before = (files.configured(), list(choice._encrypting))
    files.use(url, encrypt="encrypted" in request.param, spool=tmp_path / "spool")
    yield request.param
    for key, place, _begun in list(files.unfinished()):
        files.abort(key, place)
    for key in list(files.store().keys()):
        files.store().delete(key)
    files.use(before[0], encrypt=before[1] == [True])


class Broken(Exception):
    pass


class Coming(RuleBasedStateMachine):
    """One upload, its declared size known or not, and what a careful reader has written down of it."""

    unit = 1000

    def __init__(self) -> None:
        super().__init__()
        self.random = random.Random(1)
        self.model = b""
        self.begun_at = 0
        self.key = files.new_key(7)

    @initialize(size=st.one_of(st.none(), st.integers(0, 14)))
    def begin(self, size: int | None) -> None:
        self.size = None if size is None else size * self.unit + size % 3
        self.place = files.begin(self.key, self.size)
        self.upload = files.arriving(self.key, self.place)

    def room(self) -> int:
        return 10**9 if self.size is None else self.size - len(self.model)

    def some(self, count: int) -> bytes:
        return self.random.randbytes(min(count, self.room()))

    @rule(counts=st.lists(st.integers(0, 4), max_size=3), odd=st.integers(0, 5), breaks=st.booleans())
    def append(self, counts: list[int], odd: int, breaks: bool) -> None:
        sent, self.begun_at = [], len(self.model)

        def pieces() -> Iterator[memoryview]:
            for count in counts:
                data = self.some(count * self.unit + odd)
                self.model += data
                sent.append(data)
                yield memoryview(bytearray(data))
            if breaks:
                raise Broken

        if breaks:
            with pytest.raises(Broken):
                self.upload.append(pieces())
        else:
            assert self.upload.append(pieces()) == len(self.model)

    @precondition(lambda self: self.size is not None)
    @rule()
    def too_much(self) -> None:
        self.begun_at, fits = (
            len(self.model),
            self.random.randbytes(self.room()) if self.room() < 3 * self.unit else None,
        )
        if fits is not None:
            self.model += fits
            with pytest.raises(TooLarge):
                self.upload.append([fits + b"!"])

    @rule()
    def cut_to_where_it_began(self) -> None:
        self.upload.cut(self.begun_at)
        self.model = self.model[: self.begun_at]

    @rule()
    def crash(self) -> None:
        """Another process goes on."""
        self.begun_at = len(self.model)
        self.upload = files.arriving(self.key, self.place)

    @rule()
    def finish_too_early(self) -> None:
        if self.room() and self.size is not None:
            with pytest.raises(Conflict):
                self.upload.finish()
            assert not files.store().exists(self.key)

    @invariant()
    def stands_where_it_should(self) -> None:
        if hasattr(self, "upload"):
            assert self.upload.offset == len(self.model)
            if self.upload.readable:
                start = self.random.randrange(len(self.model) + 1)
                assert b"".join(self.upload.pieces(start)) == self.model[start:]

    def teardown(self) -> None:
        if not hasattr(self, "upload"):
            return
        if self.size is not None:
            data = self.some(self.room())
            self.model += data
            files.arriving(self.key, self.place).append([data] if data else [])
        for _again in range(2):
            files.arriving(self.key, self.place).finish()
            assert files.arriving(self.key, self.place).offset == len(self.model) == files.size_of(self.key)
        with pytest.raises(Conflict):
            self.upload.append([b"more"])
        assert b"".join(files.read(self.key)) == self.model
        with files.store().open(self.key) as stream:
            assert stream.read() == self.model
        first, last = sorted(self.random.randrange(len(self.model) + 1) for _ in range(2))
        assert b"".join(files.read(self.key, first, last - first)) == self.model[first:last]
        if files.is_encrypted(self.key):
            with files.raw_store().open(self.key) as stream:
                assert len(self.model) < 20 or stream.read() != self.model
        assert not [one for one in files.unfinished() if one[0] == self.key]
        files.store().delete(self.key)


class Megabytes(Coming):
    unit = 1024 * 1024 - 77


def test_whatever_happens_in_between(kind: str) -> None:
    remote = "s3" in kind
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Megabytes if remote else Coming,
        settings=settings(
            max_examples=6 if remote else 40, stateful_step_count=8 if remote else 15, deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if remote else [Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip


def test_several_become_one(kind: str) -> None:
    texts = [random.Random(number).randbytes(size) for number, size in enumerate((6_000_000, 0, 17, 5_300_000))]
    parts = []
    for text in texts:
        key = files.new_key(7)
        place = files.begin(key, len(text))
        files.arriving(key, place).append([text])
        parts.append((key, place))
    size = sum(map(len, texts))
    whole = files.new_key(7)
    place = files.join(whole, parts, size)
    assert not files.store().exists(whole) and files.arriving(whole, place).offset == size
    files.arriving(whole, place).finish()
    assert b"".join(files.read(whole)) == b"".join(texts)
    assert [files.size_of(key) for key, _place in parts] == [len(text) for text in texts]
    unfinished = files.begin(half := files.new_key(7), 5)
    with pytest.raises(Conflict):
        files.join(files.new_key(7), [*parts, (half, unfinished)], size + 5)
