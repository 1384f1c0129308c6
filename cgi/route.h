/* SPDX-License-Identifier: MIT */
/*
 * Which handler answers a method and a path. A pattern is a path in which one
 * segment may be {id}. HEAD is taken where GET is. Pure.
 */
#ifndef POSTRIDER_ROUTE_H
#define POSTRIDER_ROUTE_H

#include <stddef.h>

struct request;

struct route {
	const char *method;
	const char *pattern;
	void (*handle)(struct request *);
	/* What its key needs; left out, it is KEY_ADMIN. */
	enum route_access {
		ACCESS_ADMIN,
		ACCESS_READ,
		ACCESS_SEND,
		ACCESS_KEY, /* any key */
		ACCESS_METRICS, /* as READ; no key with METRICS_PUBLIC=on */
		ACCESS_OPEN /* no key at all */
	} access;
};

enum route_result {
	ROUTE_FOUND,
	ROUTE_NO_PATH, /* 404 */
	ROUTE_NO_METHOD /* 405; `allow` tells which there are */
};

#define ROUTE_ALLOW_SIZE 64

struct route_match {
	const struct route *route;
	const char *id; /* what stands at {id}, in the path; or "" */
	size_t id_len;
	char allow[ROUTE_ALLOW_SIZE]; /* "GET, HEAD, POST" */
};

/* Bits of key_scope; ACCESS_OPEN: 0. */
unsigned route_scopes(enum route_access);

enum route_result route_find(const struct route *table, size_t table_len,
    const char *method, const char *path, struct route_match *match);

#endif
