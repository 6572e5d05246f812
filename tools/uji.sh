#!/bin/sh
# Run every check of the project; installs what they need the first time.
# usage: tools/uji.sh [pytest arguments]
set -eu
. "$(dirname "$0")/siapkan.sh"

# shellcheck disable=SC2086
need_packages $QT_PACKAGES age openssh-client unzip postgresql poppler-utils strace
make_environment requirements/test.lock .venv-uji

bin=.venv-uji/bin
export QT_QPA_PLATFORM=offscreen
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/lint-imports
exec $bin/pytest -n "${SIKS_UJI_INTI:-2}" --dist loadscope --cov --cov-report=term:skip-covered "$@"
