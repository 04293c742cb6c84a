"""What a browser keeps of the scanner for times without a connection: one page, drawn as for a stranger, and the script
that keeps it. Neither holds anything of anybody's; what people do there waits on their device (static/js/queue.js)."""

import hashlib
import json
import re

from flask import Blueprint, g, render_template, url_for
from werkzeug.wrappers import Response

from registry.kernel import language
from registry.kernel.paths import resource_dir
from registry.web.headers import scans
from registry.web.policy import public

pages = Blueprint("scanner", __name__)
FILES = re.compile(r'="(/[^"#]*/static/[^"#]+|/static/[^"#]+)')


@pages.get("/scan/alone")
@public
@scans
def alone() -> str:
    """What /scan is without a connection."""
    return _page()


@pages.get("/scan/worker.js")
@public
def worker() -> Response:
    """The service worker of /scan. It is another one, and keeps all anew, as soon as anything that it keeps is."""
    page = _page()
    program = (resource_dir("static") / "js" / "scan-worker.js").read_text()
    kept = {
        "version": hashlib.sha256((page + program).encode()).hexdigest()[:16],
        "scan": url_for("labels.scan"),
        "page": url_for("scanner.alone", language=language.current()),
        "files": sorted({found.replace("&amp;", "&") for found in FILES.findall(page)}),
    }
    answer = Response(f"self.KEPT = {json.dumps(kept)};\n{program}", content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = url_for("labels.scan")  # it lies above the folder of the script
    return answer


def _page() -> str:
    g.signed_in = None  # whoever asks
    return render_template("labels/alone.html")
