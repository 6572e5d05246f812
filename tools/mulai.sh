#!/bin/sh
# Start SIKS Offline on a ready practice village; installs what it needs the first time.
# usage: tools/mulai.sh [FOLDER]    FOLDER of the practice world, "latihan" unless given
set -eu
. "$(dirname "$0")/siapkan.sh"

# shellcheck disable=SC2086
need_packages $QT_PACKAGES
make_environment requirements/app.lock .venv

world=${1:-latihan}
if [ ! -f "$world/desa/siks.json" ]; then
    echo "Membuat desa dan Dinsos latihan di $world ..."
    .venv/bin/siks latihan "$world" --rumah-tangga 50
fi
echo "Desa latihan siap. Akun: operator. Kata sandi: latihan"
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
    echo "Tidak ada layar di sini, jadi program hanya memeriksa diri:"
    QT_QPA_PLATFORM=offscreen SIKS_KATA_SANDI=latihan \
        .venv/bin/siks-offline --periksa-diri --data "$world"
    exit
fi
exec .venv/bin/siks-offline --data "$world"
