/* SPDX-License-Identifier: MIT */
/* A mail to send, and its JSON. */
#include "job.h"

#include <stdlib.h>
#include <string.h>

#include "characters.h"
#include "extras.h"
#include "json_text.h"
#include "literal.h"
#include "timestamp.h"

const char *const job_status_names[JOB_STATUS__MAX] = {
	[JOB_QUEUED] = "queued",
	[JOB_SCHEDULED] = "scheduled",
	[JOB_PROCESSING] = "processing",
	[JOB_RETRYING] = "retrying",
	[JOB_COMPLETED] = "completed",
	[JOB_FAILED] = "failed",
	[JOB_CANCELLED] = "cancelled",
	[JOB_UNKNOWN] = "unknown",
};

const char *const recipient_state_names[RECIPIENT_STATE__MAX] = {
	[RECIPIENT_WAITING] = "waiting",
	[RECIPIENT_TAKEN] = "taken",
	[RECIPIENT_REFUSED] = "refused",
	[RECIPIENT_SUPPRESSED] = "suppressed",
};

const char *const recipient_role_names[RECIPIENT_ROLE__MAX] = {
	[RECIPIENT_TO] = "to",
	[RECIPIENT_CC] = "cc",
	[RECIPIENT_BCC] = "bcc",
};

