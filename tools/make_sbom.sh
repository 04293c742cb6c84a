#!/usr/bin/env bash
# Writes what a release is made of, as CycloneDX: make_sbom.sh PYTHON FOLDER CYCLONEDX
# PYTHON is that of an environment in which nothing but the release is installed. Nothing is fetched.
set -euo pipefail
python=$1
folder=$2
cyclonedx=$3
here=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$here/registry/__init__.py")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$folder"
"$cyclonedx" environment --output-reproducible --of JSON -o "$work/python.json" "$python" >/dev/null

# npm's own list leaves out what is needed for tests only. It wants a version, which the folder of libraries has none of.
mkdir "$work/assetcare-static"
cp "$here/package.json" "$here/package-lock.json" "$work/assetcare-static"
(
    cd "$work/assetcare-static"
    npm pkg set "version=$version" --silent
    npm sbom --sbom-format cyclonedx --package-lock-only --omit dev --silent >"$work/npm.json"
)
for part in python npm; do
    cp "$work/$part.json" "$folder/assetcare-$version.$part.cdx.json"
    echo "$folder/assetcare-$version.$part.cdx.json"
done
