/* SPDX-License-Identifier: MIT */
/*
 * redis://[user][:password@]host[:port][/db], the same with rediss:// for TLS
 * and [?ca=/path], and unix:///path[?db=n]
 */
#ifndef POSTRIDER_REDIS_URL_H
#define POSTRIDER_REDIS_URL_H

#include <stdbool.h>

struct redis_url {
	char *host; /* NULL with a path */
	int port;
	char *path; /* of a unix socket, or NULL */
	char *user; /* NULL: none */
	char *password;
	int db;
	bool tls;
	char *ca; /* file or folder of CAs (ca_path.h); NULL: the system's */
};

/*
 * 0, or -1 with a constant text in `*why` and `*url` zeroed. rediss:// is an
 * error where hiredis has no TLS (redis_tls.h).
 */
int redis_url_parse(struct redis_url *url, const char *text, const char **why);
void redis_url_clear(struct redis_url *url);

#endif
