#!/bin/bash
# SPDX-License-Identifier: MIT
#
# apt.sh GROUP...: installs what is missing of these groups of packages.txt.
# While apt works, a policy-rc.d forbids it to start any service: Redis,
# RabbitMQ and lighttpd are used privately, never as the system's.
set -euo pipefail

list=$(dirname "$(readlink -f "$0")")/packages.txt
policy=/usr/sbin/policy-rc.d
mark="# temporary, by Postrider's deploy/apt.sh"

missing_packages() {
	local group package
	while read -r group package; do
		case " $* " in *" $group "*) ;; *) continue ;; esac
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" \
			2>/dev/null)" = installed ] || echo "$package"
	done < <(grep -v '^#' "$list")
}

forbid_services() {
	if [ -e "$policy" ] && ! grep -qxF "$mark" "$policy"; then
		mv "$policy" "$policy.postrider"
	fi
	trap restore_policy EXIT
	trap 'exit 130' INT TERM HUP
	printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
	chmod 755 "$policy"
}

restore_policy() {
	rm -f "$policy"
	if [ -e "$policy.postrider" ]; then
		mv "$policy.postrider" "$policy"
	fi
}

install_packages() {
	local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300)
	export DEBIAN_FRONTEND=noninteractive
	forbid_services
	"${apt[@]}" update
	"${apt[@]}" install --no-install-recommends "$@"
}

if [ "$1" = --install ]; then
	shift
	install_packages "$@" </dev/null
	exit
fi

mapfile -t missing < <(missing_packages "$@")
[ "${#missing[@]}" -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null; then
	echo "This is no Debian. Needed: ${missing[*]}" >&2
	exit 1
fi
echo "Installing ${#missing[@]} packages: ${missing[*]}"
if [ "$(id -u)" = 0 ]; then
	"$0" --install "${missing[@]}"
elif command -v sudo >/dev/null; then
	sudo "$0" --install "${missing[@]}"
else
	echo "Only root can install them and there is no sudo. As root, run:" \
		"apt-get install ${missing[*]}" >&2
	exit 1
fi
