/* SPDX-License-Identifier: MIT */
/* Rows of jobs, recipients, attempts, terms, and the tally of each minute. */
#include "recording.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "buffer.h"
#include "job.h"
#include "job_record.h"
#include "tally.h"
#include "timestamp.h"
#include "words.h"

/* Statements are constants: record_run() prepares each once. */
static const char put_recipient[] =
    "INSERT INTO recipient (job_id, address, domain, state, code, reply) "
    "VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (job_id, address) DO UPDATE SET state = excluded.state, "
    "code = excluded.code, reply = excluded.reply";
static const char put_attempt[] =
    "INSERT INTO attempt (job_id, seq, attempt, began_at, ended_at, outcome, "
    "code, reply) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (job_id, seq) DO NOTHING";
static const char put_term[] =
    "INSERT INTO term (term, created_at, job_id) VALUES ($1, $2, $3) "
    "ON CONFLICT (term, created_at, job_id) DO NOTHING";
static const char drop_term[] =
    "DELETE FROM term WHERE term = $1 AND created_at = $2 AND job_id = $3";
static const char drop_recipients[] = "DELETE FROM recipient WHERE job_id = $1";
static const char drop_attempts[] = "DELETE FROM attempt WHERE job_id = $1";
static const char drop_job[] = "DELETE FROM job WHERE id = $1";
static const char drop_tally[] = "DELETE FROM tally WHERE minute < $1";

/* One job on its way into the record. */
struct recording {
	struct record *record;
	const struct snapshot *job;
	int64_t had; /* seq that is recorded; 0: none */
	struct tally *tally;
	const char *each_term; /* what to run for each of its terms */
};

static const struct snapshot_text *
field(const struct recording *recording, enum snapshot_field name)
{
	return &recording->job->field[name];
}

static void
add_field(struct record_call *call, const struct recording *recording,
    enum snapshot_field name)
{
	record_call_text(call, field(recording, name)->data,
	    field(recording, name)->len);
}

static int64_t
number(const struct recording *recording, enum snapshot_field name)
{
	return snapshot_number(recording->job, name);
}

/* A member as text, "" when there is none; lives as long as the object. */
static const char *
text_of(json_object *object, const char *name)
{
	json_object *value;

	return json_object_object_get_ex(object, name, &value) &&
		value != NULL ?
	    json_object_get_string(value) :
	    "";
}

static int64_t
number_of(json_object *object, const char *name)
{
	json_object *value;

	return json_object_object_get_ex(object, name, &value) ?
	    json_object_get_int64(value) :
	    0;
}

static void
add_text(struct record_call *call, const char *text)
{
	record_call_text(call, text, strlen(text));
}

/* -- recipients --------------------------------------------------------------- */

static int
write_recipient(const struct recording *recording, const char *address,
    json_object *result)
{
	struct record_call call;

	record_call_begin(&call, put_recipient);
	add_field(&call, recording, SNAPSHOT_ID);
	add_text(&call, address);
	add_text(&call, address_domain(address));
	add_text(&call,
	    result != NULL ? text_of(result, "state") :
			     recipient_state_names[RECIPIENT_WAITING]);
	record_call_number(&call, number_of(result, "code"));
	add_text(&call, text_of(result, "reply"));
	return record_run(recording->record, &call);
}

/* Calls `visit` with each recipient, and with its result once there is one. */
static int
each_recipient(const struct recording *recording,
    int (*visit)(const struct recording *, const char *address,
	json_object *result))
{
	const struct snapshot_text *results =
	    field(recording, SNAPSHOT_RECIPIENTS);
	const struct snapshot_text *to = field(recording, SNAPSHOT_TO);
	const char *text = results->data != NULL ? results->data : to->data;
	json_object *list = text != NULL ? json_tokener_parse(text) : NULL;
	json_object *item;
	size_t i;
	int result = 0;

	for (i = 0; json_object_is_type(list, json_type_array) &&
	     i < json_object_array_length(list) && result == 0;
	     i++) {
		item = json_object_array_get_idx(list, i);
		if (json_object_is_type(item, json_type_object))
			result =
			    visit(recording, text_of(item, "address"), item);
		else if (json_object_is_type(item, json_type_string))
			result = visit(recording, json_object_get_string(item),
			    NULL);
	}
	json_object_put(list);
	return result;
}

/* -- attempts ------------------------------------------------------------------ */

/* An entry of the history; texts borrowed from it. */
struct entry {
	int64_t seq, at, attempt;
	const char *status;
	json_object *json;
};

static void
read_entry(struct entry *entry, json_object *json)
{
	const char *at = text_of(json, "timestamp");

	memset(entry, 0, sizeof(*entry));
	entry->json = json;
	entry->seq = number_of(json, "seq");
	entry->attempt = number_of(json, "attempt");
	entry->status = text_of(json, "status");
	/* Ours, written by job_move(): else it stays 0. */
	(void)timestamp_parse(at, strlen(at), &entry->at);
}

