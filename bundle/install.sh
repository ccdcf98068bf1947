#!/bin/sh
# Install without a network: sh install.sh [DIR]. It needs the Python named in the file PYTHON, with its venv module.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/.venv}
wanted=$(cat "$here/PYTHON")
python=${PYTHON:-$(command -v "python$wanted" || command -v python3 || true)}
if [ -z "$python" ] || [ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" != "$wanted" ]; then
    echo "Python $wanted is needed, as this archive was made with it: PYTHON=/path/to/python$wanted sh install.sh" >&2
    exit 1
fi
"$python" -m venv "$target"
"$target/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps --no-compile \
    --find-links "$here/wheels" -r "$here/requirements.txt"
echo "Installed. Serve the two articles of seeds/, or your own with \`build\` first:"
echo "  cd $here && $target/bin/youju serve"
