"""Every route, every method, everybody: what each gets follows from the policy, the role, and whose thing it is.

Nothing here is written down for a single route but what its verb decides beyond its policy (BEYOND). A route that
the table in tests/test_tenancy.py does not know fails, and so does any answer that is not the expected one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from zlib import crc32

import pytest
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from registry.web.policy import policy_of
from tests.security.callers import ACME, GLOBEX, HOUSE, NOWHERE, Caller, everybody
from tests.security.random_calls import sings
from tests.security.rewind import Rewind
from tests.test_tenancy import Route, routes
from tests.two_companies import Companies, fingerprint

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")

# What an answer can mean.
REFUSED, FORBIDDEN, ABSENT, METHOD, CONFIRM, DONE, CONSIDERED, BROKEN = (
    "refused", "forbidden", "absent", "method", "confirm", "done", "considered", "broken",
)  # fmt: skip
ANSWERED = frozenset({DONE, CONSIDERED})


def meaning(answer: TestResponse) -> str:
    """`considered`: understood, allowed, and declined for what it asks (a duplicate, a missing field)."""
    status = answer.status_code
    if answer.headers.get("Location", "").startswith("/account/confirm?") or "confirm_identity" in answer.data[
        :60
    ].decode(errors="replace"):
        return CONFIRM
    if status == 401 or (status in (302, 303) and answer.headers["Location"].startswith("/sign-in?next=")):
        return REFUSED
    if status >= 500:
        return BROKEN
    return {403: FORBIDDEN, 404: ABSENT, 405: METHOD}.get(status, DONE if status < 400 else CONSIDERED)


@dataclass(frozen=True)
class Cell:
    """One path with one method: the route that serves it, or none."""

    rule: str
    method: str
    path: str
    route: Route | None

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def cells(companies: Companies) -> Iterator[Cell]:
    """Every path with every method. The application's own map says which route serves which."""
    ids, app = companies.acme, companies.house.app
    known = {route.name: route for route in routes(companies.house)}
    by_rule = {route.rule: route for route in known.values()}
    adapter = app.url_map.bind("localhost")
    for rule, some in sorted(by_rule.items()):
        path = some.path(ids)
        for method in METHODS:
            try:
                found, _ = adapter.match(path.split("?")[0], method, return_rule=True)
            except MethodNotAllowed:
                yield Cell(rule, method, path, None)
                continue
            policy = policy_of(app, found.endpoint)
            assert policy, f"{found.endpoint} declares no policy"
            if not found.methods - {"HEAD", "OPTIONS"}:  # a rule of its own for these: only what is for everybody
                assert policy.kind == "public", f"{found.endpoint} is in no table"
                continue
            serving = {"HEAD": "GET", "OPTIONS": _first(found.methods)}.get(method, method)
            yield Cell(rule, method, path, known[f"{serving} {found.rule}"])


def _first(methods: set[str]) -> str:
    return min(methods - {"HEAD", "OPTIONS"})


