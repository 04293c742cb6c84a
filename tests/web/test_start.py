"""What a web process loads before it answers: nothing that only few requests need, since everybody waits for it."""

import subprocess
import sys
from pathlib import Path

LATER = ("webauthn", "authlib", "joserfc", "zxcvbn", "boto3", "botocore", "qrcode", "prometheus_client", "urllib3",
         "xlsxwriter", "python_calamine", "icalendar", "redis", "aiosmtpd")  # fmt: skip
START = """
import sys, pathlib
import registry.server
from registry.app import create_app
from registry.people.second_factor import PROOFS, WAYS
from registry.settings import Settings
create_app(Settings(data=pathlib.Path(sys.argv[1]), queue="memory:"))
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[2:])))
print(*WAYS, *PROOFS)
"""


def test_what_few_need_is_loaded_when_they_do(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path), *LATER], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    loaded, ways = ran.stdout.splitlines()
    assert loaded == "", "import it inside of the function that uses it"
    assert ways == "code passkey code passkey", "what a second factor can be is known all the same"
