#!/usr/bin/env bash
# Makes a virtual environment: make_venv.sh PYTHON FOLDER
set -euo pipefail
python=$1
folder=$2

"$python" - <<'CHECK'
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Assetcare needs Python 3.11 or newer, this is {sys.version.split()[0]}: make PYTHON=python3.11 ...")
CHECK

# Debian keeps the part of venv that installs pip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$(dirname "$0")/apt_install.sh" python3-venv
fi
"$python" -m venv --clear "$folder"