# Verbs that demand more than the policy of their route: one of these rights, because...
CONTACTS = ("customer.edit", "customer.contacts")  # the route lets in whoever may look, for the words of a refusal
CATALOGUE = ("product.edit", "asset.edit")  # the house's catalogue by the one, a customer's own products by the other
FIELDS = ("setting.edit",)
V1 = "/api/v1"
BEYOND: dict[str, tuple[str, ...]] = {
    f"POST {V1}/asset-fields": FIELDS,
    f"DELETE {V1}/asset-fields/<int:field_id>": FIELDS,
    f"POST {V1}/sites": CONTACTS,
    f"PATCH {V1}/sites/<int:site_id>": CONTACTS,
    f"DELETE {V1}/sites/<int:site_id>": CONTACTS,
    f"POST {V1}/contacts": CONTACTS,
    f"PATCH {V1}/contacts/<int:contact_id>": CONTACTS,
    f"DELETE {V1}/contacts/<int:contact_id>": CONTACTS,
    f"POST {V1}/products": CATALOGUE,
    f"PATCH {V1}/products/<int:product_id>": CATALOGUE,
    f"POST {V1}/products/<int:product_id>/documents": CATALOGUE,
    f"DELETE {V1}/products/documents/<int:document_id>": CATALOGUE,
    **dict.fromkeys(("GET /products/new", "POST /products/new"), CATALOGUE),
    **{f"{method} /products/<int:product_id>/edit": CATALOGUE for method in ("GET", "POST")},
    "POST /products/<int:product_id>/documents": CATALOGUE,
    "POST /products/<int:product_id>/documents/<int:document_id>/remove": CATALOGUE,
    # What is brought in here are sites, which are written by these rights.
    f"POST {V1}/imports": CONTACTS,
    f"POST {V1}/imports/<int:session_id>/apply": CONTACTS,
    f"POST {V1}/imports/<int:session_id>/undo": CONTACTS,
    f"POST {V1}/import-mappings": CONTACTS,
    f"DELETE {V1}/imports/<int:session_id>": CONTACTS,
    "POST /c/<slug>/imports/new": CONTACTS,
    **{
        f"POST /c/<slug>/imports/<int:session_id>/{what}": CONTACTS
        for what in ("apply", "columns", "discard", "saved-mapping", "undo", "reading")
    },
    # Recorded by the operator's people, given and taken back by the customer's own.
    f"POST {V1}/disclosure-approvals": ("disclosure.record", "disclosure.approve"),
    f"POST {V1}/disclosure-approvals/<int:approval_id>/revoke": ("disclosure.record", "disclosure.approve"),
    # A shared filter is everybody's; and what is the same for all lists is done here with the list of assets.
    f"PATCH {V1}/views/<int:view_id>": ("view.share",),
    f"DELETE {V1}/views/<int:view_id>": ("view.share",),
    **{
        f"POST {place}/lists/<kind>/views/<int:saved_id>{what}": ("view.share",)
        for place in ("", "/c/<slug>")
        for what in ("", "/remove")
    },
    **{
        f"{method} {place}/lists/<kind>/views": ("asset.view",)
        for method in ("GET", "POST")
        for place in ("", "/c/<slug>")
    },
    "GET /c/<slug>/lists/<kind>/bulk": ("asset.edit",),
    # Each move of a unit in repair has a right of its own; the one that is tried here wants this one.
    "POST /c/<slug>/x/rma/lines/<int:rma_line_id>/to/<to>": ("rma.decide",),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/moves": ("rma.work",),
    # What somebody else has sent, or asked for, is for those to change who manage it.
    **{
        f"{method} /c/<slug>/x/sendbig/{what}": ("sendbig.manage",)
        for method, what in (
            ("GET", "transfers/<int:transfer_id>/edit"),
            *(
                ("POST", f"transfers/<int:transfer_id>/{verb}")
                for verb in ("edit", "send", "revoke", "remove", "extend", "recipients")
            ),
            ("POST", "recipients/<int:recipient_id>/revoke"),
            ("POST", "recipients/<int:recipient_id>/resend"),
            ("POST", "files/<int:sendbig_file_id>/remove"),
            *(("POST", f"requests/<int:file_request_id>/{verb}") for verb in ("close", "extend")),
        )
    },
    **{
        f"{method} {V1}/x/sendbig/transfers/<int:transfer_id>{what}": ("sendbig.manage",)
        for method, what in (
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/sending"),
            ("POST", "/extension"),
            ("POST", "/revocation"),
            ("POST", "/recipients"),
        )
    },
    **{
        f"{method} {V1}/x/sendbig/{what}": ("sendbig.manage",)
        for method, what in (
            ("DELETE", "recipients/<int:recipient_id>"),
            ("POST", "recipients/<int:recipient_id>/mail"),
            ("GET", "recipients/<int:recipient_id>/link"),
            ("DELETE", "files/<int:sendbig_file_id>"),
            ("GET", "file-requests/<int:file_request_id>/link"),
            ("POST", "file-requests/<int:file_request_id>/extension"),
            ("POST", "file-requests/<int:file_request_id>/closing"),
        )
    },
    # The form of a plugin names a right of its own; the one that is tried here is the operator's.
    **{f"{method} /c/<slug>/plugins/<plugin>": ("rma.overrule",) for method in ("GET", "POST")},
    "POST /labels/print": ("label.batch",),  # codes of the house that are on nothing yet
    "POST /c/<slug>/lists/<kind>/bulk": ("asset.edit",),
}
# Where a customer's events are sent is for his own people to say, whatever rights the operator's have; and so is where
# the link leads that they have sent to one of their own.
CUSTOMERS_ONLY = {f"POST {V1}/webhooks", f"GET {V1}/x/sendbig/recipients/<int:recipient_id>/link"}
# What belongs to the house itself, whatever rights a customer's people hold for their company.
HOUSE_ONLY = {
    "GET /dashboard",
    "GET /labels", "POST /labels/batches", "GET /labels/print", "POST /labels/print", "GET /labels/ruler.pdf",
    "GET /labels/sheets/new", "POST /labels/sheets/new", "GET /labels/sheets/<int:house_sheet_id>",
    "POST /labels/sheets/<int:house_sheet_id>", "POST /labels/sheets/<int:house_sheet_id>/remove",
    "POST /history/check", "GET /users/new", "POST /users/new", "POST /users/<int:user_id>/remove",
    f"POST {V1}/users/<int:user_id>/role/remove",
}  # fmt: skip
# What a token with a narrow scope may not do to its owner's account, though the route asks for no right.
OWNERS_ONLY = {f"PATCH {V1}/me"}
PERSONAL = {"token_id": "manager"}  # in the address: whose alone it is


