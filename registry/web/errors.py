"""Error answers, made once: JSON for the API, a page for people - always with the request id, never with a trace."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, redirect, render_template, request, url_for
from peewee import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from registry.kernel.db import busy_or_same, problem_of, unreachable
from registry.kernel.errors import Invalid, Problem, Unauthenticated
from registry.kernel.language import N_, _
from registry.kernel.logs import log
from registry.kernel.mending import is_lost
from registry.web.answers import json_response
from registry.web.blame import blame
from registry.web.flows.wire import is_flow
from registry.web.identity import ConfirmIdentity, SecondFactorRequired, told_path


def install(app: Flask) -> None:
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, lambda error: answer(problem_of(error)))
    app.register_error_handler(DataError, lambda _error: answer(Invalid(_("A value has the wrong form or size."))))
    app.register_error_handler(OverflowError, lambda _error: answer(Invalid(_("A number is too large."))))
    app.register_error_handler(OperationalError, _operational)
    app.register_error_handler(Exception, _unexpected)


def answer(problem: Problem) -> Response:
    return _render(problem.status, problem.code, problem.message, problem.errors, problem.headers, problem)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status == 422 or (status == 400 and getattr(error, "data", None)):
        messages = (getattr(error, "data", None) or {}).get("messages", {})
        return _render(status, "invalid", _(Invalid.message), flatten(messages), {}, error)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "Location")}
    if 300 <= status < 400:
        return error.get_response()
    text = _(NICER.get(status, "")) or error.description or HTTPStatus(status).phrase
    code = HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    return _render(status, code, text, {}, headers, error)


NICER = {
    404: N_("There is no such thing here."),
    405: N_("This address does not know that method; see Allow."),
    413: N_("The request is larger than this installation accepts."),
    415: N_("Send JSON with Content-Type: application/json."),
}


def flatten(messages: Mapping[str, Any]) -> dict[str, Any]:
    """webargs answers {location: {field: [...]}}; people need {field: [...]}."""
    flat: dict[str, Any] = {}
    for location, found in messages.items():
        if isinstance(found, Mapping):
            flat.update({"body" if field == "_schema" else str(field): texts for field, texts in found.items()})
        else:
            flat[str(location)] = found
    return flat


def _operational(error: OperationalError) -> Response:
    problem = busy_or_same(error)
    return answer(problem) if isinstance(problem, Problem) else _unexpected(error)


def _unexpected(error: Exception) -> Response:
    if is_lost():  # whatever it looks like: drivers have many names for that
        log.warning("database_lost", path=told_path(), method=request.method, exc_info=error)
        return answer(unreachable())
    log.error("unexpected_error", path=told_path(), method=request.method, exc_info=error)
    text = _("Something went wrong on our side. Tell us the request id and we can find out what.")
    blame(error)
    return _render(500, "internal", text, {}, {}, error)


def _render(
    status: int, code: str, message: str, errors: Mapping[str, Any], headers: Mapping[str, str], cause: Exception
) -> Response:
    request_id = g.get("request_id", "")
    if _by_program():
        body = {"code": code, "message": message, "errors": errors, "request_id": request_id}
        response = json_response(body, status)
    elif isinstance(cause, SecurityError):  # the host is not ours: no page, since its links could not be made
        response = Response(message, status, mimetype="text/plain")
    elif isinstance(cause, ConfirmIdentity):
        response = redirect(url_for("account.confirm", next=_page()))
    elif isinstance(cause, SecondFactorRequired):
        response = redirect(url_for("my_account.second_factor_page"))
    elif isinstance(cause, Unauthenticated) and request.method == "GET":
        response = redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
    else:
        page = render_template("error.html", status=status, message=message, errors=errors, request_id=request_id)
        response = Response(page, status, mimetype="text/html")
    response.headers.update(headers)
    return response


def _by_program() -> bool:
    """Whether a program asks: also those that send large bodies, since no form does that."""
    if is_flow(request.path) and request.method not in ("GET", "HEAD"):
        return True
    return request.path.startswith("/api/") or request.path in ("/healthz", "/readyz")


def _page() -> str:
    """Where somebody was who must first confirm who he is: a form that he sent, he will have to send again."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    try:
        return urlsplit(request.headers.get("Referer", "")).path or url_for("my_account.overview")
    except ValueError:
        return url_for("my_account.overview")
