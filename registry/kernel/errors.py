"""One error family: each carries the HTTP status, a stable code, a sentence for people, and messages per field."""

from collections.abc import Mapping
from typing import Any

from registry.kernel.language import N_, _

FieldErrors = Mapping[str, Any]  # field name -> sentences, or for lists item number -> the same again


class Problem(Exception):
    """Something the caller can be told, in his language: a class's own message is marked, others come said.

    `errors` maps a field name to sentences that say what to do."""

    status = 400
    code = "bad_request"
    message = N_("The request cannot be carried out.")

    def __init__(
        self,
        message: str | None = None,
        *,
        errors: FieldErrors | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or _(type(self).message)
        super().__init__(self.message)
        self.errors = dict(errors or {})
        self.code = code or self.code
        self.headers = dict(headers or {})


class Invalid(Problem):
    status, code, message = 422, "invalid", N_("Some fields cannot be accepted; see errors.")

    @classmethod
    def field(cls, name: str, text: str) -> "Invalid":
        return cls(errors={name: [text]})


class Unauthenticated(Problem):
    status, code = 401, "unauthenticated"
    message = N_("Sign in, or send an API token: Authorization: Bearer <token>.")


class Forbidden(Problem):
    status, code, message = 403, "forbidden", N_("You may see this, but not do it. Ask your manager for the right.")


class NotFound(Problem):
    status, code, message = 404, "not_found", N_("There is no such thing here.")


class Conflict(Problem):
    status, code, message = 409, "conflict", N_("This contradicts what is already stored.")


class Stale(Problem):
    status, code = 412, "stale"
    message = N_("Somebody changed this in the meantime. Read it again, then repeat your change with the new ETag.")


class PreconditionRequired(Problem):
    status, code = 428, "if_match_required"
    message = N_("Send If-Match with the ETag of the version you are changing (read it first).")


class TooLarge(Problem):
    status, code, message = 413, "too_large", N_("The request is larger than this installation accepts.")


class Throttled(Problem):
    status, code, message = 429, "throttled", N_("Too many attempts. Wait a little, then try again.")


class Busy(Problem):
    status, code, message = 503, "busy", N_("The database is busy with another change. Try again in a moment.")

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"Retry-After": "2"})


class NoRoom(Problem):
    status, code = 507, "no_room"
    message = N_("There is no room left for this file. Ask the operator to make some, then try again.")
