"""failed_tests.py FILE: prints which tests failed, and makes pytest's list of them fit a run without groups.

Exits with 1 when there are more than three: that's no accident.
"""

import json
import re
import sys
from pathlib import Path

MOST = 3
GROUP = re.compile(r"@[\w-]+$")  # behind a test's name, when tests were dealt out by groups

file = Path(sys.argv[1])
failed = [GROUP.sub("", name) for name in json.loads(file.read_text())]
file.write_text(json.dumps(dict.fromkeys(failed, True)))
print(*failed, sep="\n")
sys.exit(len(failed) > MOST)