def expected(cell: Cell, who: Caller) -> frozenset[str]:
    """What this caller may get here."""
    if cell.route is None:
        return frozenset({METHOD})
    return _at_the_door(cell.route, who) or _of_a_stranger(cell, cell.route, who) or _inside(cell, cell.route, who)


def _at_the_door(route: Route, who: Caller) -> frozenset[str]:
    """What the policy alone decides; nothing when it lets him in."""
    policy = route.policy
    if policy.kind == "public":
        half = (FORBIDDEN,) if who.cookie else ()  # the second step wants the token of its own form
        return frozenset({DONE, CONSIDERED, REFUSED, ABSENT, *half})
    if who.place == NOWHERE:
        return frozenset({REFUSED})
    if (policy.permission and policy.permission not in who.rights) or (policy.in_person and who.token):
        return frozenset({FORBIDDEN})
    return frozenset({CONFIRM}) if policy.sudo and not who.confirmed else frozenset()


def _of_a_stranger(cell: Cell, route: Route, who: Caller) -> frozenset[str]:
    """What somebody gets of what is not his."""
    if who.place == GLOBEX and route.call.kind == "object":  # pages know whose they are before they are asked anything
        return frozenset({DONE if cell.method == "OPTIONS" and not route.rule.startswith("/c/") else ABSENT})
    if cell.method == "OPTIONS":
        return frozenset({DONE})
    owner = next((owner for name, owner in PERSONAL.items() if f":{name}>" in route.rule), None)
    if owner is not None and who.name not in (owner, "manager's session", "session to be confirmed"):
        return frozenset({FORBIDDEN if who.name == "narrow token" else ABSENT})
    if who.place == GLOBEX and route.call.kind in ("create", "house"):
        return frozenset({FORBIDDEN, ABSENT, CONSIDERED})
    return frozenset()


def _inside(cell: Cell, route: Route, who: Caller) -> frozenset[str]:
    if route.call.kind == "own":  # the id, where there is one, is nobody's or his own
        closed = who.name == "narrow token" and route.name in OWNERS_ONLY
        return frozenset({FORBIDDEN}) if closed else frozenset({DONE, CONSIDERED, ABSENT})
    if route.name in BEYOND and not who.rights & set(BEYOND[route.name]):
        return frozenset({FORBIDDEN})
    if route.name in HOUSE_ONLY and who.place == ACME:
        return frozenset({FORBIDDEN})
    if route.name in CUSTOMERS_ONLY and who.place == HOUSE:
        return frozenset({FORBIDDEN})
    return frozenset({DONE}) if cell.method in ("GET", "HEAD") else ANSWERED


def asked(cell: Cell, who: Caller, companies: Companies) -> TestResponse:
    options = cell.route.options(companies.acme) if cell.route and cell.method not in ("GET", "HEAD", "OPTIONS") else {}
    return who.call(cell.method, cell.path, **options)


