#!/usr/bin/env bash
# Makes sure that redis-server is on this machine; the tests start a server of their own from it.
set -euo pipefail

command -v redis-server >/dev/null && exit 0
"$(dirname "$0")/apt_install.sh" redis-server || {
    echo "To leave out the tests that need Redis: make test REDIS=no" >&2
    exit 1
}
command -v redis-server >/dev/null
