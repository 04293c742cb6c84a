"""Who is offered what: by contract, by the version that a unit runs, for all, or by an approval. Worked out each time
that somebody asks, so that a contract that ended yesterday offers nothing today.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from peewee import JOIN, Select, fn

from registry.sdk import Actor, Forbidden, NotFound, clock, of_the_house, units_and_cover, visible
from registry_sendbig.models import Blob, File, Grant, Installed, Release, Taken
from registry_sendbig.releases import versions

MOST = 2_000  # releases of one customer's products that are looked at


class Kin(NamedTuple):
    """Units of one product that run the same version (None: nobody knows which) and are covered or not."""

    product_id: int
    version: str | None
    key: str | None
    covered: bool
    units: int


@dataclass(frozen=True, slots=True)
class Needs:
    """How many covered units of a customer a release is about. `unknown` are among the `affected`."""

    covered: int = 0
    affected: int = 0
    unknown: int = 0


class Known:
    """What units run: columns of Installed beside a table of units, for those that are assets and those that are
    licences."""

    def __init__(self) -> None:
        self.assets, self.licences = Installed.alias("of_asset"), Installed.alias("of_licence")

    def __getattr__(self, name: str) -> Any:
        return fn.COALESCE(getattr(self.assets, name), getattr(self.licences, name))


def with_versions(units: Any) -> tuple[Any, Known]:
    """The SELECT of units_and_cover() as a table, and what its units run, to be joined(). Rows of either meet by the
    unit alone, and the units are those whom the reader sees."""
    return units.alias("unit"), Known()


def joined(unit: Any, known: Known, *columns: Any) -> Any:
    """SELECT columns from the units with what they run."""
    query = Select((unit,), columns)
    for one, name in ((known.assets, "asset_id"), (known.licences, "licence_id")):
        same = (one.customer_id == unit.c.customer_id) & (getattr(one, name) == getattr(unit.c, name))
        query = query.join(one, JOIN.LEFT_OUTER, on=same)
    return query.bind(Installed._meta.database)


def fleet(actor: Actor, customer_id: int, products: Iterable[int]) -> list[Kin]:
    """The customer's units of these products, counted by product, version and cover. Two statements."""
    actor.must("sendbig.view", customer_id)
    there = Actor.system(customer_id)  # what one is offered does not depend on whether one may read contracts
    unit, known = with_versions(units_and_cover(there, products=products, customer_id=customer_id))
    group = (unit.c.product_id, known.version_name, known.version_rank, unit.c.covered)
    rows = joined(unit, known, *group, fn.COUNT(unit.c.unit)).group_by(*group).tuples()
    return [Kin(product, name, key, bool(covered), units) for product, name, key, covered, units in rows]


def needs(release: Release, kin: Iterable[Kin]) -> Needs:
    mine = [one for one in kin if one.product_id == release.product_id and one.covered]
    hit = [one for one in mine if versions.affected(one.key, release.from_rank, release.below_rank)]
    unknown = sum(one.units for one in hit if one.key is None)
    return Needs(sum(one.units for one in mine), sum(one.units for one in hit), unknown)


@dataclass(frozen=True, slots=True)
class Offer:
    """A release as one person of a customer meets it. `files` are those that he may take now; `hidden` are further ones
    of it, which he may not."""

    release: Release
    needs: Needs
    files: tuple[File, ...] = ()
    hidden: int = 0
    granted: bool = False
    taken: bool = False

    @property
    def concerns(self) -> bool:
        return self.release.state == "published" and bool(self.needs.affected and self.files)


