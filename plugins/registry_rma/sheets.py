"""Tables as CSV files."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """With a mark that spreadsheets understand as UTF-8, and nothing that they would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(titles)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _harmless(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULAS else value


def saved(name: str, text: str) -> Response:
    """`name`: of the file, in ASCII without its ending."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
