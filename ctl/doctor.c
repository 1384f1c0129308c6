/* SPDX-License-Identifier: MIT */
/* postrider doctor: every dependency, as the programs and as we see it. */
#include "doctor.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "client.h"
#include "mail.h"
#include "store.h"
#include "terminal.h"
#include "timestamp.h"

#define RESULT_WIDTH 9
#define SUBJECT_WIDTH 10
#define CLOCK_OFF 2000 /* ms: more is told */
#define WHY_SIZE 256
#define ADVICE_SIZE 256

static const char *resolver;
static struct options_values workers;

const struct options_entry doctor_options[] = {
	{ "worker", "URL", NULL,
	    "a worker's STATUS_HOST and PORT, http://127.0.0.1:3002 unless "
	    "given",
	    &workers },
	{ "resolver", "ADDRESS[:PORT]", &resolver,
	    "ask this DNS server, not the host's", NULL },
	{ 0 },
};

static const char *const words[FINDING__MAX] = {
	[FINDING_OK] = "ok",
	[FINDING_WARNING] = "warning",
	[FINDING_FAILED] = "failed",
};

void
doctor_tell(struct doctor *doctor, enum finding finding, const char *subject,
    const char *format, ...)
{
	struct json_object *line;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	doctor->found[finding]++;
	if (doctor->ctl->json) {
		line = json_object_new_object();
		json_object_object_add(line, "result",
		    json_object_new_string(words[finding]));
		json_object_object_add(line, "subject",
		    json_object_new_string(subject));
		json_object_object_add(line, "message",
		    json_object_new_string(text));
		terminal_print_json(line);
		json_object_put(line);
		return;
	}
	terminal_print_word(words[finding], RESULT_WIDTH);
	terminal_print_text(subject, SUBJECT_WIDTH);
	putchar(' ');
	terminal_print_text(text, 0);
	putchar('\n');
}

/* -- what the programs say ---------------------------------------------------- */

static enum finding
finding_of(const char *status)
{
	static const char *const good[] = { "ok", "up", "idle" };
	size_t i;

	for (i = 0; status != NULL && i < sizeof(good) / sizeof(good[0]); i++)
		if (strcmp(status, good[i]) == 0)
			return FINDING_OK;
	return FINDING_FAILED;
}

/* `who` is not well for `reason`: which of its dependencies that is. */
static void
tell_health(struct doctor *doctor, const char *who, struct json_object *health)
{
	const char *status = mail_text(health, "status");
	const char *reason = mail_text(health, "reason"), *why;
	struct json_object *dependencies;

	if (finding_of(status) == FINDING_OK)
		doctor_tell(doctor, FINDING_OK, who, "version %s is well",
		    mail_text(health, "version"));
	else
		doctor_tell(doctor, FINDING_WARNING, who, "is %s: %s",
		    status == NULL ? "silent" : status,
		    reason == NULL ? "no reason given" : reason);
	if (!json_object_object_get_ex(health, "dependencies", &dependencies))
		return;
	json_object_object_foreach(dependencies, name, state)
	{
		status = mail_text(state, "status");
		why = mail_text(state, "error");
		if (finding_of(status) != FINDING_OK)
			doctor_tell(doctor, FINDING_FAILED, name,
			    "%s says: %s%s%s", who,
			    status == NULL ? "nothing" : status,
			    why != NULL && why[0] != '\0' ? ": " : "",
			    why != NULL ? why : "");
	}
}

static void
look_at(struct doctor *doctor, const char *who, const char *url)
{
	struct config there = *doctor->ctl->config;
	const struct ctl ctl = { &there, doctor->ctl->json };
	struct json_object *health;
	char *copy = strdup(url);

	if (copy == NULL)
		abort();
	there.api_url = copy;
	if (client_get(&ctl, "/health", &health) == COMMAND_DONE)
		tell_health(doctor, who, health);
	else
		doctor_tell(doctor, FINDING_FAILED, who,
		    "nobody answers at %s: is it running?", url);
	json_object_put(health);
	free(copy);
}

