#!/usr/bin/env bash
# Installs Debian packages, or says what to do when that is not possible: apt_install.sh PACKAGE...
set -euo pipefail
package="$*"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n) # nobody is there to type a password
fi
if ! command -v apt-get >/dev/null || { [ "${#as_root[@]}" -gt 0 ] && ! command -v sudo >/dev/null; }; then
    echo "Please install $package (on Debian, as root: apt-get install $package), then run make again." >&2
    exit 1
fi

echo "Installing from Debian: $package ..."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Installing $package failed. Please install it by hand (apt-get install $package), then run make again." >&2
    exit 1
fi
