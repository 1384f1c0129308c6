/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buffer.h"
#include "version.h"

#define SHOWN_MAX 500 /* bytes of a body that is no JSON */
#define STREAM_SILENT 90L /* s: a live stream says something every 25 */

struct stream {
	int (*take)(void *arg, const char *bytes, size_t len);
	void *arg;
	CURL *curl;
	struct buffer refused; /* the body of an answer that is not 200 */
	bool ended; /* by take() */
};

/* -- paths ------------------------------------------------------------------ */

static void
add_encoded(struct buffer *path, const char *text)
{
	char *encoded = curl_easy_escape(NULL, text, 0);

	if (encoded == NULL)
		abort();
	buffer_add_text(path, encoded);
	curl_free(encoded);
}

void
client_add_query(struct buffer *path, const char *name, const char *value)
{
	buffer_add_text(path, strchr(path->data, '?') == NULL ? "?" : "&");
	buffer_add_text(path, name);
	buffer_add_text(path, "=");
	add_encoded(path, value);
}

void
client_add_segment(struct buffer *path, const char *segment)
{
	buffer_add_text(path, "/");
	add_encoded(path, segment);
}

/* -- what went wrong -------------------------------------------------------- */

static enum command_status
status_of(long status)
{
	if (status >= 200 && status < 300)
		return COMMAND_DONE;
	if (status == 401 || status == 403)
		return COMMAND_DENIED;
	if (status == 429 || status == 500 || status >= 502)
		return COMMAND_UNREACHABLE;
	return COMMAND_REFUSED;
}

static void
say(const char *text, size_t len)
{
	struct buffer shown = { 0 };

	buffer_add_escaped(&shown, text, len, SHOWN_MAX);
	fprintf(stderr, "postrider: %s\n",
	    shown.data == NULL ? "" : shown.data);
	buffer_free(&shown);
}

static void
tell_problem(const struct ctl *ctl, long status, const struct buffer *body)
{
	struct json_object *problem = NULL, *message;
	struct buffer line = { 0 };

	if (body->len > 0)
		problem = json_tokener_parse(body->data);
	if (problem != NULL && ctl->json) {
		fprintf(stderr, "%s\n",
		    json_object_to_json_string_ext(problem,
			JSON_C_TO_STRING_PLAIN |
			    JSON_C_TO_STRING_NOSLASHESCAPE));
	} else if (json_object_object_get_ex(problem, "message", &message)) {
		buffer_add_text(&line, json_object_get_string(message));
		if (status == 401 && ctl->config->api_key[0] == '\0')
			buffer_add_text(&line,
			    " (set POSTRIDER_API_KEY or "
			    "POSTRIDER_API_KEY_FILE)");
		say(line.data, line.len);
	} else {
		buffer_printf(&line, "%s answered %ld: %s",
		    ctl->config->api_url, status,
		    body->len > 0 ? body->data : "");
		say(line.data, line.len);
	}
	json_object_put(problem);
	buffer_free(&line);
}

static enum command_status
tell_failure(const struct ctl *ctl, CURLcode code, const char *why)
{
	struct buffer line = { 0 };

	buffer_printf(&line, "%s does not answer: %s", ctl->config->api_url,
	    why[0] != '\0' ? why : curl_easy_strerror(code));
	say(line.data, line.len);
	buffer_free(&line);
	return COMMAND_UNREACHABLE;
}

/* -- asking ----------------------------------------------------------------- */

static size_t
keep(char *bytes, size_t one, size_t len, void *arg)
{
	(void)one;
	buffer_add(arg, bytes, len);
	return len;
}

static struct curl_slist *
with_header(struct curl_slist *headers, const char *line)
{
	headers = curl_slist_append(headers, line);
	if (headers == NULL)
		abort();
	return headers;
}

static struct curl_slist *
make_headers(const struct ctl *ctl, const struct client_call *call)
{
	struct curl_slist *headers = with_header(NULL, "Expect:");
	struct buffer line = { 0 };

	if (ctl->config->api_key[0] != '\0') {
		buffer_printf(&line, "Authorization: Bearer %s",
		    ctl->config->api_key);
		headers = with_header(headers, line.data);
	}
	/* Without a body it has no type, nor that of forms. */
	headers = with_header(headers,
	    call->body != NULL ? "Content-Type: application/json" :
				 "Content-Type:");
	if (call->header != NULL)
		headers = with_header(headers, call->header);
	buffer_free(&line);
	return headers;
}

