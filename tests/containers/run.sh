#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds the images and runs compose.yaml in a Docker engine of its own: that of
# Debian's packages, unpacked under build/containers and not installed. It builds
# in the host's network, and then runs in a namespace where nothing else is.
# Needs root. For an image that cannot be pulled, standins/ has one. Compose is
# both that of Debian 13 (2) and, on a Debian 12, its own (1.29).
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
kept=$root/build/containers
engine=$kept/engine
lib=$engine/usr/lib/$(uname -m)-linux-gnu
state=$(mktemp -d /tmp/postrider-engine.XXXXXX)
packages=(docker.io containerd runc iptables libip4tc2 libip6tc2 libmnl0
	libnetfilter-conntrack3 libnfnetlink0 libnftnl11 libxtables12 tini)
composes=("docker compose")
if [ "$(. /etc/os-release; echo "$VERSION_ID")" = 12 ]; then
	packages+=(docker-compose python3-docker python3-dockerpty
		python3-docopt python3-dotenv python3-jsonschema python3-pyrsistent
		python3-texttable python3-websocket)
	composes+=(docker-compose)
else
	packages+=(docker-cli)
fi
standins=(rabbitmq=rabbitmq:4-management redis=redis:8 postgres=postgres:17
	mailpit=axllent/mailpit:v1.27 jaeger=jaegertracing/all-in-one:1.74.0)
export DOCKER_HOST=unix://$state/docker.sock DOCKER_BUILDKIT=0
export DOCKER_CONFIG=$state/config
export PATH=$engine/path:$engine/usr/sbin:$engine/usr/bin:$PATH
export PYTHONPATH=$engine/usr/lib/python3/dist-packages
daemon=

unpack() {
	[ ! -e "$engine/path" ] || return 0
	mkdir -p "$kept/deb"
	(cd "$kept/deb" && apt-get -q -o APT::Sandbox::User=root download "${packages[@]}" >/dev/null)
	for deb in "$kept"/deb/*.deb; do dpkg -x "$deb" "$engine"; done
	mkdir "$engine/path"
	for name in iptables ip6tables; do
		ln -s ../usr/sbin/xtables-legacy-multi "$engine/path/$name"
	done
}

# start OPTION...: the engine, in a network namespace of its own without options.
start() {
	local alone=(unshare -n)
	[ $# = 0 ] || alone=()
	LD_LIBRARY_PATH=$lib XTABLES_LIBDIR=$lib/xtables \
		"${alone[@]}" "$engine/usr/sbin/dockerd" --data-root "$kept/data" \
		--exec-root "$state/exec" --pidfile "$state/pid" -H "$DOCKER_HOST" \
		--default-ulimit nofile=20000:20000 "$@" >>"$kept/dockerd.log" 2>&1 &
	daemon=$!
	for _ in {1..300}; do
		! docker info >/dev/null 2>&1 || return 0
		kill -0 $daemon || break
		sleep 0.2
	done
	tail -n 20 "$kept/dockerd.log" >&2
	return 1
}

stop() {
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon" || true; }
	daemon=
}

# What the image debian:trixie-slim is made of, and made so.
base() {
	local tree=$state/base
	! docker image inspect debian:trixie-slim >/dev/null 2>&1 || return 0
	! docker pull -q debian:trixie-slim 2>/dev/null || return 0
	echo "stand-in: debian:trixie-slim, by debootstrap"
	debootstrap --variant=minbase trixie "$tree" \
		http://deb.debian.org/debian >"$kept/debootstrap.log"
	printf 'deb http://deb.debian.org/%s main\n' 'debian trixie' \
		'debian trixie-updates' 'debian-security trixie-security' \
		>"$tree/etc/apt/sources.list"
	echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
	rm -rf "$tree"/usr/share/{doc,man,locale,info,lintian}/* \
		"$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*
	tar -C "$tree" --numeric-owner -c . |
		docker import -c 'CMD ["bash"]' - debian:trixie-slim >/dev/null
	rm -rf "$tree"
}

build() {
	docker build -q --network host "$@" >"$kept/build.log" 2>&1 ||
		{ tail -n 30 "$kept/build.log" >&2; return 1; }
}

images() {
	local pair
	base
	for pair in "${standins[@]}"; do
		! docker pull -q "${pair#*=}" 2>/dev/null || continue
		echo "stand-in: ${pair#*=}, tests/containers/standins"
		build --target "${pair%%=*}" -t "${pair#*=}" "$here/standins"
	done
	build --target compose -t postrider-compose "$here/standins"
	build -f "$root/Dockerfile.api" -t postrider-api "$root"
	build -f "$root/Dockerfile.worker" -t postrider-worker "$root"
}

# `docker compose` is a plugin of docker's.
plug_in() {
	local container plugins=$DOCKER_CONFIG/cli-plugins
	mkdir -p "$plugins"
	container=$(docker create postrider-compose)
	docker cp "$container:/usr/libexec/docker/cli-plugins/docker-compose" \
		"$plugins" >/dev/null
	docker rm "$container" >/dev/null
}

# story COMPOSE [--short]: from nothing to nothing.
story() {
	local words=$1
	shift
	echo "with $($words version --short):"
	$words up -d --no-build 2>"$kept/up.log" ||
		{ cat "$kept/up.log" >&2; return 1; }
	nsenter -t "$(cat "$state/pid")" -n "$here/story.py" "$@" $words
	$words down -v >/dev/null 2>&1
}

finish() {
	docker compose down -v >/dev/null 2>&1 || true
	stop
	umount "$state"/exec/netns/* 2>/dev/null || true
	rm -rf "$state"
}

cd "$root"
mkdir -p "$kept"
trap finish EXIT
unpack
start --iptables=false --bridge=none
images
plug_in
"$here/images.py"
stop
start
nsenter -t "$(cat "$state/pid")" -n ip link set lo up
for one in "${composes[@]}"; do
	said=$($one config -q 2>&1) || true
	[ -z "$said" ] || { echo "$one config: $said" >&2; exit 1; }
done
story "docker compose"
for one in "${composes[@]:1}"; do story "$one" --short; done
