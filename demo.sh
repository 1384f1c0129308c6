#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Postrider, tried out on a Debian 12 or 13 with nothing but its base system.
set -euo pipefail

usage() {
	cat <<'EOF'
./demo.sh          install what is missing, build, start everything privately
                   in ./var on 127.0.0.1, send a mail, show it; leave it running
./demo.sh status   what runs
./demo.sh stop     end all of it

Settings are read from the environment: API_URL or PORT, WORKER_URL or
WORKER_PORT, REDIS_URL, RABBITMQ_URL, SMTP_HOST, SMTP_PORT (yours instead of
private ones), CATCHER_DIR, DEMO_DIR (instead of ./var), and all of
docs/protocol.md.
EOF
}

word=${1:-start}
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

case "$word" in
start)
	"$here/deploy/apt.sh" build run
	"$here/deploy/build.sh" release postrider-api postrider-worker \
		postrider-events
	;;
stop | status) ;;
-h | --help | help) usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac

if [ ! -x /usr/bin/python3 ]; then
	echo "The demo is not running: nothing of it was ever installed."
	exit 0
fi
export PYTHONPATH=$here/deploy PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -m stack "$word"
