"""Which store it is: the one that ASSETCARE_STORAGE names, or where its files have moved."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from registry.kernel.files import moves
from registry.kernel.files.folder import FolderStore
from registry.kernel.files.house import HouseStore
from registry.kernel.files.names import Store, WholeStore, new_key_of
from registry.kernel.files.s3 import S3Store
from registry.kernel.files.spooled import Spooled

OWN = ("file", "s3")  # schemes
# Asked first: choose(url) -> a store, or None. Those of plugins.
CHOOSERS: list[Callable[[str], Store | None]] = []


def open_store(url: str) -> Store:
    """The store at file:///PATH or s3://BUCKET?endpoint=URL&region=NAME, or one that somebody else brings. Raises
    ValueError naming the variable."""
    for choose in CHOOSERS:
        if (found := choose(url)) is not None:
            return found
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return FolderStore(Path(unquote(parts.path)))
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme == "s3" and parts.netloc and not given.keys() - {"endpoint", "region"}:
        return S3Store(parts.netloc, endpoint=given.get("endpoint"), region=given.get("region"), spool=_spool_folder())
    raise ValueError("ASSETCARE_STORAGE must be file:///PATH or s3://BUCKET?endpoint=URL&region=NAME")


def whole(store: Store, tag: str) -> WholeStore:
    """With all that the core can ask of one."""
    if isinstance(store, FolderStore | S3Store):
        return store
    return Spooled(store, _spool_folder() / tag)


def tag_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:8]


_chosen: list[str] = []
_opened: list[tuple[str, WholeStore]] = []
_encrypting: list[bool] = []
_spool: list[Path] = []


def use(url: str, *, encrypt: bool = False, spool: Path | None = None) -> None:
    """Called once by open_house: from now on `store()` is the one at `url`, opened when it is first asked for; at once
    where it is not our own, so that a wrong one is told at start. Raises ValueError.

    `encrypt`: new files. `spool`: a folder of this host for what cannot go to the store yet.
    """
    _chosen[:] = [url]
    _encrypting[:] = [encrypt]
    _spool[:] = [spool] if spool else _spool
    _opened.clear()
    moves.forget()
    if urlsplit(url).scheme not in OWN:
        opened(url)


def _spool_folder() -> Path:
    return _spool[0] if _spool else Path(tempfile.gettempdir()) / f"assetcare-spool-{os.getuid()}"


def configured() -> str:
    if not _chosen:
        raise RuntimeError("there is no file store yet: open_house calls files.use()")
    return _chosen[0]


def opened(url: str) -> WholeStore:
    """The store at `url`, opened once in this process."""
    for known, store in _opened:
        if known == url:
            return store
    made = whole(open_store(url), tag_of(url))
    _opened.append((url, made))
    return made


def _places() -> list[tuple[str, WholeStore]]:
    return [(tag_of(url), opened(url)) for url in urls()]


def store() -> HouseStore:
    configured()
    return HouseStore(_places)


def raw_store() -> HouseStore:
    """Bytes as they lie there: what is encrypted stays so."""
    configured()
    return HouseStore(_places, raw=True)


def urls() -> tuple[str, ...]:
    """Where the files are: in one place, or while the store moves in two."""
    found = moves.standing(configured())
    return tuple(url for url in (found.current, found.older) if url)


def current_url() -> str:
    """Where new files go: what is configured, unless the store has moved."""
    return moves.standing(configured()).current


def current_store() -> Store:
    """The very store behind: of a plugin, if it keeps the files."""
    found = opened(current_url())
    return found.store if isinstance(found, Spooled) else found


def direct_addresses() -> tuple[str, ...]:
    """Of the store, as a browser sees it that sends parts straight there; while it moves of both. None where nothing
    can come so: a folder, a store of a plugin, and all that is encrypted."""
    if _encrypting == [True]:
        return ()
    found = (opened(url).direct_address() for url in urls())
    return tuple(address for address in found if address)


def new_key(customer_id: int | None) -> str:
    """A key that nobody can guess: for one customer, or (None) for the house."""
    return new_key_of(customer_id, encrypted=_encrypting == [True])


def plain_path(key: str) -> Path | None:
    """Where a file lies on this machine as it is; None when it lies elsewhere, or encrypted."""
    path = store().local(key)
    return path if path is not None and path.is_file() else None


def goes_there_and_back(size: int) -> bool:
    """Whether a file of so many bytes comes back from the store as it was. Raises what the store does."""
    return there_and_back(store(), size)


def there_and_back(where: Store, size: int) -> bool:
    key, text = new_key(None), os.urandom(size)
    where.put(key, BytesIO(text))
    try:
        with where.open(key) as stream:
            return stream.read() == text
    finally:
        where.delete(key)