static void
look_at_ready(struct doctor *doctor)
{
	struct json_object *ready;

	if (client_get(doctor->ctl, "/ready", &ready) == COMMAND_DONE)
		doctor_tell(doctor, FINDING_OK, "accept",
		    "a mail would be accepted now");
	else
		doctor_tell(doctor, FINDING_FAILED, "accept",
		    "no mail would be accepted now");
	json_object_put(ready);
}

/* -- what we see of Redis --------------------------------------------------- */

static void
look_at_clock(struct doctor *doctor, redisContext *link)
{
	const int64_t before = timestamp_now();
	redisReply *time = redisCommand(link, "TIME");
	int64_t off;

	if (time == NULL || time->type != REDIS_REPLY_ARRAY ||
	    time->elements != 2) {
		doctor_tell(doctor, FINDING_WARNING, "clock",
		    "redis does not tell its time");
	} else {
		off = strtoll(time->element[0]->str, NULL, 10) * 1000 +
		    strtoll(time->element[1]->str, NULL, 10) / 1000 - before;
		if (off > CLOCK_OFF || off < -CLOCK_OFF)
			doctor_tell(doctor, FINDING_WARNING, "clock",
			    "this host and redis differ by %lld ms: let both "
			    "follow NTP",
			    (long long)off);
		else
			doctor_tell(doctor, FINDING_OK, "clock",
			    "this host and redis agree");
	}
	freeReplyObject(time);
}

static void
look_at_durability(struct doctor *doctor, redisContext *link)
{
	char advice[ADVICE_SIZE];
	redisReply *reply = redisCommand(link, STORE_DURABILITY_COMMAND);

	switch (store_durability_of(reply, advice, sizeof(advice))) {
	case STORE_DURABLE:
		doctor_tell(doctor, FINDING_OK, "redis",
		    "keeps what it has said it has");
		break;
	case STORE_NOT_DURABLE:
		doctor_tell(doctor, FINDING_WARNING, "redis",
		    "may lose accepted mail in a crash: add to redis.conf: %s",
		    advice);
		break;
	case STORE_DURABILITY_UNKNOWN:
		doctor_tell(doctor, FINDING_WARNING, "redis",
		    "CONFIG is refused: nobody knows whether it may lose mail");
		break;
	}
	freeReplyObject(reply);
}

static void
look_at_redis(struct doctor *doctor)
{
	const struct config *config = doctor->ctl->config;
	char why[WHY_SIZE];
	redisContext *link = store_connect(config->redis_url,
	    config->redis_timeout, why, sizeof(why));

	if (link == NULL) {
		doctor_tell(doctor, FINDING_FAILED, "redis", "REDIS_URL: %s",
		    why);
		return;
	}
	look_at_durability(doctor, link);
	look_at_clock(doctor, link);
	redisFree(link);
}

enum command_status
doctor_run(const struct ctl *ctl, char **arguments)
{
	struct doctor doctor = { .ctl = ctl, .resolver = resolver };
	struct buffer url = { 0 };
	size_t i;

	(void)arguments;
	look_at(&doctor, "api", ctl->config->api_url);
	look_at_ready(&doctor);
	for (i = 0; i < workers.count; i++)
		look_at(&doctor, "worker", workers.value[i]);
	if (workers.count == 0) {
		buffer_printf(&url, "http://%s:%lld", ctl->config->status_host,
		    (long long)ctl->config->port);
		look_at(&doctor, "worker", url.data);
		buffer_free(&url);
	}
	look_at_redis(&doctor);
	doctor_dns(&doctor);
	if (!ctl->json)
		printf("\n%d failed, %d warnings, %d ok\n",
		    doctor.found[FINDING_FAILED], doctor.found[FINDING_WARNING],
		    doctor.found[FINDING_OK]);
	return doctor.found[FINDING_FAILED] > 0 ? COMMAND_REFUSED :
						  COMMAND_DONE;
}
