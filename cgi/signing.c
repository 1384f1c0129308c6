/* SPDX-License-Identifier: MIT */
/* A list of words in order, and the question that brings it. */
#include "signing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "store.h"

struct domains {
	char *text; /* what the list points into */
	const char **list;
	size_t len;
};

struct signing {
	struct pipeline_call call;
	atomic_bool asked; /* `call` is on its way */
	pthread_mutex_t lock; /* for this: */
	struct domains domains;
};

/* -- the list -------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
domains_read(struct domains *domains, char *text)
{
	size_t most = strlen(text) / 2 + 1;
	char *word, *rest;

	*domains = (struct domains){ .text = text };
	domains->list = calloc(most, sizeof(*domains->list));
	if (domains->list == NULL)
		abort();
	for (word = strtok_r(text, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		domains->list[domains->len++] = word;
	qsort(domains->list, domains->len, sizeof(*domains->list), compare);
}

static void
domains_free(struct domains *domains)
{
	free(domains->list);
	free(domains->text);
}

static bool
domains_have(const struct domains *domains, const char *domain)
{
	return domains->len > 0 &&
	    bsearch(&domain, domains->list, domains->len,
		sizeof(*domains->list), compare) != NULL;
}

bool
signing_covers(struct signing *signing, const char *domain)
{
	bool covers;

	pthread_mutex_lock(&signing->lock);
	covers = signing->domains.len == 0;
	while (!covers && domain != NULL) {
		covers = domains_have(&signing->domains, domain);
		domain = strchr(domain, '.');
		if (domain != NULL)
			domain++;
	}
	pthread_mutex_unlock(&signing->lock);
	return covers;
}

void
signing_learn(struct signing *signing, const char *text)
{
	struct domains fresh, old;
	char *copy = strdup(text);

	if (copy == NULL)
		abort();
	domains_read(&fresh, copy);
	pthread_mutex_lock(&signing->lock);
	old = signing->domains;
	signing->domains = fresh;
	pthread_mutex_unlock(&signing->lock);
	domains_free(&old);
}

/* -- the question ---------------------------------------------------------- */

/* Of several workers that sign, one that does will do. */
static void
learn_reply(struct signing *signing, const redisReply *reply)
{
	struct buffer text = { 0 };
	size_t i;

	buffer_reserve(&text, 1); /* none are a text, too */
	for (i = 0; i < reply->elements; i++) {
		buffer_add_text(&text, reply->element[i]->str);
		buffer_add_text(&text, " ");
	}
	signing_learn(signing, text.data);
	buffer_free(&text);
}

/* While Redis is away what was known stays. */
static void
answered(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct signing *signing =
	    (void *)((char *)call - offsetof(struct signing, call));

	if (result == PIPELINE_REPLIED && reply->type == REDIS_REPLY_ARRAY)
		learn_reply(signing, reply);
	atomic_store(&signing->asked, false);
}

void
signing_look(struct signing *signing, struct pipeline *reads)
{
	struct store_call script;

	if (atomic_exchange(&signing->asked, true))
		return;
	store_call_begin(&script, STORE_SIGNING);
	pipeline_call_set(&signing->call, &script);
	signing->call.deadline = INT64_MAX; /* nobody waits for it */
	signing->call.done = answered;
	pipeline_send(reads, &signing->call);
}

struct signing *
signing_new(void)
{
	struct signing *signing = calloc(1, sizeof(*signing));

	if (signing == NULL)
		return NULL;
	pthread_mutex_init(&signing->lock, NULL);
	return signing;
}

void
signing_free(struct signing *signing)
{
	if (signing == NULL)
		return;
	pthread_mutex_destroy(&signing->lock);
	domains_free(&signing->domains);
	free(signing);
}
