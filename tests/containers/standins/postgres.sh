#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the real image's entry point does: a cluster with one user and database.
set -eu

data=/var/lib/postgresql/data
if [ ! -e $data/PG_VERSION ]; then
	echo "$POSTGRES_PASSWORD" >/tmp/password
	initdb -D $data -U "$POSTGRES_USER" --pwfile=/tmp/password \
		--auth-local=trust --auth-host=scram-sha-256 \
		--encoding=UTF8 --locale=C.UTF-8
	rm /tmp/password
	echo "host all all all scram-sha-256" >>$data/pg_hba.conf
	echo "CREATE DATABASE $POSTGRES_USER" |
		postgres --single -D $data postgres
fi
exec postgres -D $data -c listen_addresses='*'
