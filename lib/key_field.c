/* SPDX-License-Identifier: MIT */
/* The fields of a key as text: one table, by which they are read and written. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "domain_list.h"
#include "key.h"
#include "network_list.h"
#include "timestamp.h"

#define RATE_MAX 1000000
#define QUOTA_MAX INT64_C(1000000000)

static const struct {
	const char *name;
	unsigned scope;
} scopes[] = {
	{ "send", KEY_SEND },
	{ "read", KEY_READ },
	{ "admin", KEY_ADMIN },
};
#define SCOPES (sizeof(scopes) / sizeof(scopes[0]))

static const struct {
	char name;
	int64_t ms;
} periods[] = {
	{ 's', 1000 },
	{ 'm', 60 * 1000 },
	{ 'h', 60 * 60 * 1000 },
	{ 'd', 24 * 60 * 60 * 1000 },
};
#define PERIODS (sizeof(periods) / sizeof(periods[0]))

static char *
copy(const char *text)
{
	char *own = strdup(text);

	if (own == NULL)
		abort();
	return own;
}

/* -- reading fields -------------------------------------------------------- */

/* A whole number from 0 to max at *text, which is moved behind it. 0, or -1. */
static int
read_number(const char **text, int64_t max, int64_t *number)
{
	const char *at = *text;
	int64_t value = 0;

	for (; *at >= '0' && *at <= '9' && value <= max; at++)
		value = value * 10 + (*at - '0');
	if (at == *text || value > max)
		return -1;
	*text = at;
	*number = value;
	return 0;
}

static const char *
set_name(struct key *key, const char *text)
{
	size_t len;

	for (len = 0; text[len] != '\0'; len++)
		if (text[len] < ' ' || text[len] > '~')
			break;
	if (text[len] != '\0' || len == 0 || len > KEY_NAME_MAX)
		return "is not 1 to 64 printable ASCII characters";
	free(key->name);
	key->name = copy(text);
	return NULL;
}

static const char *
set_scopes(struct key *key, const char *text)
{
	unsigned found = 0;
	size_t len, i;

	for (;; text += len) {
		text += strspn(text, " ,");
		len = strcspn(text, " ,");
		if (len == 0)
			break;
		for (i = 0; i < SCOPES; i++)
			if (strlen(scopes[i].name) == len &&
			    memcmp(scopes[i].name, text, len) == 0)
				break;
		if (i == SCOPES)
			return "knows only send, read and admin";
		found |= scopes[i].scope;
	}
	if (found == 0)
		return "needs one of send, read and admin";
	key->scopes = found;
	return NULL;
}

static const char *
set_list(char **list, const char *text,
    const char *(*normalize)(struct buffer *, const char *))
{
	struct buffer out = { 0 };
	const char *why = normalize(&out, text);

	if (why == NULL) {
		free(*list);
		*list = out.len > 0 ? buffer_take(&out) : copy("");
	}
	buffer_free(&out);
	return why;
}

static const char *
set_domains(struct key *key, const char *text)
{
	return set_list(&key->domains, text, domain_list_normalize);
}

static const char *
set_networks(struct key *key, const char *text)
{
	return set_list(&key->networks, text, network_list_normalize);
}

static const char *
set_rate(struct key *key, const char *text)
{
	int64_t number = 0;
	size_t i = 0;

	if (*text != '\0') {
		if (read_number(&text, RATE_MAX, &number) == -1 ||
		    number == 0 || *text++ != '/')
			return "is not a number of requests a time, such as "
			       "10/s, 600/m, 1000/h or 5000/d";
		while (i < PERIODS && periods[i].name != *text)
			i++;
		if (i == PERIODS || text[1] != '\0')
			return "ends in none of /s, /m, /h and /d";
	}
	key->rate = number;
	key->rate_period = number > 0 ? periods[i].ms : 0;
	return NULL;
}

static const char *
set_quota(struct key *key, const char *text)
{
	int64_t number = 0;

	if (*text != '\0' &&
	    (read_number(&text, QUOTA_MAX, &number) == -1 || *text != '\0'))
		return "is not a number of mails a day, 0 to 1000000000";
	key->quota = number;
	return NULL;
}

