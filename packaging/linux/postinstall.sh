#!/bin/sh
# After an installation the service is not started: it has no settings yet. After an upgrade it is restarted if it runs.
set -e
[ -d "${DPKG_ROOT:-}/run/systemd/system" ] || exit 0
systemctl daemon-reload
systemctl try-restart portico.service
