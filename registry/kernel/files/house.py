"""The installation's files as everybody uses them: encrypted where their key says so, wherever they are just now."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar, cast

from registry.kernel.errors import NotFound
from registry.kernel.files import keyring, stretches
from registry.kernel.files.encrypted import Decrypting, EncryptedArriving, Encrypting, decrypted
from registry.kernel.files.folder import PLACE, declared
from registry.kernel.files.incoming import Finished
from registry.kernel.files.names import Arriving, Kept, Unfinished, WholeStore, is_encrypted, sound
from registry.kernel.files.s3_notes import Place

Found = TypeVar("Found")
AGAIN = 3  # a stream that breaks is taken up where it broke, so many times


class HouseStore:
    """`places` answers (tag, store) of where new files go and, while a store moves, of where the others are left.

    `raw`: bytes as they lie there, for backups and moves."""

    def __init__(self, places: Callable[[], list[tuple[str, WholeStore]]], *, raw: bool = False) -> None:
        self._places, self._raw = places, raw

    def _veiled(self, key: str) -> bool:
        return is_encrypted(key) and not self._raw

    def _current(self) -> WholeStore:
        return self._places()[0][1]

    def _everywhere(self) -> list[WholeStore]:
        """Whoever finds nothing looks where it was first once more: it may have been moved in that moment."""
        found = [store for _, store in self._places()]
        return [*found, found[0]] if len(found) > 1 else found

    def _first(self, work: Callable[[WholeStore], Found]) -> Found:
        stores = self._everywhere()
        for store in stores[:-1]:
            with suppress(NotFound):
                return work(store)
        return work(stores[-1])

    # --- What a Store promises ---

    def put(self, key: str, stream: IO[bytes]) -> Kept:
        if not self._veiled(sound(key)):
            return self._current().put(key, stream)
        veiled = Encrypting(stream, keyring.to_write(key))
        self._current().put(key, cast("IO[bytes]", veiled))
        return Kept(key, veiled.size, veiled.sha256)

    def open(self, key: str) -> IO[bytes]:
        cipherer = keyring.to_read(key) if self._veiled(sound(key)) else None
        found = self._first(lambda store: store.open(key))
        return cast("IO[bytes]", Decrypting(found, cipherer)) if cipherer else found

    def delete(self, key: str) -> None:
        """Where it was first: a move that copies it at this moment sees that it is gone."""
        for _, store in reversed(self._places()):
            store.delete(key)
        if self._veiled(key):
            stretches.forget(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        stores = [store for _, store in self._places()]
        if len(stores) == 1:
            return stores[0].keys(prefix)
        return iter(sorted({key for store in reversed(stores) for key in store.keys(prefix)}))

    def exists(self, key: str) -> bool:
        return any(store.exists(key) for store in self._everywhere())

    def local(self, key: str) -> Path | None:
        """None also for what is encrypted: nobody else than this program can read it."""
        if self._veiled(sound(key)):
            return None
        for store in self._everywhere():
            path = store.local(key)
            if path is None or path.exists() or len(self._places()) == 1:
                return path
        return None

    # --- What the core asks besides ---

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Up to `length` bytes from `start` on, 1 MiB or less at a time. Raises NotFound at once, not in the loop."""
        cipherer = keyring.to_read(key) if self._veiled(sound(key)) else None
        size = self.size_of(key)
        end = size if length is None else min(size, start + length)
        pieces = self._lasting(key, start, end)
        return decrypted(pieces, cipherer, start) if cipherer else pieces

    def _lasting(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """What breaks off - a connection, or a file that was moved meanwhile - is asked for again from there on."""
        broken = 0
        while start < end:
            before = start
            try:
                for piece in self._first(lambda store: _begun(store.read(key, start, end - start))):  # noqa: B023
                    yield piece
                    start += len(piece)
                if start == before:
                    raise NotFound("This file is shorter than it was.")
            except Exception:
                broken = broken + 1 if start == before else 0
                if broken == AGAIN:
                    raise

    def size_of(self, key: str) -> int:
        return self._first(lambda store: store.size_of(sound(key)))

    def listed(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """(key, bytes) of what is kept, in order of the keys."""
        stores = [store for _, store in self._places()]
        if len(stores) == 1:
            return stores[0].listed(prefix)
        return iter(sorted({pair for store in reversed(stores) for pair in store.listed(prefix)}))

    # --- What comes in piece by piece; a place is <tag of the store>:<the store's own words> ---

    def begin(self, key: str, size: int | None, *, direct: bool = False) -> str:
        if self._veiled(sound(key)):
            keyring.to_write(key)
        tag, store = self._places()[0]
        return f"{tag}:{store.begin(key, size, direct=direct and not self._veiled(key))}"

    def arriving(self, key: str, place: str) -> Arriving:
        store, inner = self._named(place)
        if not self._is_here(place) and store.exists(sound(key)):
            size = store.size_of(key)
            if declared_in(inner) in (None, size):
                return Finished(size)
        found = store.arriving(sound(key), inner)
        return EncryptedArriving(found, key) if self._veiled(key) else found

    def _is_here(self, place: str) -> bool:
        return place.partition(":")[0] in dict(self._places())

    def _named(self, place: str) -> tuple[WholeStore, str]:
        tag, _, inner = place.partition(":")
        places = self._places()
        return dict(places).get(tag, places[0][1]), inner

    def join(self, key: str, parts: Sequence[tuple[str, str]], size: int) -> str:
        """A new upload that begins with all of `parts`, (key, place) of whole ones, which become files by it."""
        whole = []
        for part, where in parts:
            one = self.arriving(part, where)
            one.finish()
            whole.append((part, self.size_of(part)))
        tag, store = self._places()[0]
        plain = not any(self._veiled(each) for each in (key, *(part for part, _ in whole)))
        if plain and len(self._places()) == 1:
            return f"{tag}:{store.join(key, whole, size)}"
        place = self.begin(key, size)
        joined = self.arriving(key, place)
        for part, length in whole:
            joined.append(self.read(part, 0, length))
        return place

    def abort(self, key: str, place: str) -> None:
        store, inner = self._named(place)
        store.abort(sound(key), inner)

    def unfinished(self) -> Unfinished:
        for tag, store in self._places():
            for key, inner, begun in store.unfinished():
                yield key, f"{tag}:{inner}", begun

    # --- Past this program: for what is not encrypted ---

    def presigned_get(self, key: str, *, name: str, media_type: str, seconds: int = 60) -> str | None:
        if self._veiled(sound(key)):
            return None
        for store in self._everywhere():
            address = store.presigned_get(key, name=name, media_type=media_type, seconds=seconds)
            if address is not None and (len(self._places()) == 1 or store.exists(key)):
                return address
        return None

    def presigned_part(self, key: str, place: str, number: int, *, seconds: int = 3600) -> str | None:
        if self._veiled(sound(key)):
            return None
        store, inner = self._named(place)
        return store.presigned_part(key, inner, number, seconds=seconds)

    def part_size(self, key: str, place: str) -> int | None:
        if self._veiled(sound(key)):
            return None
        store, inner = self._named(place)
        return store.part_size(key, inner)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Its first piece is fetched: a generator would tell later that there is nothing."""
    first = next(pieces, b"")

    def go_on() -> Iterator[bytes]:
        yield first
        yield from pieces

    return go_on() if first else iter(())


def declared_in(place: str) -> int | None:
    """The size that an upload was begun with, whichever store says so in its own words."""
    folder = PLACE.match(place)
    return declared(place) if folder else Place.read(place).size