@dataclass
class Offered:
    """Everything that a person is offered at a customer, newest first, read by a constant number of statements."""

    actor: Actor
    customer_id: int
    which: tuple[Any, ...] = ()
    offers: list[Offer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.actor.must("sendbig.view", self.customer_id)
        state = Release.state.in_(("published", "withdrawn"))
        releases = of_the_house(Release, state, *self.which, newest=MOST)
        kin = fleet(self.actor, self.customer_id, {one.product_id for one in releases}) if releases else []
        files = _files(releases)
        granted, taken = self._granted(), self._taken()
        for release in releases:
            offer = _offer(release, needs(release, kin), files[release.id], release.id in granted, release.id in taken)
            if offer.files or (offer.taken and release.state == "withdrawn"):
                self.offers.append(offer)

    def _granted(self) -> set[int]:
        """Releases whose documents somebody approved for this very user."""
        if self.actor.user_id is None:
            return set()
        now = clock.now()
        rows = visible(Grant, Actor.system(self.customer_id), Grant.release).where(
            Grant.user_id == self.actor.user_id, Grant.customer_id == self.customer_id, Grant.revoked_at.is_null(),
            Grant.until.is_null() | (Grant.until > now),
        )  # fmt: skip
        return {row[0] for row in rows.tuples()}

    def _taken(self) -> set[int]:
        there = Actor.system(self.customer_id)
        rows = visible(Taken, there, Taken.release).where(Taken.customer_id == self.customer_id, ~Taken.by_operator)
        return {row[0] for row in rows.distinct().tuples()}


def _files(releases: list[Release]) -> dict[int, list[File]]:
    found: dict[int, list[File]] = defaultdict(list)
    if releases:
        for file in of_the_house(File, File.release.in_([one.id for one in releases]), File.state == "kept"):
            found[file.release_id].append(file)
    return found


def _offer(release: Release, need: Needs, files: list[File], granted: bool, taken: bool) -> Offer:
    if release.state != "published":
        return Offer(release, Needs(), (), len(files), False, taken)
    ready = [file for file in files if release.version_name or file.kind == "document"]  # a patch has a version
    mine = tuple(file for file in ready if may_take(file, need, granted=granted))
    by_grant = granted and not need.covered
    return Offer(release, need, mine, len(files) - len(mine), by_grant, taken)


def may_take(file: File, need: Needs, *, granted: bool) -> bool:
    """One file of a published release: for all, by a contract for the product, or, a document, by an approval."""
    return file.audience == "all" or need.covered > 0 or (granted and file.kind == "document")


def is_for_all(release: Release) -> bool:
    """Whether something of it is for those, too, whom no contract covers."""
    files = _files([release])[release.id]
    return any(one.audience == "all" and (release.version_name or one.kind == "document") for one in files)


def offers(actor: Actor, customer_id: int) -> list[Offer]:
    return Offered(actor, customer_id).offers


def page(actor: Actor, customer_id: int, limit: int, before: int | None = None) -> tuple[list[Offer], int | None]:
    """So many of them, from below the release `before`; and what the next page goes on below."""
    which = () if before is None else (Release.id < before,)
    found = Offered(actor, customer_id, which).offers
    return found[:limit], found[limit - 1].release.id if len(found) > limit else None


def offer(actor: Actor, customer_id: int, release_id: int) -> Offer:
    """The release for this person at this customer. Raises NotFound when nothing of it is for him."""
    found = Offered(actor, customer_id, (Release.id == _sane(release_id),)).offers
    if not found:
        raise NotFound()
    return found[0]


def must_be_out(release_id: int) -> None:
    """Raises NotFound for what was never published."""
    if not of_the_house(Release, Release.id == _sane(release_id), Release.state != "draft"):
        raise NotFound()


def file_for(actor: Actor, customer_id: int, file_id: int) -> tuple[Offer, File]:
    """A file that he may take now. NotFound when nothing of its release is for him, Forbidden for the others of one of
    which he may take something: the patch, where only a document was approved."""
    found = of_the_house(File, File.id == _sane(file_id), File.release.is_null(False), File.state == "kept")
    if not found:
        raise NotFound()
    [file] = found
    mine = offer(actor, customer_id, file.release_id)
    if mine.release.state != "published":
        raise NotFound()
    if file.id not in {one.id for one in mine.files}:
        raise Forbidden()
    return mine, file


def _sane(row_id: int) -> int:
    if not 0 < row_id < 2**63:
        raise NotFound()
    return row_id


def blob_of(file: File) -> Blob:
    """The bytes of a file of the house."""
    [blob] = of_the_house(Blob, Blob.id == file.blob_id)
    return blob  # type: ignore[no-any-return]


def blobs_of(files: Iterable[File]) -> dict[int, Blob]:
    """By their ids: size, SHA-256, type."""
    ids = [file.blob_id for file in files if file.blob_id is not None]
    return {blob.id: blob for blob in of_the_house(Blob, Blob.id.in_(ids))} if ids else {}


# --- Of one unit, and in short ----------------------------------------------------------------------------------


def of_unit(actor: Actor, unit: Any, known: Installed | None) -> tuple[list[Offer], bool]:
    """(the patches that it needs and may have, whether a contract covers it). `known`: what it runs."""
    [row] = list(units_and_cover(
        Actor.system(unit.customer_id), asset_id=unit.asset_id, licence_id=unit.licence_id
    ).dicts()) or [None]  # fmt: skip
    if row is None or not row["covered"]:
        return [], False
    key = known.version_rank if known else None
    mine = Offered(actor, unit.customer_id, (Release.product_id == unit.product_id,)).offers
    fitting = [
        one for one in mine
        if one.release.state == "published" and one.release.version_name and any(f.kind == "patch" for f in one.files)
        and versions.affected(key, one.release.from_rank, one.release.below_rank)
    ]  # fmt: skip
    return fitting, True
