#!/usr/bin/env bash
# Makes sure that PostgreSQL's server programs are on this machine; the tests start a server of their own from them.
set -euo pipefail

found() {
    command -v initdb >/dev/null && command -v postgres >/dev/null && return
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

found && exit 0
"$(dirname "$0")/apt_install.sh" postgresql || {
    echo "To leave out the tests that need PostgreSQL: make test POSTGRES=no" >&2
    exit 1
}
found
