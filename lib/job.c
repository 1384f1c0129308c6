/* SPDX-License-Identifier: MIT */
/* A mail to send, and its JSON. */
#include "job.h"

#include <stdlib.h>
#include <string.h>

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

static char *
copy(const char *text, size_t len)
{
	char *mine = malloc(len + 1);

	if (mine == NULL)
		abort();
	memcpy(mine, text, len);
	mine[len] = '\0';
	return mine;
}

int
job_add_recipient(struct job *job, const char *address, size_t len)
{
	struct recipient *list;

	if (job->recipients_len == JOB_RECIPIENTS_MAX)
		return -1;
	list =
	    realloc(job->recipients, (job->recipients_len + 1) * sizeof(*list));
	if (list == NULL)
		abort();
	job->recipients = list;
	list[job->recipients_len++] =
	    (struct recipient){ .address = copy(address, len) };
	return 0;
}

void
job_clear(struct job *job)
{
	size_t i;

	for (i = 0; i < job->recipients_len; i++) {
		free(job->recipients[i].address);
		free(job->recipients[i].reply);
	}
	free(job->recipients);
	mailbox_free(&job->from);
	free(job->subject);
	free(job->body);
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
encode_from(const struct mailbox *from, struct buffer *out)
{
	const char *p;
	struct buffer text = { 0 };

	if (from->name != NULL) {
		buffer_add_text(&text, "\"");
		for (p = from->name; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				buffer_add_text(&text, "\\");
			buffer_add(&text, p, 1);
		}
		buffer_add_text(&text, "\" <");
	}
	buffer_add_text(&text, from->address);
	if (from->name != NULL)
		buffer_add_text(&text, ">");
	buffer_add_text(out, ",\"from\":");
	buffer_add_json(out, text.data, text.len);
	buffer_free(&text);
}

void
job_encode(const struct job *job, struct buffer *out)
{
	char time[TIMESTAMP_SIZE];
	size_t i;

	buffer_add_text(out, "{\"job_id\":");
	buffer_add_json_text(out, job->id);
	if (job->from.address != NULL)
		encode_from(&job->from, out);
	buffer_add_text(out, ",\"to\":[");
	for (i = 0; i < job->recipients_len; i++) {
		if (i > 0)
			buffer_add_text(out, ",");
		buffer_add_json_text(out, job->recipients[i].address);
	}
	buffer_add_text(out, "],\"subject\":");
	buffer_add_json_text(out, job->subject != NULL ? job->subject : "");
	buffer_add_text(out, ",\"body\":");
	buffer_add_json(out, job->body != NULL ? job->body : "", job->body_len);
	if (job->created_at > 0) {
		timestamp_format(time, job->created_at);
		buffer_add_text(out, ",\"created_at\":");
		buffer_add_json_text(out, time);
	}
	buffer_add_text(out, "}");
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
		buffer_add_text(out, recipient_state_names[r->state]);
		buffer_add_text(out, "\",\"code\":");
		buffer_add_number(out, r->code);
		buffer_add_text(out, ",\"reply\":");
		buffer_add_json_text(out, r->reply);
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "]");
}

/* -- reading ------------------------------------------------------------- */

/* A string member, or NULL when it is missing or no string. */
static const char *
member_text(json_object *object, const char *name, size_t *len)
{
	json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	*len = (size_t)json_object_get_string_len(value);
	return json_object_get_string(value);
}

static struct recipient *
recipient_find(struct job *job, const char *address)
{
	size_t i;

	for (i = 0; address != NULL && i < job->recipients_len; i++)
		if (strcmp(job->recipients[i].address, address) == 0)
			return &job->recipients[i];
	return NULL;
}

/*
 * One address of the payload: a mailbox, of which the address counts, and counts
 * once: results name recipients by it.
 */
static const char *
decode_recipient(struct job *job, json_object *value)
{
	struct mailbox box;
	int added = 0;

	if (!json_object_is_type(value, json_type_string))
		return "to is neither a string nor a list of strings";
	if (mailbox_parse(&box, json_object_get_string(value),
		(size_t)json_object_get_string_len(value)) != ADDRESS_OK)
		return "to holds something that is no address";
	if (recipient_find(job, box.address) == NULL)
		added =
		    job_add_recipient(job, box.address, strlen(box.address));
	mailbox_free(&box);
	return added == 0 ? NULL : "more than 50 recipients";
}

static const char *
decode_to(struct job *job, json_object *payload)
{
	const char *fault = NULL;
	json_object *to;
	size_t i;

	if (!json_object_object_get_ex(payload, "to", &to))
		return "no to";
	if (!json_object_is_type(to, json_type_array))
		return decode_recipient(job, to);
	for (i = 0; fault == NULL && i < json_object_array_length(to); i++)
		fault = decode_recipient(job, json_object_array_get_idx(to, i));
	if (fault == NULL && job->recipients_len == 0)
		fault = "to is empty";
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
	text = member_text(payload, name, &len);
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

	text = member_text(payload, "from", &len);
	if (text != NULL && len > 0 &&
	    mailbox_parse(&job->from, text, len) != ADDRESS_OK)
		return "from is no mailbox";
	text = member_text(payload, "subject", &len);
	if (text == NULL)
		return "no subject";
	if (len > JOB_SUBJECT_MAX || strlen(text) != len ||
	    strpbrk(text, "\r\n") != NULL)
		return "subject is too long or holds a line end or NUL";
	job->subject = copy(text, len);
	text = member_text(payload, "body", &len);
	if (text == NULL)
		text = member_text(payload, "text", &len);
	if (text == NULL)
		return "no body";
	job->body = copy(text, len);
	job->body_len = len;
	return NULL;
}

static const char *
decode(struct job *job, json_object *payload)
{
	const char *id, *fault;
	size_t len;

	if (!json_object_is_type(payload, json_type_object))
		return "not a JSON object";
	id = member_text(payload, "job_id", &len);
	if (id == NULL)
		return "no job_id";
	if (!id_is_valid(id, len))
		return "job_id is not 1-64 of [A-Za-z0-9._-]";
	memcpy(job->id, id, len);
	fault = decode_to(job, payload);
	if (fault == NULL)
		fault = decode_texts(job, payload);
	job->created_at = decode_time(payload, "created_at");
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

static void
decode_result(struct job *job, json_object *row)
{
	json_object *code;
	const char *text;
	struct recipient *r;
	size_t len;

	r = recipient_find(job, member_text(row, "address", &len));
	if (r == NULL)
		return;
	text = member_text(row, "state", &len);
	if (text != NULL)
		r->state = (enum recipient_state)find(recipient_state_names,
		    RECIPIENT_STATE__MAX, text, len);
	if (text == NULL || r->state == RECIPIENT_STATE__MAX)
		r->state = RECIPIENT_WAITING;
	if (json_object_object_get_ex(row, "code", &code))
		r->code = json_object_get_int(code);
	text = member_text(row, "reply", &len);
	if (text != NULL) {
		free(r->reply);
		r->reply = copy(text, len);
	}
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
