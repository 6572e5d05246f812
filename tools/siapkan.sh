# Sourced by mulai.sh and uji.sh: puts a virtual environment beside the checkout's files.
# usage: . tools/siapkan.sh LOCK FOLDER PACKAGES...
#   LOCK      requirements file with hashes
#   FOLDER    where the environment goes
#   PACKAGES  Debian packages the run needs

cd "$(dirname "$0")/.." || exit 1

# What Qt's libraries load that a fresh Debian does not have.
QT_PACKAGES="libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 \
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 \
libxcb-xkb1"

need_packages() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    missing=""
    for package in "$@"; do
        case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" in
            *"install ok installed"*) ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" = 0 ]; then
        echo "Memasang paket sistem:$missing"
        # shellcheck disable=SC2086
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $missing; } >/dev/null
    else
        echo "Paket sistem belum ada. Jalankan dulu:" >&2
        echo "  sudo apt-get update && sudo apt-get install -y$missing" >&2
        exit 1
    fi
}

find_python() {
    for candidate in "${SIKS_PYTHON:-}" python3.11 python3.12 python3.13 python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
            >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

make_environment() {
    lock=$1
    folder=$2
    mark="$folder/.terpasang"
    python=$(find_python) || {
        echo "Python 3.11, 3.12, atau 3.13 belum ada. Jalankan: apt-get install -y python3" >&2
        exit 1
    }
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        need_packages python3-venv
    fi
    if [ ! -f "$mark" ] || ! cmp -s "$lock" "$mark"; then
        "$python" -m venv --clear "$folder"
        echo "Memasang pustaka dari $lock (sekali saja) ..."
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
            --require-hashes --no-deps -r "$lock"
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --editable .
        cp "$lock" "$mark"
    fi
}