static int
find(const char *const *names, int max, const char *name, size_t len)
{
	int i;

	for (i = 0; i < max; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			break;
	return i;
}

enum job_status
job_status_find(const char *name, size_t len)
{
	return (
	    enum job_status)find(job_status_names, JOB_STATUS__MAX, name, len);
}

static struct recipient *
recipient_find(struct job *job, const char *address)
{
	size_t i;

	for (i = 0; address != NULL && i < job->recipients_len; i++)
		if (address_is_same(job->recipients[i].address, address))
			return &job->recipients[i];
	return NULL;
}

int
job_add_mailbox(struct job *job, enum recipient_role role, struct mailbox *box)
{
	struct recipient *r = recipient_find(job, box->address);

	if (r == NULL && job->recipients_len == JOB_RECIPIENTS_MAX) {
		mailbox_free(box);
		return -1;
	}
	if (r == NULL) {
		job->recipients = realloc(job->recipients,
		    (job->recipients_len + 1) * sizeof(*r));
		if (job->recipients == NULL)
			abort();
		r = &job->recipients[job->recipients_len++];
		*r = (struct recipient){ .address = box->address,
			.name = box->name,
			.role = role };
		memset(box, 0, sizeof(*box));
	} else if (role < r->role) {
		r->role = role; /* where others see him */
	}
	job->roles_differ = job->roles_differ || role != RECIPIENT_TO;
	mailbox_free(box);
	return 0;
}

int
job_add_recipient(struct job *job, const char *address, size_t len)
{
	struct mailbox box = { NULL, json_text_copy(address, len) };

	return job_add_mailbox(job, RECIPIENT_TO, &box);
}

bool
job_has_files(const struct job *job)
{
	return job->extras != NULL && job->extras->attachments_len > 0;
}

void
job_clear(struct job *job)
{
	size_t i;

	for (i = 0; i < job->recipients_len; i++) {
		free(job->recipients[i].address);
		free(job->recipients[i].name);
		free(job->recipients[i].reply);
	}
	free(job->recipients);
	mailbox_free(&job->from);
	free(job->subject);
	free(job->body);
	free(job->tracestate);
	extras_free(job->extras);
	memset(job, 0, sizeof(*job));
}

size_t
job_count(const struct job *job, enum recipient_state state)
{
	size_t i, n = 0;

	for (i = 0; i < job->recipients_len; i++)
		n += job->recipients[i].state == state;
	return n;
}

/* -- writing ----------------------------------------------------------- */

static void
encode_mailboxes(const struct job *job, enum recipient_role role,
    const char *begin, struct buffer *out)
{
	const struct recipient *r;
	struct mailbox box;
	bool first = true;
	size_t i;

	for (i = 0; i < job->recipients_len; i++) {
		r = &job->recipients[i];
		if (r->role != role)
			continue;
		buffer_add_text(out, first ? begin : ",");
		first = false;
		box = (struct mailbox){ r->name, r->address };
		mailbox_add_json(out, &box);
	}
	if (!first)
		buffer_add_text(out, "]");
}

void
job_encode_role(const struct job *job, enum recipient_role role,
    struct buffer *out)
{
	encode_mailboxes(job, role, "[", out);
}

void
job_encode(const struct job *job, struct buffer *out)
{
	char time[TIMESTAMP_SIZE];

	buffer_add_text(out, "{\"job_id\":");
	buffer_add_json_text(out, job->id);
	if (job->from.address != NULL) {
		buffer_add_text(out, ",\"from\":");
		mailbox_add_json(out, &job->from);
	}
	encode_mailboxes(job, RECIPIENT_TO, ",\"to\":[", out);
	if (job->roles_differ) {
		encode_mailboxes(job, RECIPIENT_CC, ",\"cc\":[", out);
		encode_mailboxes(job, RECIPIENT_BCC, ",\"bcc\":[", out);
	}
	buffer_add_text(out, ",\"subject\":");
	buffer_add_json_text(out, job->subject != NULL ? job->subject : "");
	if (job->body != NULL) {
		buffer_add_text(out, ",\"body\":");
		buffer_add_json(out, job->body, job->body_len);
	}
	if (job->created_at > 0) {
		timestamp_format(time, job->created_at);
		buffer_add_text(out, ",\"created_at\":");
		buffer_add_json_text(out, time);
	}
	if (job->traceparent[0] != '\0') {
		buffer_add_text(out, ",\"traceparent\":");
		buffer_add_json_text(out, job->traceparent);
	}
	if (job->tracestate != NULL) {
		buffer_add_text(out, ",\"tracestate\":");
		buffer_add_json_text(out, job->tracestate);
	}
	if (job->extras != NULL)
		extras_encode(job->extras, out);
	buffer_add_text(out, "}");
	if (job_has_files(job) && job->extras->files != NULL) {
		buffer_add(out, "", 1);
		buffer_add(out, job->extras->files, job->extras->files_len);
	}
}

void
job_encode_to(const struct job *job, struct buffer *out)
{
	bool first = true;
	size_t i;

	buffer_add_text(out, "[");
	for (i = 0; i < job->recipients_len; i++) {
		if (job->recipients[i].role != RECIPIENT_TO)
			continue;
		if (!first)
			buffer_add_text(out, ",");
		first = false;
		buffer_add_json_text(out, job->recipients[i].address);
	}
	buffer_add_text(out, "]");
}

/* Workers of before the suppression list know no more: they would send it. */
static enum recipient_state
kept_as(enum recipient_state state)
{
	return state == RECIPIENT_SUPPRESSED ? RECIPIENT_REFUSED : state;
}

void
job_encode_results(const struct job *job, struct buffer *out)
{
	const struct recipient *r;
	size_t i;

	buffer_add_text(out, "[");
	for (i = 0; i < job->recipients_len; i++) {
		r = &job->recipients[i];
		buffer_add_text(out,
		    i > 0 ? ",{\"address\":" : "{\"address\":");
		buffer_add_json_text(out, r->address);
		buffer_add_text(out, ",\"state\":\"");
		buffer_add_text(out, recipient_state_names[kept_as(r->state)]);
		buffer_add_text(out, "\",\"code\":");
		buffer_add_number(out, r->code);
		buffer_add_text(out, ",\"reply\":");
		buffer_add_json_text(out, r->reply);
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "]");
}

/* -- reading ------------------------------------------------------------- */

/* The texts of a field's faults. */
static const struct {
	const char *type, *address;
} role_faults[RECIPIENT_ROLE__MAX] = {
	[RECIPIENT_TO] = { "to is neither a string nor a list of strings",
	    "to holds something that is no address" },
	[RECIPIENT_CC] = { "cc is neither a string nor a list of strings",
	    "cc holds something that is no address" },
	[RECIPIENT_BCC] = { "bcc is neither a string nor a list of strings",
	    "bcc holds something that is no address" },
};

static const char *
decode_recipient(struct job *job, enum recipient_role role, json_object *value)
{
	struct mailbox box;

	if (!json_object_is_type(value, json_type_string))
		return role_faults[role].type;
	if (mailbox_parse(&box, json_object_get_string(value),
		(size_t)json_object_get_string_len(value)) != ADDRESS_OK)
		return role_faults[role].address;
	return job_add_mailbox(job, role, &box) == 0 ?
	    NULL :
	    "more than " LITERAL(JOB_RECIPIENTS_MAX) " recipients";
}

static const char *
decode_role(struct job *job, enum recipient_role role, json_object *payload)
{
	const char *fault = NULL;
	json_object *list;
	size_t i;

	if (!json_object_object_get_ex(payload, recipient_role_names[role],
		&list))
		return NULL;
	if (!json_object_is_type(list, json_type_array))
		return decode_recipient(job, role, list);
	for (i = 0; fault == NULL && i < json_object_array_length(list); i++)
		fault = decode_recipient(job, role,
		    json_object_array_get_idx(list, i));
	return fault;
}

static const char *
decode_recipients(struct job *job, json_object *payload)
{
	const char *fault = NULL;
	enum recipient_role role;

	for (role = RECIPIENT_TO; fault == NULL && role < RECIPIENT_ROLE__MAX;
	     role++)
		fault = decode_role(job, role, payload);
	if (fault == NULL && job->recipients_len == 0)
		fault = json_object_object_get_ex(payload, "to", NULL) ?
		    "to is empty" :
		    "no to";
	return fault;
}

/* A number of seconds or ms since 1970: what is below the year 5138 in s. */
static int64_t
epoch_ms(double number)
{
	if (!(number > 0) || number > (double)TIMESTAMP_MAX)
		return 0;
	return (int64_t)(number < 1e11 ? number * 1000 : number);
}

static int64_t
decode_time(json_object *payload, const char *name)
{
	json_object *value;
	const char *text;
	int64_t ms = 0;
	size_t len;

	if (!json_object_object_get_ex(payload, name, &value))
		return 0;
	if (json_object_is_type(value, json_type_int) ||
	    json_object_is_type(value, json_type_double))
		return epoch_ms(json_object_get_double(value));
	text = json_text_member(payload, name, &len);
	if (text == NULL)
		return 0;
	if (len > 0 && strspn(text, "0123456789") == len)
		return epoch_ms(strtod(text, NULL));
	return timestamp_parse(text, len, &ms) == 0 ? ms : 0;
}

static const char *
decode_texts(struct job *job, json_object *payload)
{
	const char *text;
	size_t len;

	text = json_text_member(payload, "from", &len);
	if (text != NULL && len > 0 &&
	    mailbox_parse(&job->from, text, len) != ADDRESS_OK)
		return "from is no mailbox";
	text = json_text_member(payload, "subject", &len);
	if (text == NULL)
		return "no subject";
	if (len > JOB_SUBJECT_MAX ||
	    !characters_are(text, len, CHARACTERS_LINE))
		return "subject is too long or holds control characters";
	job->subject = json_text_copy(text, len);
	text = json_text_member(payload, "body", &len);
	if (text == NULL)
		text = json_text_member(payload, "text", &len);
	if (text == NULL && job->extras != NULL && job->extras->html != NULL)
		return NULL;
	if (text == NULL)
		return "no body";
	job->body = json_text_copy(text, len);
	job->body_len = len;
	return NULL;
}

/* A state is one of a trace. */
static void
decode_trace(struct job *job, json_object *payload)
{
	const char *state;
	size_t len;

	traceparent_read(job->traceparent,
	    json_text_member(payload, "traceparent", &len));
	state = job->traceparent[0] != '\0' ?
	    json_text_member(payload, "tracestate", &len) :
	    NULL;
	if (state == NULL || !tracestate_is_valid(state))
		return;
	job->tracestate = strdup(state);
	if (job->tracestate == NULL)
		abort();
}

static const char *
decode(struct job *job, json_object *payload)
{
	const char *id, *fault;
	size_t len;

	if (!json_object_is_type(payload, json_type_object))
		return "not a JSON object";
	id = json_text_member(payload, "job_id", &len);
	if (id == NULL)
		return "no job_id";
	if (!id_is_valid(id, len))
		return "job_id is not 1-64 of [A-Za-z0-9._-]";
	memcpy(job->id, id, len);
	fault = decode_recipients(job, payload);
	if (fault == NULL)
		fault = extras_decode(&job->extras, payload);
	if (fault == NULL)
		fault = decode_texts(job, payload);
	job->created_at = decode_time(payload, "created_at");
	decode_trace(job, payload);
	return fault;
}

int
job_decode(struct job *job, json_object *payload, const char **why)
{
	*why = decode(job, payload);
	if (*why == NULL)
		return 0;
	job_clear(job);
	return -1;
}

/* What no relay says: its replies have a code. */
static bool
was_suppressed(const struct recipient *r)
{
	static const char begin[] = "suppressed: ";

	return r->code == 0 && r->reply != NULL &&
	    strncmp(r->reply, begin, sizeof(begin) - 1) == 0;
}

static void
decode_result(struct job *job, json_object *row)
{
	json_object *code;
	const char *text;
	struct recipient *r;
	size_t len;

	r = recipient_find(job, json_text_member(row, "address", &len));
	if (r == NULL)
		return;
	text = json_text_member(row, "state", &len);
	if (text != NULL)
		r->state = (enum recipient_state)find(recipient_state_names,
		    RECIPIENT_STATE__MAX, text, len);
	if (text == NULL || r->state == RECIPIENT_STATE__MAX)
		r->state = RECIPIENT_WAITING;
	if (json_object_object_get_ex(row, "code", &code))
		r->code = json_object_get_int(code);
	text = json_text_member(row, "reply", &len);
	if (text != NULL) {
		free(r->reply);
		r->reply = json_text_copy(text, len);
	}
	if (r->state == RECIPIENT_REFUSED && was_suppressed(r))
		r->state = RECIPIENT_SUPPRESSED;
}

int
job_decode_results(struct job *job, const char *json, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	json_object *list = json_tokener_parse_ex(tokener, json, (int)len);
	size_t i;
	int result = -1;

	if (json_object_is_type(list, json_type_array)) {
		for (i = 0; i < json_object_array_length(list); i++)
			decode_result(job, json_object_array_get_idx(list, i));
		result = 0;
	}
	json_object_put(list);
	json_tokener_free(tokener);
	return result;
}
