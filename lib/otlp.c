/* SPDX-License-Identifier: MIT */
/* A bounded text of spans under a lock, and the thread that posts it. */
#include "otlp.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "log.h"
#include "otlp_settings.h"
#include "span.h"
#include "version.h"

#define BATCH_SIZE (512 * 1024) /* bytes: most batches fit */
#define BATCH 512 /* spans that are sent at once; OTEL_BSP's default */

static const char *const results[] = { "exported", "dropped" };

struct metric metric_spans = {
	.name = "spans",
	.help = "Spans of traces, by what became of them",
	.kind = METRIC_COUNTER,
	.label = "result",
	.values = results,
	.values_len = METRIC_LEN(results),
	.cells = METRIC_CELLS(METRIC_LEN(results)),
};

static struct {
	bool on; /* set before any other thread runs */
	const struct config *config;
	struct buffer url, head;
	pthread_t thread;
	pthread_mutex_t lock; /* for these: */
	pthread_cond_t more;
	struct buffer batch; /* a body but for its end: the head, then spans */
	int64_t count;
	bool stopping;
	/* the thread's own */
	bool failed; /* the last batch: the log was told */
} otlp = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const char body_end[] = "]}]}]}";

bool
otlp_is_on(void)
{
	return otlp.on;
}

bool
otlp_samples(const char *trace, const char *parent)
{
	return otlp_settings_sample(otlp.config, trace, parent);
}

/* -- the thread ------------------------------------------------------------ */

static size_t
ignore(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

/* 0, or -1 with the reason in `why`. */
static int
post(CURL *curl, const struct buffer *body, struct buffer *why)
{
	long status = 0;
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body->len);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK)
		buffer_add_text(why, curl_easy_strerror(code));
	else if (status < 200 || status > 299)
		buffer_printf(why, "it answered %ld", status);
	return why->len == 0 ? 0 : -1;
}

static void
tell(bool failed, const char *why)
{
	if (failed && !otlp.failed)
		log_warning("traces are dropped", "endpoint", otlp.url.data,
		    "why", why, NULL);
	else if (!failed && otlp.failed)
		log_info("traces are taken again", "endpoint", otlp.url.data,
		    NULL);
	otlp.failed = failed;
}

/* A batch becomes a body where it stands. */
static void
export_batch(CURL *curl, struct buffer *batch, int64_t count)
{
	struct buffer why = { 0 };
	bool failed;

	buffer_add_text(batch, body_end);
	failed = post(curl, batch, &why) == -1;
	metrics_add(&metric_spans, failed, count);
	tell(failed, why.data);
	buffer_free(&why);
}

/* Until there is a batch, the delay is over, or it is to end. */
static void
wait_for_more(void)
{
	const int64_t delay = otlp.config->otlp_delay;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec +=
	    delay / 1000 + (until.tv_nsec / 1000000 + delay % 1000) / 1000;
	until.tv_nsec = (until.tv_nsec + delay % 1000 * 1000000) % 1000000000;
	while (!otlp.stopping && otlp.count < BATCH &&
	    pthread_cond_timedwait(&otlp.more, &otlp.lock, &until) == 0)
		;
}

/* To a batch, whose memory is used again, its beginning. */
static void
begin_batch(struct buffer *batch)
{
	buffer_clear(batch);
	buffer_reserve(batch, BATCH_SIZE); /* it does not grow while in use */
	buffer_add(batch, otlp.head.data, otlp.head.len);
}

/* Fills `batch` and leaves it in its place; how many spans were there. */
static int64_t
take_batch(struct buffer *batch, bool *stopping)
{
	const struct buffer next = *batch;
	int64_t count;

	pthread_mutex_lock(&otlp.lock);
	wait_for_more();
	*stopping = otlp.stopping;
	count = otlp.count;
	if (count > 0) {
		*batch = otlp.batch;
		otlp.batch = next;
		otlp.count = 0;
	}
	pthread_mutex_unlock(&otlp.lock);
	return count;
}

static CURL *
new_handle(struct curl_slist *headers)
{
	CURL *curl = curl_easy_init();

	if (curl == NULL || headers == NULL)
		abort(); /* out of memory: it fails for nothing else */
	curl_easy_setopt(curl, CURLOPT_URL, otlp.url.data);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)otlp.config->otlp_timeout);
	return curl;
}

static void *
run(void *arg)
{
	struct curl_slist *headers = otlp_settings_headers(otlp.config);
	CURL *curl = new_handle(headers);
	struct buffer batch = { 0 };
	int64_t count;
	bool stopping = false;

	(void)arg;
	while (!stopping) {
		begin_batch(&batch);
		count = take_batch(&batch, &stopping);
		if (count > 0)
			export_batch(curl, &batch, count);
	}
	buffer_free(&batch);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return NULL;
}

/* -- what they are given --------------------------------------------------- */

char *
otlp_take(size_t most)
{
	pthread_mutex_lock(&otlp.lock);
	if (otlp.count < OTLP_SPANS_MAX) {
		buffer_reserve(&otlp.batch, most + sizeof(body_end));
		if (otlp.count > 0)
			otlp.batch.data[otlp.batch.len++] = ',';
		return otlp.batch.data + otlp.batch.len;
	}
	pthread_mutex_unlock(&otlp.lock);
	metrics_add(&metric_spans, 1, 1);
	return NULL;
}

void
otlp_give(char *end)
{
	const bool enough = ++otlp.count == BATCH;

	*end = '\0';
	otlp.batch.len = (size_t)(end - otlp.batch.data);
	pthread_mutex_unlock(&otlp.lock);
	if (enough)
		pthread_cond_signal(&otlp.more);
}

void
otlp_open(const struct config *config, const char *program)
{
	pthread_condattr_t clock;

	otlp.config = config;
	otlp_settings_endpoint(config, &otlp.url);
	if (otlp.url.len == 0)
		return;
	if (config->otlp_endpoint[0] == '\0' &&
	    config->otlp_traces_endpoint[0] == '\0')
		log_info("OTEL_EXPORTER_JAEGER_ENDPOINT: traces go there by "
			 "OTLP",
		    "endpoint", otlp.url.data, NULL);
	buffer_add_text(&otlp.head,
	    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
	otlp_settings_resource(config, program, &otlp.head);
	buffer_add_text(&otlp.head,
	    "]},\"scopeSpans\":[{\"scope\":{\"name\":\"postrider\","
	    "\"version\":\"" POSTRIDER_VERSION "\"},\"spans\":[");
	begin_batch(&otlp.batch);
	curl_global_init(CURL_GLOBAL_ALL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&otlp.more, &clock);
	pthread_condattr_destroy(&clock);
	otlp.on = pthread_create(&otlp.thread, NULL, run, NULL) == 0;
	if (!otlp.on)
		log_warning("no thread for traces", NULL);
}

void
otlp_close(void)
{
	if (otlp.on) {
		pthread_mutex_lock(&otlp.lock);
		otlp.stopping = true;
		pthread_mutex_unlock(&otlp.lock);
		pthread_cond_signal(&otlp.more);
		pthread_join(otlp.thread, NULL);
		pthread_cond_destroy(&otlp.more);
		curl_global_cleanup();
	}
	otlp.on = otlp.stopping = false;
	buffer_free(&otlp.url);
	buffer_free(&otlp.head);
	buffer_free(&otlp.batch);
	span_free_spare();
	otlp.count = 0;
}
