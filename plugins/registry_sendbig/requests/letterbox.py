"""What somebody with a link and no account sends us: a password, who he is, and that this was all."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from registry.sdk import Conflict, Forbidden, Invalid, Limit, NotFound, by_address, link, network_of, take
from registry_sendbig import proofs
from registry_sendbig.models import Request
from registry_sendbig.places import house
from registry_sendbig.proofs import Cookie
from registry_sendbig.requests import service as asking
from registry_sendbig.transfers import recipients

LONGEST_NAME, LONGEST_MESSAGE = 200, 5000
VISITS = Limit(60, 3600)  # of one network
VISITS_BY_A_LINK = Limit(60, 3600)  # each may end in a mail to whoever asked, and a customer's mails are counted


@house.post("/t/<secret>/password")
@by_address
def give_password(secret: str) -> Response:
    """Back to the page of the link, which shows what there is once the password was right."""
    recipient = recipients.by_secret(secret, request.remote_addr)
    return _proved(recipient, recipient.transfer.password_hash, secret, "landing")


@house.post("/r/<secret>/password")
@by_address
def give_request_password(secret: str) -> Response:
    asked = asking.by_secret(secret, request.remote_addr)
    return _proved(asked, asked.password_hash, secret, "request_page")


def _proved(row: object, password_hash: str, secret: str, page: str) -> Response:
    try:
        cookie = proofs.prove(row, password_hash, request.form.get("password", ""), request.remote_addr)
    except Forbidden:
        return _back(page, secret, wrong=1)
    return keep(_back(page, secret), cookie)


@house.post("/r/<secret>/visit")
@by_address
def begin_visit(secret: str) -> Response:
    """Who he says he is: name, email, message. His files go into a transfer of their own."""
    asked = _request_of(secret)
    take("sendbig visit", network_of(request.remote_addr), VISITS)
    take("sendbig visit by", str(asked.token_hash), VISITS_BY_A_LINK)
    try:
        _transfer, cookie = asking.begin(asked, _said(), request.remote_addr)
    except Invalid as problem:
        return _back("request_page", secret, missing=next(iter(problem.errors), "name"))
    except Conflict:
        return _back("request_page", secret)
    return keep(_back("request_page", secret), cookie)


def _said() -> dict[str, str]:
    """Cut to what is kept; of characters that no name has, nothing."""
    form = request.form
    line = {name: "".join(char for char in form.get(name, "") if char.isprintable()) for name in ("name", "email")}
    message = "".join(char for char in form.get("message", "") if char.isprintable() or char in "\n\t")
    return {**{name: text.strip()[:LONGEST_NAME] for name, text in line.items()}, "message": message[:LONGEST_MESSAGE]}


@house.post("/r/<secret>/finished")
@by_address
def finish_visit(secret: str) -> Response:
    """That was all: whoever asked hears of it once everything is verified."""
    asked = _request_of(secret)
    try:
        asking.finish(asked, request.cookies, request.remote_addr)
    except Conflict as problem:
        return _back("request_page", secret, problem=problem.code)
    return _back("request_page", secret, sent=1)


def _request_of(secret: str) -> Request:
    asked = asking.by_secret(secret, request.remote_addr)
    if not proofs.proven(asked, asked.password_hash, request.cookies):
        raise NotFound()
    return asked


def _back(page: str, secret: str, **told: object) -> Response:
    return redirect(url_for(f"sendbig_house.{page}", secret=secret, **told), 303)  # type: ignore[arg-type]


def keep(answer: Response, cookie: Cookie) -> Response:
    """For this link's pages and uploads alone, and out of reach of scripts."""
    answer.set_cookie(
        cookie.name, cookie.value, max_age=cookie.seconds, path="/x/sendbig", httponly=True, samesite="Lax",
        secure=link("/").startswith("https:"),
    )  # fmt: skip
    return answer