/* RFC 3339, as people write it, or ms, as Redis has it. */
static const char *
set_time(int64_t *at, const char *text)
{
	int64_t ms = 0;
	const char *end = text;

	if (*text != '\0' &&
	    (read_number(&end, TIMESTAMP_MAX, &ms) == -1 || *end != '\0') &&
	    timestamp_parse(text, strlen(text), &ms) == -1)
		return "is not a time such as 2030-01-31T12:00:00Z";
	*at = ms;
	return NULL;
}

static const char *
set_expiry(struct key *key, const char *text)
{
	return set_time(&key->expires_at, text);
}

static const char *
set_created(struct key *key, const char *text)
{
	return set_time(&key->created_at, text);
}

static const char *
set_revoked(struct key *key, const char *text)
{
	return set_time(&key->revoked_at, text);
}

static const char *
set_digest(struct key *key, const char *text)
{
	if (strlen(text) != sizeof(key->digest) - 1)
		return "is no SHA-256";
	memcpy(key->digest, text, sizeof(key->digest));
	return NULL;
}

/* -- writing fields -------------------------------------------------------- */

static void
write_name(const struct key *key, struct buffer *out)
{
	buffer_add_text(out, key->name);
}

static void
write_scopes(const struct key *key, struct buffer *out)
{
	const char *before = "";
	size_t i;

	for (i = 0; i < SCOPES; i++) {
		if ((key->scopes & scopes[i].scope) == 0)
			continue;
		buffer_add_text(out, before);
		buffer_add_text(out, scopes[i].name);
		before = " ";
	}
}

static void
write_domains(const struct key *key, struct buffer *out)
{
	buffer_add_text(out, key->domains);
}

static void
write_networks(const struct key *key, struct buffer *out)
{
	buffer_add_text(out, key->networks);
}

static void
write_rate(const struct key *key, struct buffer *out)
{
	size_t i = 0;

	if (key->rate == 0)
		return;
	while (periods[i].ms != key->rate_period)
		i++;
	buffer_printf(out, "%" PRId64 "/%c", key->rate, periods[i].name);
}

static void
write_number(int64_t number, struct buffer *out)
{
	if (number > 0)
		buffer_add_number(out, number);
}

static void
write_quota(const struct key *key, struct buffer *out)
{
	write_number(key->quota, out);
}

static void
write_expiry(const struct key *key, struct buffer *out)
{
	write_number(key->expires_at, out);
}

static void
write_created(const struct key *key, struct buffer *out)
{
	write_number(key->created_at, out);
}

static void
write_revoked(const struct key *key, struct buffer *out)
{
	write_number(key->revoked_at, out);
}

static void
write_digest(const struct key *key, struct buffer *out)
{
	buffer_add_text(out, key->digest);
}

/* -- the table ------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *(*set)(struct key *, const char *text);
	void (*write)(const struct key *, struct buffer *);
} fields[] = {
	{ "name", set_name, write_name },
	{ "scopes", set_scopes, write_scopes },
	{ "domains", set_domains, write_domains },
	{ "networks", set_networks, write_networks },
	{ "rate", set_rate, write_rate },
	{ "quota", set_quota, write_quota },
	{ "expires_at", set_expiry, write_expiry },
	{ "created_at", set_created, write_created },
	{ "revoked_at", set_revoked, write_revoked },
	{ "digest", set_digest, write_digest },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

const char *
key_set(struct key *key, const char *field, const char *text)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, field) == 0)
			return fields[i].set(key, text);
	return "is not a field of a key";
}

void
key_each(const struct key *key,
    void (*tell)(void *arg, const char *field, const char *text), void *arg)
{
	struct buffer text = { 0 };
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		buffer_clear(&text);
		fields[i].write(key, &text);
		if (text.len > 0)
			tell(arg, fields[i].name, text.data);
	}
	buffer_free(&text);
}
