/* SPDX-License-Identifier: MIT */
/* A queue under one lock, and the threads that wait for it. */
#include "record_reader.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "outage.h"
#include "timestamp.h"

#define THREADS 2 /* so that one long search does not hold up all the rest */

/* One thread and what it has of the record. */
struct reading {
	struct record_reader *reader;
	pthread_t thread;
	struct record *record; /* NULL: to be opened */
	int64_t retry_at; /* monotonic ms */
	struct presence presence;
};

struct record_reader {
	const struct config *config;
	pthread_mutex_t lock; /* for these: */
	pthread_cond_t sent;
	struct record_read *first, **end;
	bool stopping;

	size_t threads;
	struct reading readings[THREADS];
};

static void
lose(struct reading *reading, const char *why)
{
	presence_lost(&reading->presence, why);
	record_close(reading->record);
	reading->record = NULL;
	reading->retry_at =
	    timestamp_monotonic() + reading->reader->config->reconnect_cap;
}

/* While it is away nobody waits for a connect that fails again. */
static void
open_record(struct reading *reading)
{
	const struct record_options options = {
		.url = reading->reader->config->database_url,
		.timeout = reading->reader->config->record_timeout,
	};
	char why[RECORD_WHY_SIZE];

	if (reading->record != NULL ||
	    timestamp_monotonic() < reading->retry_at)
		return;
	reading->record = record_open(&options, why);
	if (reading->record == NULL)
		lose(reading, why);
	else
		presence_found(&reading->presence);
}

static void
run_read(struct reading *reading, struct record_read *read)
{
	struct record *record;

	open_record(reading);
	record = reading->record;
	read->run(read, record); /* it may be gone after that */
	if (record != NULL && record_why(record)[0] != '\0')
		lose(reading, record_why(record));
}

/* NULL: it is time to stop. */
static struct record_read *
next_read(struct record_reader *reader)
{
	struct record_read *read;

	pthread_mutex_lock(&reader->lock);
	while (reader->first == NULL && !reader->stopping)
		pthread_cond_wait(&reader->sent, &reader->lock);
	read = reader->first;
	if (read != NULL) {
		reader->first = read->next;
		if (reader->first == NULL)
			reader->end = &reader->first;
	}
	pthread_mutex_unlock(&reader->lock);
	return read;
}

static void *
run(void *arg)
{
	struct reading *reading = arg;
	struct record_read *read;

	while ((read = next_read(reading->reader)) != NULL)
		run_read(reading, read);
	record_close(reading->record);
	return NULL;
}

struct record_reader *
record_reader_new(const struct config *config)
{
	struct record_reader *reader = calloc(1, sizeof(*reader));
	struct reading *reading;

	if (reader == NULL)
		return NULL;
	reader->config = config;
	reader->end = &reader->first;
	pthread_mutex_init(&reader->lock, NULL);
	pthread_cond_init(&reader->sent, NULL);
	for (; reader->threads < THREADS; reader->threads++) {
		reading = &reader->readings[reader->threads];
		reading->reader = reader;
		reading->presence.outage = &record_outage;
		reading->presence.connection = "record reader";
		if (pthread_create(&reading->thread, NULL, run, reading) != 0)
			break;
		/* For people who look at threads: it may fail. */
		(void)pthread_setname_np(reading->thread, "record reader");
	}
	if (reader->threads > 0)
		return reader;
	record_reader_free(reader);
	return NULL;
}

void
record_reader_free(struct record_reader *reader)
{
	if (reader == NULL)
		return;
	pthread_mutex_lock(&reader->lock);
	reader->stopping = true;
	pthread_cond_broadcast(&reader->sent);
	pthread_mutex_unlock(&reader->lock);
	while (reader->threads > 0)
		pthread_join(reader->readings[--reader->threads].thread, NULL);
	pthread_cond_destroy(&reader->sent);
	pthread_mutex_destroy(&reader->lock);
	free(reader);
}

void
record_reader_send(struct record_reader *reader, struct record_read *read)
{
	read->next = NULL;
	pthread_mutex_lock(&reader->lock);
	*reader->end = read;
	reader->end = &read->next;
	pthread_cond_signal(&reader->sent);
	pthread_mutex_unlock(&reader->lock);
}
