"""In which language a page or answer speaks: the reader's own; a stranger's by his choice, or as his browser asks."""

from urllib.parse import urlencode

from flask import Flask, g, request
from werkzeug.wrappers import Response

from registry.kernel import codes, language
from registry.kernel.locales import LANGUAGES, supported
from registry.web.identity import settings

COOKIE = "language"
YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Before the caller is known: whatever is refused is refused in some language; identity then takes the caller's."""
    app.before_request(lambda: language.use(_of_stranger()))
    app.before_request(lambda: codes.speak_to_people(not request.path.startswith("/api/")))
    app.after_request(_remember)
    app.teardown_request(_forget)
    app.context_processor(lambda: {"language": language.current(), "languages": LANGUAGES})
    app.jinja_env.globals["in_language"] = in_language


def _forget(_error: BaseException | None) -> None:
    """The thread's next work is somebody else's."""
    language.use(None)
    codes.speak_to_people(False)


def in_language(tag: str) -> str:
    """The address of this page in another language, for strangers: with what our own pages ask for, and no more, since
    others send people here with codes in the address that do not belong into a page."""
    kept = {name: request.args[name] for name in ("next",) if name in request.args}
    return f"{request.path}?{urlencode({**kept, 'language': tag})}"


def _of_stranger() -> str:
    for wanted in (request.args.get("language"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return next((ours for tag in request.accept_languages.values() if (ours := _ours(tag))), "en")


def meet(tag: str) -> None:
    """Speak `tag` to a stranger whom we know by his mailed link, unless he has chosen a language here."""
    if not any(wanted in LANGUAGES for wanted in (request.args.get("language"), request.cookies.get(COOKIE))):
        language.use(supported(tag))


def _ours(tag: str) -> str:
    """The language of ours that a browser means by `tag`, or "" when it is none of ours: zh-TW, zh-hk -> zh-Hant."""
    main, _, region = tag.lower().partition("-")
    if main == "zh":
        return "zh-Hant" if region not in ("cn", "sg", "hans") else ""
    return supported(main) if main in LANGUAGES else ""


def _remember(response: Response) -> Response:
    wanted = request.args.get("language")
    if wanted in LANGUAGES and not g.get("signed_in"):
        response.set_cookie(COOKIE, wanted, max_age=YEAR, secure=settings().https, httponly=True, samesite="Lax")
    return response
