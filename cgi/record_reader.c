/* SPDX-License-Identifier: MIT */
/* A queue under one lock, and the threads that wait for it. */
#include "record_reader.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "timestamp.h"

#define THREADS 2 /* so that one long search does not hold up all the rest */

const char *const record_reader_state_names[RECORD_READER__MAX] = {
	[RECORD_READER_IDLE] = "idle",
	[RECORD_READER_UP] = "up",
	[RECORD_READER_DOWN] = "down",
};

/* One thread and what it has of the record. */
struct reading {
	struct record_reader *reader;
	pthread_t thread;
	struct record *record; /* NULL: to be opened */
	int64_t retry_at; /* monotonic ms */
	struct presence presence;
	enum record_reader_state state; /* under the reader's lock */
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

/* -- status ------------------------------------------------------------------ */

/* What is worst; IDLE only where no thread has asked. */
static enum record_reader_state
state_of(const struct record_reader *reader)
{
	enum record_reader_state state = RECORD_READER_IDLE;
	size_t i;

	for (i = 0; i < THREADS; i++)
		if (reader->readings[i].state > state)
			state = reader->readings[i].state;
	return state;
}

static void
note_state(struct reading *reading, enum record_reader_state state)
{
	pthread_mutex_lock(&reading->reader->lock);
	reading->state = state;
	pthread_mutex_unlock(&reading->reader->lock);
}

void
record_reader_get_status(struct record_reader *reader,
    struct record_reader_status *status)
{
	pthread_mutex_lock(&reader->lock);
	status->state = state_of(reader);
	pthread_mutex_unlock(&reader->lock);
	outage_why(&record_outage, status->why);
}

/* -- a thread ----------------------------------------------------------------- */

static void
lose(struct reading *reading, const char *why)
{
	presence_lost(&reading->presence, why);
	record_close(reading->record);
	reading->record = NULL;
	reading->retry_at =
	    timestamp_monotonic() + reading->reader->config->reconnect_cap;
	note_state(reading, RECORD_READER_DOWN);
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
	if (reading->record == NULL) {
		lose(reading, why);
		return;
	}
	presence_found(&reading->presence);
	note_state(reading, RECORD_READER_UP);
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

static bool
must_reopen(const struct reading *reading)
{
	return reading->state == RECORD_READER_DOWN &&
	    timestamp_monotonic() >= reading->retry_at;
}

/* For a read; one who lost the record, no longer than to try again. */
static void
wait_for_read(struct reading *reading)
{
	struct record_reader *reader = reading->reader;
	const struct timespec until = { reading->retry_at / 1000,
		reading->retry_at % 1000 * 1000000 };

	/* Who calls looks what it was. */
	if (reading->state == RECORD_READER_DOWN)
		(void)pthread_cond_timedwait(&reader->sent, &reader->lock,
		    &until);
	else
		pthread_cond_wait(&reader->sent, &reader->lock);
}

/* false: it is time to stop. `*next` NULL: to open the record again. */
static bool
next_read(struct reading *reading, struct record_read **next)
{
	struct record_reader *reader = reading->reader;
	struct record_read *read;
	bool stops;

	pthread_mutex_lock(&reader->lock);
	while (
	    reader->first == NULL && !reader->stopping && !must_reopen(reading))
		wait_for_read(reading);
	read = reader->first;
	stops = read == NULL && reader->stopping;
	if (read != NULL) {
		reader->first = read->next;
		if (reader->first == NULL)
			reader->end = &reader->first;
	}
	pthread_mutex_unlock(&reader->lock);
	*next = read;
	return !stops;
}

static void *
run(void *arg)
{
	struct reading *reading = arg;
	struct record_read *read;

	while (next_read(reading, &read)) {
		if (read != NULL)
			run_read(reading, read);
		else
			open_record(reading);
	}
	record_close(reading->record);
	return NULL;
}

struct record_reader *
record_reader_new(const struct config *config)
{
	struct record_reader *reader = calloc(1, sizeof(*reader));
	struct reading *reading;
	pthread_condattr_t monotonic;

	if (reader == NULL)
		return NULL;
	reader->config = config;
	reader->end = &reader->first;
	pthread_mutex_init(&reader->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&reader->sent, &monotonic);
	pthread_condattr_destroy(&monotonic);
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
