/* SPDX-License-Identifier: MIT */
/* Questions to the DNS that getaddrinfo(3) cannot ask: TXT and PTR. Blocking. */
#ifndef POSTRIDER_DNS_H
#define POSTRIDER_DNS_H

#include <stddef.h>

#define DNS_ANSWERS_MAX 32

struct dns_answers {
	char *text[DNS_ANSWERS_MAX]; /* owned */
	size_t count;
};

enum dns_result {
	DNS_FOUND,
	DNS_NONE, /* there is surely no such record */
	DNS_FAILED /* nobody answered that knows */
};

struct dns;

/* `server`: "192.0.2.1" or "192.0.2.1:53"; NULL: resolv.conf(5)'s. NULL when it
 * is no address. */
struct dns *dns_open(const char *server);
void dns_close(struct dns *); /* NULL is fine */

/* A TXT record's strings are one text (RFC 7208 3.3). */
enum dns_result dns_txt(struct dns *, const char *name, struct dns_answers *);
/* The names of an address, "192.0.2.1" or "2001:db8::1". */
enum dns_result dns_ptr(struct dns *, const char *address,
    struct dns_answers *);
void dns_answers_free(struct dns_answers *);

#endif
