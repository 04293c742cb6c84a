"""Files: in a folder, in an S3 store or in one that a plugin brings, under keys of our own making.

A file is there whole or not at all. names.py says what stores promise, house.py what everybody uses.
"""

from collections.abc import Iterator, Sequence

from registry.kernel.files.choice import (
    CHOOSERS,
    OWN,
    configured,
    current_store,
    current_url,
    direct_addresses,
    goes_there_and_back,
    new_key,
    open_store,
    opened,
    plain_path,
    raw_store,
    store,
    tag_of,
    urls,
    use,
)
from registry.kernel.files.folder import FolderStore
from registry.kernel.files.keyring import FileKey
from registry.kernel.files.moves import FileMove
from registry.kernel.files.moving import Moved, move_store
from registry.kernel.files.names import (
    KEY,
    PIECE,
    PREFIX,
    Arriving,
    Kept,
    Store,
    Unfinished,
    WholeStore,
    copy_hashed,
    flush_folder,
    folder_of,
    is_encrypted,
    out_of_reach,
    owner_of,
    sound,
    sound_prefix,
)
from registry.kernel.files.s3 import PART, S3Store


def read(key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Up to `length` bytes of a file from `start` on, 1 MiB or less at a time. Raises NotFound at once."""
    return store().read(key, start, length)


def size_of(key: str) -> int:
    """Bytes. Raises NotFound."""
    return store().size_of(key)


def begin(key: str, size: int | None, *, direct: bool = False) -> str:
    """A file that comes in piece by piece. Answers its place, the store's own words for it: keep them in a row.

    `size` in bytes, None when nobody knows yet. `direct`: its parts may come straight from a browser, by addresses
    that presigned_part() makes; parts are then not checked one by one. Raises NoRoom when there is none for so much.
    """
    return store().begin(key, size, direct=direct)


def arriving(key: str, place: str) -> Arriving:
    """Go on with it. Raises NotFound when the store knows nothing of it: that is never the same as finished."""
    return store().arriving(key, place)


def join(key: str, places: Sequence[tuple[str, str]], size: int) -> str:
    """A new upload of `size` bytes that begins with all of `places`, (key, place) of whole ones, in their order.

    These are finished by it and stay files of their own, until they are deleted. Answers the place of the new one."""
    return store().join(key, places, size)


def abort(key: str, place: str) -> None:
    """Nothing of the upload is left, whatever was: what unfinished() told, too."""
    store().abort(key, place)


def unfinished() -> Unfinished:
    """(key, place, moment) of everything in progress, with the moment it was begun or, where the store knows, last
    added to. Whoever collects what nobody knows any more leaves out what is young: other processes put files, too."""
    return store().unfinished()


def listed(prefix: str = "") -> Iterator[tuple[str, int]]:
    """(key, bytes) of all that is kept, in order: `prefix` is folder_of() a customer."""
    return store().listed(prefix)


def presigned_get(key: str, *, name: str, media_type: str, seconds: int = 60) -> str | None:
    """An address at the store itself where the file can be fetched for so long; None where there is no such thing."""
    return store().presigned_get(key, name=name, media_type=media_type, seconds=seconds)


def presigned_part(key: str, place: str, number: int, *, seconds: int = 3600) -> str | None:
    """Where part `number` (1, 2 ...) of an upload that was begun as `direct` can be put; None elsewhere."""
    return store().presigned_part(key, place, number, seconds=seconds)


def part_size(key: str, place: str) -> int | None:
    """Bytes of each part but the last; None where there are no parts."""
    return store().part_size(key, place)


__all__ = [
    "Arriving", "CHOOSERS", "FileKey", "FileMove", "FolderStore", "KEY", "Kept", "Moved", "OWN", "PART", "PIECE",
    "PREFIX", "S3Store", "Store", "Unfinished", "WholeStore", "abort", "arriving", "begin",
    "configured", "copy_hashed", "current_store", "current_url", "direct_addresses", "flush_folder",
    "folder_of", "goes_there_and_back", "is_encrypted", "join", "listed", "move_store", "new_key", "open_store",
    "opened", "out_of_reach", "owner_of", "part_size", "plain_path", "presigned_get", "presigned_part", "raw_store",
    "read", "size_of", "sound", "sound_prefix", "store", "tag_of", "unfinished", "urls", "use",
]  # fmt: skip
