#!/bin/sh
# After an installation the service is not started: it has no settings yet. After an upgrade it is restarted if it runs.
# A service that does not start fails no installation.
set -e
[ -d "${DPKG_ROOT:-}/run/systemd/system" ] || exit 0
version=$(systemctl --version | sed -n 's/^systemd \([0-9]*\).*/\1/p')
if [ "${version:-0}" -lt 251 ]; then
    echo "portico: the unit needs systemd 251 or newer (found ${version:-an unknown version}): see \"Install and upgrade\" in \
/usr/share/doc/portico/docs/deploy.md." >&2
fi
systemctl daemon-reload || true
systemctl try-restart portico.service || echo "portico: the service did not start again: see journalctl -u portico." >&2
