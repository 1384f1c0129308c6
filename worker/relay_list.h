/* SPDX-License-Identifier: MIT */
/*
 * SMTP_RELAYS: which relays there are, what is set for each, and which of them
 * may take mail for a domain. Without it there is one, that of SMTP_HOST.
 *
 *	smtp://[user@]host[:port][?name=value[&name=value]...]
 *	smtps://...: tls=implicit, port 465
 *
 * Names: weight domain tls auth password_file token_file ca connections name.
 */
#ifndef POSTRIDER_RELAY_LIST_H
#define POSTRIDER_RELAY_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"

#define RELAY_LIST_MAX 32

/* A set of relays, a bit each by its place in the list. */
typedef uint32_t relay_set;

struct relay_entry {
	char *name; /* "host:port" unless it has a name */
	int64_t weight; /* 0: only when no other one is up */
	char **domains; /* it takes mail for these alone */
	size_t domains_len; /* 0: for all that are nobody's */
	/* The worker's, with the smtp_* of this relay; texts borrowed but those
	 * that are set here. */
	struct config config;
};

struct relay_list {
	struct relay_entry entries[RELAY_LIST_MAX];
	size_t len;
};

/*
 * From config->smtp_relays, a comma list or the path of a file with one a line.
 * 0, or -1 after writing a line for each fault. `config` is borrowed for the
 * list's life. relay_list_free() also after -1.
 */
int relay_list_load(struct relay_list *, const struct config *config,
    FILE *faults);
void relay_list_free(struct relay_list *);

/* Those that may take mail for this domain (in lower case); never none. */
relay_set relay_list_route(const struct relay_list *, const char *domain);

#endif
