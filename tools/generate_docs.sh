#!/usr/bin/env bash
# Writes the documents that come from the code: generate_docs.sh ASSETCARE FOLDER
set -euo pipefail
assetcare=$1
folder=$2
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export ASSETCARE_DATA=$state # generating documents needs no data, and leaves yours alone
unset ASSETCARE_DATABASE

# generate FILE COMMAND...: a file is replaced only by a complete one.
generate() {
    "$assetcare" "${@:2}" >"$state/document"
    cp "$state/document" "$folder/$1"
    echo "$folder/$1"
}

generate openapi.json openapi
generate settings.md settings
generate permissions.md permissions
generate hooks.md plugin hooks
generate optics-fields.md optics fields
