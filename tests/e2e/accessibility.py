"""axe-core in the browser: what somebody who cannot see, or has no mouse, would stumble over."""

from functools import cache
from typing import Any

from tests.browser import ROOT
from tests.needs import lacking

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
# Left out: the viewer of the API document, whose markup and colours are its maker's, and rules for what is not grave.
RUN = """async (grave) => {
  const mild = axe._audit.rules.filter((rule) => !grave.includes(rule.impact));
  const found = await axe.run({ exclude: [[".swagger-ui"]] }, {
    resultTypes: ["violations"],
    preload: false,
    iframes: false,
    rules: Object.fromEntries(mild.map((rule) => [rule.id, { enabled: false }])),
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return found.violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, where: nodes.slice(0, 3).map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
  }));
}"""


@cache
def _source() -> str:
    if not AXE.is_file():
        lacking("assets", "axe-core is absent: make assets installs it")
    return AXE.read_text()


def problems(page: Any) -> list[dict[str, Any]]:
    """Every grave violation on the page as it stands. The script comes past the content policy, as a debugger's."""
    page.evaluate("() => scrollTo({ top: 0, behavior: 'instant' })")  # half under a bar that stays nothing is large
    page.evaluate(_source())
    return [one for one in page.evaluate(RUN, GRAVE) if one["impact"] in GRAVE]
