#!/bin/sh
# Install the archive in a namespace without any network, serve and ask: sh bundle/check.sh ARCHIVE
set -eu
archive=$(realpath "$1")
asked=$(realpath "$(dirname "$0")")/ask.py
if [ -z "${ALONE:-}" ]; then
    for way in "unshare -n" "unshare -rn"; do
        if $way true 2>/dev/null; then
            exec env ALONE=1 $way sh "$0" "$archive"
        fi
    done
    echo "bundle/check.sh: this system lets nobody make a namespace without network; not checked" >&2
    exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ip link set lo up 2>/dev/null || true
if tail -n +3 /proc/net/dev | grep -qv '^ *lo:'; then
    echo "bundle/check.sh: there is a network here" >&2
    exit 1
fi
tar xf "$archive" -C "$folder"
cd "$folder"/youju-*/
env -i PATH="$PATH" HOME="$folder" sh install.sh
env -i PATH="$PATH" HOME="$folder" LANG=C.UTF-8 .venv/bin/python "$asked"