static bool
is_status(const struct entry *entry, enum job_status status)
{
	return strcmp(entry->status, job_status_names[status]) == 0;
}

static int
write_attempt(const struct recording *recording, const struct entry *began,
    const struct entry *ended)
{
	const char *reply = text_of(ended->json, "reply");
	struct record_call call;

	if (reply[0] == '\0')
		reply = text_of(ended->json, "error");
	record_call_begin(&call, put_attempt);
	add_field(&call, recording, SNAPSHOT_ID);
	record_call_number(&call, ended->seq);
	record_call_number(&call, began->attempt);
	record_call_number(&call, began->at);
	record_call_number(&call, ended->at);
	add_text(&call, ended->status);
	record_call_number(&call, number_of(ended->json, "code"));
	add_text(&call, reply);
	return record_run(recording->record, &call);
}

static void
count_change(const struct recording *recording, const struct entry *entry)
{
	const int64_t created_at = number(recording, SNAPSHOT_CREATED_AT);

	if (is_status(entry, JOB_COMPLETED))
		tally_add(recording->tally, entry->at, "sent",
		    entry->at - created_at);
	else if (is_status(entry, JOB_RETRYING))
		tally_add(recording->tally, entry->at, "retried", 0);
	else if (is_status(entry, JOB_FAILED))
		tally_add(recording->tally, entry->at, "failed", 0);
	else if (is_status(entry, JOB_UNKNOWN))
		tally_add(recording->tally, entry->at, "unknown", 0);
}

/* What the record does not have yet of the history's changes. */
static int
write_changes(const struct recording *recording)
{
	json_object *list =
	    json_tokener_parse(field(recording, SNAPSHOT_HISTORY)->data);
	struct entry before = { .status = "" }, entry;
	size_t i;
	int result = 0;

	for (i = 0; json_object_is_type(list, json_type_array) &&
	     i < json_object_array_length(list) && result == 0;
	     i++, before = entry) {
		read_entry(&entry, json_object_array_get_idx(list, i));
		/* The same status again is a note, no outcome. */
		if (entry.seq <= recording->had ||
		    strcmp(entry.status, before.status) == 0)
			continue;
		count_change(recording, &entry);
		/* One that was released was none. */
		if (is_status(&before, JOB_PROCESSING) &&
		    !is_status(&entry, JOB_QUEUED))
			result = write_attempt(recording, &before, &entry);
	}
	json_object_put(list);
	return result;
}

/* -- jobs ----------------------------------------------------------------------- */

static int
run_term(const struct recording *recording, const char *term)
{
	struct record_call call;

	record_call_begin(&call, recording->each_term);
	add_text(&call, term);
	record_call_number(&call, number(recording, SNAPSHOT_CREATED_AT));
	add_field(&call, recording, SNAPSHOT_ID);
	return record_run(recording->record, &call);
}

static int
run_address_terms(const struct recording *recording, const char *address,
    json_object *result)
{
	const char *domain = address_domain(address);

	(void)result;
	if (domain[0] == '\0')
		return 0; /* of an older system's job */
	return run_term(recording, address) == -1 ||
		run_term(recording, domain - 1) == -1 ?
	    -1 :
	    0;
}

/* As "name:value", and "name:" for any value. */
static int
run_tag_term(const struct recording *recording, json_object *tag)
{
	struct buffer term = { 0 };
	const char *name = text_of(tag, "name");
	int result;

	buffer_printf(&term, "%s:", name);
	result = run_term(recording, term.data);
	if (result == 0) {
		buffer_add_text(&term, text_of(tag, "value"));
		result = run_term(recording, term.data);
	}
	buffer_free(&term);
	return result;
}

static int
run_tag_terms(const struct recording *recording)
{
	const char *text = field(recording, SNAPSHOT_TAGS)->data;
	json_object *tags = text != NULL ? json_tokener_parse(text) : NULL;
	size_t i;
	int result = 0;

	for (i = 0; json_object_is_type(tags, json_type_array) &&
	     i < json_object_array_length(tags) && result == 0;
	     i++)
		result =
		    run_tag_term(recording, json_object_array_get_idx(tags, i));
	json_object_put(tags);
	return result;
}

static int
run_terms(const struct recording *recording)
{
	const struct snapshot_text *subject =
	    field(recording, SNAPSHOT_SUBJECT);
	struct words words = { .at = subject->data, .len = subject->len };
	int i;

	for (i = 0; i < WORDS_MAX && words_next(&words); i++)
		if (run_term(recording, words.word) == -1)
			return -1;
	return run_tag_terms(recording) == -1 ?
	    -1 :
	    each_recipient(recording, run_address_terms);
}

