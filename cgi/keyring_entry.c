/* SPDX-License-Identifier: MIT */
#include "keyring_entry.h"

#include <stdlib.h>
#include <string.h>

/* -- keys ------------------------------------------------------------------ */

static struct held_key *
held_key(const struct key *key)
{
	return (struct held_key *)(uintptr_t)key; /* its first member */
}

const struct key *
keyring_hold(struct held_key *held)
{
	atomic_fetch_add(&held->holds, 1);
	return &held->key;
}

void
keyring_drop(const struct key *key)
{
	struct held_key *held = held_key(key);

	if (key == NULL || atomic_fetch_sub(&held->holds, 1) > 1)
		return;
	key_free(&held->key);
	free(held);
}

/* -- entries --------------------------------------------------------------- */

bool
keyring_entry_is_fresh(const struct keyring_entry *entry, int64_t now)
{
	return entry->held != NULL && now - entry->looked_at < KEYRING_FRESH;
}

/* Nobody would miss it. */
static bool
is_idle(const struct keyring_entry *entry, int64_t now)
{
	return entry->first == NULL && !entry->looking && !entry->taking &&
	    !keyring_entry_is_fresh(entry, now) &&
	    (entry->mails.have == 0 || now >= entry->mails.ends_at);
}

static void
entry_free(struct keyring_entry *entry)
{
	if (entry->held != NULL)
		keyring_drop(&entry->held->key);
	free(entry);
}

/* The digits of an id are random. */
static struct keyring_entry **
bucket_of(struct keyring_table *table, const char *id)
{
	return &table->buckets[strtoul(id, NULL, 16) % KEYRING_BUCKETS];
}

struct keyring_entry *
keyring_find(struct keyring_table *table, const char *id)
{
	struct keyring_entry *entry = *bucket_of(table, id);

	while (entry != NULL && strcmp(entry->id, id) != 0)
		entry = entry->next;
	return entry;
}

static void
forget_idle(struct keyring_entry **at, int64_t now)
{
	struct keyring_entry *entry;

	while ((entry = *at) != NULL) {
		if (!is_idle(entry, now)) {
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		entry_free(entry);
	}
}

struct keyring_entry *
keyring_find_or_add(struct keyring_table *table, const char *id, int64_t now)
{
	struct keyring_entry *entry = keyring_find(table, id);
	struct keyring_entry **bucket = bucket_of(table, id);

	if (entry != NULL)
		return entry;
	forget_idle(bucket, now);
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		abort();
	memcpy(entry->id, id, strlen(id) + 1);
	entry->end = &entry->first;
	entry->next = *bucket;
	*bucket = entry;
	return entry;
}

void
keyring_table_free(struct keyring_table *table)
{
	struct keyring_entry *entry;
	size_t i;

	for (i = 0; i < KEYRING_BUCKETS; i++)
		while ((entry = table->buckets[i]) != NULL) {
			table->buckets[i] = entry->next;
			entry_free(entry);
		}
}