/* NULL is told by abort(): there is no memory. */
static CURL *
open_call(const struct ctl *ctl, const struct client_call *call, char *why)
{
	CURL *curl = curl_easy_init();
	struct buffer url = { 0 };
	const char *body;

	if (curl == NULL)
		abort();
	buffer_add_text(&url, ctl->config->api_url);
	while (url.len > 0 && url.data[url.len - 1] == '/')
		url.data[--url.len] = '\0';
	buffer_add_text(&url, call->path);
	curl_easy_setopt(curl, CURLOPT_URL, url.data);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	curl_easy_setopt(curl, CURLOPT_USERAGENT,
	    "postrider/" POSTRIDER_VERSION);
	if (call->body != NULL || strcmp(call->method, "POST") == 0) {
		body = call->body == NULL ?
		    "" :
		    json_object_to_json_string_ext(call->body,
			JSON_C_TO_STRING_PLAIN);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)strlen(body));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	buffer_free(&url);
	return curl;
}

enum command_status
client_ask(const struct ctl *ctl, const struct client_call *call,
    struct json_object **answer)
{
	char why[CURL_ERROR_SIZE] = "";
	CURL *curl = open_call(ctl, call, why);
	struct curl_slist *headers = make_headers(ctl, call);
	struct buffer body = { 0 };
	enum command_status result;
	CURLcode code;
	long status = 0;

	*answer = NULL;
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)ctl->config->api_timeout);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK) {
		result = tell_failure(ctl, code, why);
		goto out;
	}
	result = status_of(status);
	if (result == COMMAND_DONE && body.len > 0)
		*answer = json_tokener_parse(body.data);
	if (result != COMMAND_DONE || *answer == NULL) {
		tell_problem(ctl, status, &body);
		if (result == COMMAND_DONE)
			result = COMMAND_REFUSED;
	}
out:
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	buffer_free(&body);
	return result;
}

enum command_status
client_get(const struct ctl *ctl, const char *path, struct json_object **answer)
{
	return client_ask(ctl, &(struct client_call){ "GET", path, NULL, NULL },
	    answer);
}

/* -- a stream --------------------------------------------------------------- */

static size_t
pass_on(char *bytes, size_t one, size_t len, void *arg)
{
	struct stream *stream = arg;
	long status = 0;

	(void)one;
	curl_easy_getinfo(stream->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		buffer_add(&stream->refused, bytes, len);
		return len;
	}
	stream->ended = stream->take(stream->arg, bytes, len) != 0;
	return stream->ended ? 0 : len;
}

enum command_status
client_stream(const struct ctl *ctl, const char *path,
    int (*take)(void *arg, const char *bytes, size_t len), void *arg)
{
	const struct client_call call = { "GET", path, NULL,
		"Accept: text/event-stream" };
	char why[CURL_ERROR_SIZE] = "";
	struct stream stream = { .take = take, .arg = arg };
	struct curl_slist *headers = make_headers(ctl, &call);
	enum command_status result = COMMAND_DONE;
	CURLcode code;
	long status = 0;

	stream.curl = open_call(ctl, &call, why);
	curl_easy_setopt(stream.curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(stream.curl, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)ctl->config->api_timeout);
	curl_easy_setopt(stream.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(stream.curl, CURLOPT_LOW_SPEED_TIME, STREAM_SILENT);
	curl_easy_setopt(stream.curl, CURLOPT_WRITEFUNCTION, pass_on);
	curl_easy_setopt(stream.curl, CURLOPT_WRITEDATA, &stream);
	code = curl_easy_perform(stream.curl);
	curl_easy_getinfo(stream.curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 0) {
		result = tell_failure(ctl, code, why);
	} else if (status != 200) {
		tell_problem(ctl, status, &stream.refused);
		result = status_of(status);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(stream.curl);
	buffer_free(&stream.refused);
	return result;
}