/* What never changes, at the first time; then what may have. */
static int
write_job(const struct recording *recording)
{
	if (recording->had >= number(recording, SNAPSHOT_SEQ))
		return 0;
	if (recording->had == 0) {
		tally_add(recording->tally,
		    number(recording, SNAPSHOT_CREATED_AT), "accepted", 0);
		if (run_terms(recording) == -1)
			return -1;
	}
	return job_record_write(recording->record, recording->job) == -1 ||
		each_recipient(recording, write_recipient) == -1 ||
		write_changes(recording) == -1 ?
	    -1 :
	    0;
}

/* The seqs that are recorded. */
struct known {
	const struct snapshot *jobs;
	size_t n;
	int64_t seqs[RECORDING_MAX];
};

static void
note_known(void *arg, const struct record_column *columns)
{
	struct known *known = arg;
	size_t i;

	for (i = 0; i < known->n; i++)
		if (strcmp(known->jobs[i].field[SNAPSHOT_ID].data,
			columns[0].data) == 0)
			known->seqs[i] = strtoll(columns[1].data, NULL, 10);
}

static int
ask_known(struct record *record, struct known *known)
{
	struct buffer sql = { 0 };
	struct record_call call;
	size_t i;
	int result;

	buffer_add_text(&sql, "SELECT id, seq FROM job WHERE id IN (");
	for (i = 0; i < known->n; i++)
		buffer_printf(&sql, "%s$%zu", i > 0 ? ", " : "", i + 1);
	buffer_add_text(&sql, ")");
	record_call_begin(&call, sql.data);
	for (i = 0; i < known->n; i++)
		record_call_text(&call, known->jobs[i].field[SNAPSHOT_ID].data,
		    known->jobs[i].field[SNAPSHOT_ID].len);
	result = record_query(record, &call, note_known, known);
	buffer_free(&sql);
	return result;
}

int
recording_write(struct record *record, const struct snapshot *jobs, size_t n)
{
	struct known known = { .jobs = jobs, .n = n };
	struct tally tally = { 0 };
	struct recording recording = {
		.record = record,
		.tally = &tally,
		.each_term = put_term,
	};
	size_t i;
	int result = record_begin(record);

	if (result == 0)
		result = ask_known(record, &known);
	for (i = 0; i < n && result == 0; i++) {
		recording.job = &jobs[i];
		recording.had = known.seqs[i];
		result = write_job(&recording);
	}
	if (result == 0)
		result = tally_write(&tally, record);
	if (result == 0)
		result = record_commit(record);
	tally_free(&tally);
	return result;
}

/* -- retention ------------------------------------------------------------------ */

static const char old_jobs[] =
    "SELECT " JOB_RECORD_COLUMNS " FROM job WHERE created_at < $1 "
    "AND status IN ('completed', 'failed', 'cancelled', 'unknown') "
    "ORDER BY created_at, id LIMIT $2";

struct old {
	struct snapshot jobs[RECORDING_MAX];
	size_t len;
};

static void
keep_old(void *arg, const struct record_column *columns)
{
	struct old *old = arg;
	struct snapshot *job = &old->jobs[old->len++];

	job_record_read(job, columns);
	snapshot_keep(job);
}

static int
ask_old(struct record *record, int64_t before, struct old *old)
{
	struct record_call call;

	record_call_begin(&call, old_jobs);
	record_call_number(&call, before);
	record_call_number(&call, RECORDING_MAX);
	return record_query(record, &call, keep_old, old);
}

static int
drop_one(const struct recording *recording)
{
	static const char *const statements[] = { drop_recipients,
		drop_attempts, drop_job };
	struct record_call call;
	size_t i;

	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		record_call_begin(&call, statements[i]);
		add_field(&call, recording, SNAPSHOT_ID);
		if (record_run(recording->record, &call) == -1)
			return -1;
	}
	return run_terms(recording);
}

static int
drop_tallies(struct record *record, int64_t before)
{
	struct record_call call;

	record_call_begin(&call, drop_tally);
	record_call_number(&call, before);
	return record_run(record, &call);
}

int
recording_drop(struct record *record, int64_t before)
{
	struct recording recording = {
		.record = record,
		.each_term = drop_term,
	};
	struct old *old = calloc(1, sizeof(*old));
	size_t i;
	int result = record_begin(record);

	if (old == NULL)
		abort();
	if (result == 0)
		result = ask_old(record, before, old);
	for (i = 0; i < old->len && result == 0; i++) {
		recording.job = &old->jobs[i];
		result = drop_one(&recording);
	}
	if (result == 0)
		result = drop_tallies(record, before);
	if (result == 0)
		result = record_commit(record);
	if (result == 0)
		result = (int)old->len;
	for (i = 0; i < old->len; i++)
		snapshot_free(&old->jobs[i]);
	free(old);
	return result;
}
