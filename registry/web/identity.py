"""Who is asking: resolved once, before any view. The session or token becomes the actor; the policy is enforced."""

import secrets
from datetime import timedelta
from time import perf_counter
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from registry.kernel import db, language, wall
from registry.kernel.access import Actor
from registry.kernel.errors import Forbidden, Unauthenticated
from registry.kernel.language import N_, _
from registry.kernel.logs import log
from registry.kernel.throttle import Limit, network_of, take
from registry.people.second_factor import has_any
from registry.people.signin import Origin, SignedIn, by_session, by_token
from registry.settings import Settings
from registry.web.policy import Policy, policy_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WRONG_TOKENS = Limit(60, 60)  # from one network; the right ones are not counted
QUIET = frozenset({"health.healthz", "health.readyz", "static.static"})  # asked for all day long


class ConfirmIdentity(Forbidden):
    code = "confirm_identity"
    message = N_("Confirm first that it is you: POST /api/v1/me/confirm with your password, or sign in again.")


class SecondFactorRequired(Forbidden):
    code = "second_factor_required"
    message = N_("This installation asks for a second factor: set one up on the page of your account.")


def install(app: Flask) -> None:
    app.before_request(_identify)
    app.teardown_request(_release)
    app.after_request(_tell)


def settings() -> Settings:
    return current_app.config["ASSETCARE"]  # type: ignore[no-any-return]


def cookie_name() -> str:
    return "__Host-assetcare" if settings().https else "assetcare"


def actor() -> Actor:
    """The actor of this request. Raises Unauthenticated for anybody who has not signed in."""
    found: SignedIn | None = g.get("signed_in")
    if found is None:
        raise Unauthenticated()
    return found.actor


def origin() -> Origin:
    return Origin(request.remote_addr, request.headers.get("User-Agent"), g.request_id)


def _identify() -> None:
    g.request_id, g.started = secrets.token_hex(8), perf_counter()
    wall.carry(wall.NOTHING)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if request.endpoint is None:
        return
    policy = policy_of(current_app, request.endpoint)  # type: ignore[arg-type]
    if policy is None:  # unreachable after check_routes; closed all the same
        raise Forbidden()
    if policy.upload:
        request.max_content_length = settings().max_upload_mb * 1024 * 1024
    if not getattr(current_app.view_functions[request.endpoint], "__static__", False):
        db.connect()
        with wall.as_it_is():
            g.signed_in = None if policy.unasked else _credentials()
        if g.signed_in:
            wall.carry(wall.scope_of(g.signed_in.actor.customers))
            language.use(g.signed_in.actor.language)
        _enforce(policy)


def _credentials() -> SignedIn | None:
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _blank, secret = header.partition(" ")
        found = by_token(secret.strip(), origin()) if scheme.lower() == "bearer" else None
        if found is None:
            take("wrong token", network_of(request.remote_addr), WRONG_TOKENS, wait=False)
            raise Unauthenticated(_("This token is unknown, revoked or expired."))
        return found
    cookie = request.cookies.get(cookie_name())
    if not cookie:
        return None
    chosen = settings()
    idle, longest = timedelta(minutes=chosen.session_idle_minutes), timedelta(hours=chosen.session_hours)
    return by_session(cookie, origin(), idle=idle, longest=longest)


def _enforce(policy: Policy) -> None:
    if policy.kind == "public":
        return
    who = actor()
    if policy.kind == "permission" and not who.can_somewhere(policy.permission):
        raise Forbidden()
    if who.kind == "user" and request.method not in SAFE:
        check_same_site()
        _check_csrf()
    _check_proofs(policy, g.signed_in)


def _check_proofs(policy: Policy, found: SignedIn) -> None:
    """How the caller has proved who he is, where the route or the installation asks for more than a password."""
    by_token = found.actor.kind == "token"
    if policy.in_person and by_token:
        raise Forbidden(_("This is for the user himself, signed in; a token cannot do it."), code="in_person")
    if not policy.enrolling and lacks_second_factor(found):
        raise SecondFactorRequired()
    if policy.sudo and not by_token and not found.confirmed:
        raise ConfirmIdentity()


def lacks_second_factor(found: SignedIn) -> bool:
    """Whether the installation demands a second factor of him, and he has given none."""
    who = found.actor
    if found.machine or not demands_second_factor(who):
        return False
    return not (has_any(who.user_id or 0) if who.kind == "token" else found.second)


def demands_second_factor(who: Actor) -> bool:
    demanded = settings().require_second_factor
    return demanded == "all" or (demanded == "operator" and who.is_operator)


def check_same_site() -> None:
    """A browser's changing request must come from our own pages."""
    site = request.headers.get("Sec-Fetch-Site")
    source = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (source and _host_of(source) != request.host):
        raise Forbidden(_("This request came from another site."), code="cross_site")


def _check_csrf() -> None:
    """And it must carry the session's CSRF token."""
    found: SignedIn | None = g.get("signed_in")
    if found and found.csrf:
        sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token") or ""
        if not secrets.compare_digest(sent.encode(), found.csrf.encode()):
            raise Forbidden(_("The form has expired. Go back, reload the page and send it again."), code="csrf")


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _release(_error: BaseException | None) -> None:
    db.release()
    wall.put_down()


def told_path() -> str:
    """The path as a log may hold it: an address that is itself a credential by its rule only."""
    rule = request.url_rule
    return rule.rule if rule is not None and "secret" in (request.view_args or {}) else request.path


def _tell(response: Response) -> Response:
    """The request's id in the answer, and one line in the log: without the query, which may name what is private."""
    if "request_id" not in g:
        return response
    response.headers["X-Request-Id"] = g.request_id
    if request.endpoint not in QUIET:
        found: SignedIn | None = g.get("signed_in")
        log.info(
            "request",
            method=request.method,
            path=told_path(),
            status=response.status_code,
            milliseconds=round((perf_counter() - g.started) * 1000, 1),
            user_id=found.actor.user_id if found else None,
        )
    return response
