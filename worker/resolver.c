/* SPDX-License-Identifier: MIT */
/* Looking up a host's addresses without holding the loop. */
#include "resolver.h"

#include "id.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct endpoint {
	struct sockaddr_storage address;
	int64_t shunned_until; /* loop time, ms */
};

/* Outlives the resolver when that is freed during a look-up. */
struct lookup {
	uv_getaddrinfo_t request;
	struct resolver *resolver; /* NULL: nobody wants the answer */
};

struct resolver {
	uv_loop_t *loop;
	const struct config *config; /* borrowed: smtp_dns_ttl, smtp_shun */
	char *host;
	bool literal;
	struct lookup *lookup; /* under way */
	struct resolver_wait *waiting;
	int64_t good_until; /* loop time, ms */
	size_t len;
	struct endpoint endpoints[RESOLVER_ENDPOINTS_MAX];
};

static int64_t
loop_time(const struct resolver *resolver)
{
	return (int64_t)uv_now(resolver->loop);
}

struct resolver *
resolver_new(uv_loop_t *loop, const struct config *config)
{
	const char *host = config->smtp_host;
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	struct in6_addr address;

	if (resolver == NULL || (resolver->host = strdup(host)) == NULL)
		abort();
	resolver->loop = loop;
	resolver->config = config;
	resolver->literal = inet_pton(AF_INET, host, &address) == 1 ||
	    inet_pton(AF_INET6, host, &address) == 1;
	return resolver;
}

bool
resolver_is_literal(const struct resolver *resolver)
{
	return resolver->literal;
}

/* -- the addresses --------------------------------------------------------- */

/* The same host, whatever the port. */
static bool
is_same(const struct sockaddr *a, const struct sockaddr *b)
{
	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		    ((const struct sockaddr_in *)b)->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	    memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
		&((const struct sockaddr_in6 *)b)->sin6_addr,
		sizeof(struct in6_addr)) == 0;
}

static struct endpoint *
find(struct endpoint *list, size_t len, const struct sockaddr *address)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (is_same((struct sockaddr *)&list[i].address, address))
			return &list[i];
	return NULL;
}

void
resolver_shun(struct resolver *resolver, const struct sockaddr *address)
{
	struct endpoint *endpoint =
	    find(resolver->endpoints, resolver->len, address);

	if (endpoint != NULL)
		endpoint->shunned_until =
		    loop_time(resolver) + resolver->config->smtp_shun;
}

void
resolver_trust(struct resolver *resolver, const struct sockaddr *address)
{
	struct endpoint *endpoint =
	    find(resolver->endpoints, resolver->len, address);

	if (endpoint != NULL)
		endpoint->shunned_until = 0;
}

/* The new answer in place of the old; what is known of an address is kept. */
static void
take_answer(struct resolver *resolver, const struct addrinfo *answer)
{
	struct endpoint fresh[RESOLVER_ENDPOINTS_MAX] = { 0 };
	const struct endpoint *known;
	size_t len = 0;

	for (; answer != NULL && len < RESOLVER_ENDPOINTS_MAX;
	     answer = answer->ai_next) {
		if (answer->ai_addrlen > sizeof(fresh[len].address) ||
		    find(fresh, len, answer->ai_addr) != NULL)
			continue;
		memcpy(&fresh[len].address, answer->ai_addr,
		    answer->ai_addrlen);
		known =
		    find(resolver->endpoints, resolver->len, answer->ai_addr);
		if (known != NULL)
			fresh[len].shunned_until = known->shunned_until;
		len++;
	}
	memcpy(resolver->endpoints, fresh, len * sizeof(*fresh));
	resolver->len = len;
	resolver->good_until =
	    loop_time(resolver) + resolver->config->smtp_dns_ttl;
}

static void
shuffle(struct endpoint *list, size_t len)
{
	struct endpoint other;
	size_t i, j;

	for (i = len; i > 1; i--) {
		j = id_random() % i;
		other = list[i - 1];
		list[i - 1] = list[j];
		list[j] = other;
	}
}

static void
write_endpoint(struct buffer *out, const struct endpoint *endpoint)
{
	char text[INET6_ADDRSTRLEN] = "";
	const struct sockaddr *address =
	    (const struct sockaddr *)&endpoint->address;

	(void)uv_ip_name(address, text, sizeof(text)); /* large enough */
	buffer_printf(out, address->sa_family == AF_INET6 ? "[%s]" : "%s",
	    text);
}

void
resolver_write(struct resolver *resolver, struct buffer *out)
{
	const int64_t now = loop_time(resolver);
	size_t i, shunned = 0, written = 0;

	shuffle(resolver->endpoints, resolver->len);
	for (i = 0; i < resolver->len; i++)
		if (resolver->endpoints[i].shunned_until > now)
			shunned++;
	for (i = 0; i < resolver->len; i++) {
		if (resolver->endpoints[i].shunned_until > now &&
		    shunned < resolver->len)
			continue;
		if (written++ > 0)
			buffer_add(out, ",", 1);
		write_endpoint(out, &resolver->endpoints[i]);
	}
}

/* -- the look-up ----------------------------------------------------------- */

/* Each may ask again from inside its call: the list is taken off first. */
static void
tell_all(struct resolver *resolver, const char *error)
{
	struct resolver_wait *wait = resolver->waiting, *next;

	resolver->waiting = NULL;
	for (; wait != NULL; wait = next) {
		next = wait->next;
		wait->done(wait, error);
	}
}

static void
on_answer(uv_getaddrinfo_t *request, int status, struct addrinfo *answer)
{
	struct lookup *lookup = request->data;
	struct resolver *resolver = lookup->resolver;

	if (resolver != NULL) {
		resolver->lookup = NULL;
		if (status == 0)
			take_answer(resolver, answer);
		tell_all(resolver,
		    resolver->len > 0 ? NULL : uv_strerror(status));
	}
	uv_freeaddrinfo(answer);
	free(lookup);
}

static int
look_up(struct resolver *resolver)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	int error;

	if (lookup == NULL)
		abort();
	lookup->resolver = resolver;
	lookup->request.data = lookup;
	error = uv_getaddrinfo(resolver->loop, &lookup->request, on_answer,
	    resolver->host, NULL, &hints);
	if (error != 0)
		free(lookup);
	else
		resolver->lookup = lookup;
	return error;
}

void
resolver_ask(struct resolver *resolver, struct resolver_wait *wait)
{
	int error = 0;

	if (resolver->literal ||
	    (resolver->len > 0 && resolver->good_until > loop_time(resolver))) {
		wait->done(wait, NULL);
		return;
	}
	if (resolver->lookup == NULL && (error = look_up(resolver)) != 0) {
		wait->done(wait, uv_strerror(error));
		return;
	}
	wait->next = resolver->waiting;
	resolver->waiting = wait;
}

void
resolver_cancel(struct resolver *resolver, struct resolver_wait *wait)
{
	struct resolver_wait **at = &resolver->waiting;

	while (*at != NULL && *at != wait)
		at = &(*at)->next;
	if (*at != NULL)
		*at = wait->next;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver->lookup != NULL) {
		resolver->lookup->resolver = NULL;
		/* Fails when a thread has begun it: then it just ends. */
		(void)uv_cancel((uv_req_t *)&resolver->lookup->request);
	}
	free(resolver->host);
	free(resolver);
}
