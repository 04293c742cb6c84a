"""Structured logs: one JSON object a line on stderr, UTC, with secrets taken out by name."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

log: Any = structlog.get_logger("assetcare")

SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "key", "csrf")
HARMLESS = frozenset({"key_field", "token_id", "event_key"})


def _hide_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return _without_secrets(event)


def _without_secrets(event: MutableMapping[str, Any]) -> dict[str, Any]:
    return {name: "(hidden)" if _is_secret(name) else _deep(value) for name, value in event.items()}


def _deep(value: Any) -> Any:
    return _without_secrets(value) if isinstance(value, MutableMapping) else value


def _is_secret(name: Any) -> bool:
    return name not in HARMLESS and any(word in str(name).lower() for word in SECRET_WORDS)


def configure_logs(level: str = "INFO", *, readable: bool | None = None) -> None:
    """Set logging up for this process. Readable lines on a terminal, JSON otherwise."""
    if readable is None:
        readable = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if readable
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if not readable else _pass,
            _hide_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _pass(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return event
