#!/bin/sh
# dpkg calls this with "remove" or "upgrade", rpm with the number of versions that stay: 0 or 1.
set -e
[ -d "${DPKG_ROOT:-}/run/systemd/system" ] || exit 0
case "$1" in
remove | 0) systemctl disable --now portico.service || true ;;
esac