@dataclass
class Walk:
    """What came of asking everything: how many answers of each meaning, and which were not as expected."""

    counts: Counter[str]
    wrong: list[str]

    def __str__(self) -> str:
        return "\n".join(self.wrong[:60])


FEW, FEWER = 5, 12  # one in so many


def asking(cell: Cell, callers: list[Caller]) -> list[Caller]:
    """Who asks here: everybody; but what answers the same to all of them (HEAD as GET does, OPTIONS, and even more a
    method that no route takes) is asked by a few, others from path to path and method to method."""
    if cell.route and cell.method not in ("HEAD", "OPTIONS"):
        return callers
    step = FEW if cell.route else FEWER
    return callers[crc32(str(cell).encode()) % step :: step]


def walk(companies: Companies, chosen: Callable[[int, Cell], bool] = lambda number, cell: True) -> Walk:
    """Ask every cell as everybody; after each write the installation is put back."""
    callers = everybody(companies)
    for who in callers:
        if who.name != "ended session":  # whose row is taken away when it is met
            who.call("GET", "/api/v1/me")  # writes down when a credential was used last, which is not done each time
    rewind, acme = Rewind(companies.house), companies.acme["customer"]
    before, done = fingerprint(acme), Walk(Counter(), [])
    pairs = ((one, who) for one in list(cells(companies)) for who in asking(one, callers))
    for number, (cell, who) in enumerate(pairs):
        if chosen(number, cell):
            answer = asked(cell, who, companies)
            got = meaning(answer)
            done.counts[got] += 1
            faults = list(_faults(cell, who, answer, got))
            harmless = who.place not in (NOWHERE, GLOBEX) and got not in (FORBIDDEN, ABSENT, METHOD)
            harmless |= who.name == "ended session"
            harmless |= who.name.startswith("half") and "/second" in cell.rule  # who goes on with his own sign-in
            if not harmless and rewind.changed and fingerprint(acme) != before:
                faults.append("something of acme's changed")
            told = f"{who.name}: {cell}: {answer.status_code} ({got}): {answer.data[:150]!r}"
            done.wrong += [f"{told} - {fault}" for fault in faults]
            rewind.back()
    return done


def _faults(cell: Cell, who: Caller, answer: TestResponse, got: str) -> Iterator[str]:
    wanted = expected(cell, who)
    if cell.method == "HEAD" and CONFIRM in wanted:  # the answer has no body that could say why
        wanted |= {FORBIDDEN}
    if got not in wanted:
        yield f"not {' or '.join(sorted(wanted))}"
    if who.place in (NOWHERE, GLOBEX) and sings(answer):
        yield "it sang"
    if got == METHOD and cell.method in answer.headers["Allow"].split(", "):
        yield "Allow names it"


def test_a_sample_of_it(companies: Companies) -> None:
    """One in a hundred and one, each time."""
    found = walk(companies, lambda number, _cell: number % 101 == 0)
    assert not found.wrong, str(found)
    assert found.counts.total() > 100


def test_a_route_that_asks_for_less_than_it_says_is_found(
    companies: Companies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk can fail: on a view that looks at nobody's rights, and on one that finds everybody's things."""
    views = companies.house.app.view_functions
    name = "api_assets.retire_asset"
    open_to_all = lambda asset_id: Response("{}")  # noqa: E731
    open_to_all.__policy__ = replace(views[name].__policy__, kind="signed_in", permission="")  # type: ignore[attr-defined]
    monkeypatch.setitem(views, name, open_to_all)
    found = walk(companies, lambda _number, cell: str(cell) == f"POST {V1}/assets/<int:asset_id>/retire")
    told = "\n".join(found.wrong)
    assert "neighbour: POST" in told and "not absent" in told, told


PARTS = 4


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_gets_from_every_route_what_the_policy_says(companies: Companies, part: int) -> None:
    found = walk(companies, lambda _number, cell: crc32(cell.path.encode()) % PARTS == part)
    size = found.counts.total()
    print(f"route matrix, part {part + 1} of {PARTS}: {size} cells, {dict(found.counts)}")
    assert not found.wrong, f"{len(found.wrong)} of {size} are not as expected:\n{found}"
    assert size > 4000 and all(found.counts[one] > 20 for one in (REFUSED, FORBIDDEN, ABSENT, METHOD, DONE))
