/* SPDX-License-Identifier: MIT */
/* The limits of a mail, and the wait for its turn. */
#include "pace.h"

#include <string.h>

#include "delivery.h"
#include "heartbeat.h"
#include "intake.h"
#include "setting.h"
#include "worker.h"

#define SECOND 1000
/* ms: Redis' clock and ours are not read at the same moment. */
#define SHORTEST 10

int
pace_open(struct pace *pace, const struct config *config, FILE *faults)
{
	int found = 0;

	memset(pace, 0, sizeof(*pace));
	if (config->send_rate[0] != '\0' &&
	    pace_rate_read(&pace->rate, config->send_rate) == -1) {
		setting_fault("SEND_RATE", config->send_rate,
		    "is not a rate: say 14, 0.5, 30/m or 500/h", faults);
		pace->rate = 0;
		found = -1;
	}
	if (pace_table_load(&pace->table, config->pace_file, faults) == -1)
		found = -1;
	if (found == -1)
		pace_close(pace);
	return found;
}

int
pace_reload(struct pace *pace, const struct config *config, FILE *faults)
{
	struct pace_table table;

	if (pace_table_load(&table, config->pace_file, faults) == -1)
		return -1;
	pace_table_free(&pace->table);
	pace->table = table;
	return 0;
}

void
pace_close(struct pace *pace)
{
	pace_table_free(&pace->table);
	memset(pace, 0, sizeof(*pace));
}

bool
pace_limits(const struct pace *pace)
{
	return pace->rate > 0 || pace->table.len > 0;
}

/* -- what limits a mail ------------------------------------------------------- */

static void
add(struct buffer *spec, const char *name, double rate, int most)
{
	buffer_printf(spec, "%s%s/%.6g/%d", spec->len > 0 ? " " : "", name,
	    rate, most);
}

static bool
has(const struct buffer *spec, const char *domain)
{
	const size_t len = strlen(domain);
	const char *at = spec->data;

	while (at != NULL && (at = strstr(at, domain)) != NULL) {
		if ((at == spec->data || at[-1] == ' ') && at[len] == '/')
			return true;
		at += len;
	}
	return false;
}

static void
add_domain(const struct pace *pace, struct buffer *spec, const char *domain)
{
	const struct pace_limit *limit = pace_table_find(&pace->table, domain);

	if (limit != NULL && (limit->rate > 0 || limit->most > 0) &&
	    !has(spec, domain))
		add(spec, domain, limit->rate, limit->most);
}

static void
begin(const struct pace *pace, struct buffer *spec)
{
	buffer_add_text(spec, ""); /* none is a text, too */
	if (pace->rate > 0)
		add(spec, "*", pace->rate, 0);
}

void
delivery_pace(const struct delivery *d, struct buffer *spec)
{
	const struct pace *pace = &d->worker->pace;
	const struct job *job = &d->hint.job;
	relay_set route;
	size_t i;

	if (d->hint.by_id && pace->table.len > 0) {
		buffer_add_text(spec, "?");
		return;
	}
	begin(pace, spec);
	if (pace->table.len == 0)
		return;
	route = delivery_route(d);
	for (i = 0; i < job->recipients_len; i++)
		if (delivery_goes(d, i, route))
			add_domain(pace, spec,
			    address_domain(job->recipients[i].address));
}

void
delivery_pace_of(const struct delivery *d, const char *whom,
    struct buffer *spec)
{
	const struct pace *pace = &d->worker->pace;
	char domain[DOMAIN_MAX + 1];
	size_t len;

	begin(pace, spec);
	while ((whom = strchr(whom, '@')) != NULL) {
		whom++;
		len = strspn(whom, "abcdefghijklmnopqrstuvwxyz0123456789.-");
		if (len == 0 || len > DOMAIN_MAX)
			continue;
		memcpy(domain, whom, len);
		domain[len] = '\0';
		add_domain(pace, spec, domain);
	}
}

/* -- the wait ----------------------------------------------------------------- */

void
delivery_wait_turn(struct delivery *d, const struct store_claim_reply *claim)
{
	struct worker *worker = d->worker;
	const int64_t now = heartbeat_redis_time(worker->heartbeat);
	const int64_t wait = claim->turn - now;

	worker->pace.waits++;
	d->expires_at = claim->expires_at;
	d->lane = claim->lane;
	if (wait < SECOND) {
		intake_wait(worker->intake, d,
		    wait > SHORTEST ? wait : SHORTEST);
		return;
	}
	/* The ladder has whole seconds: the rest of them passes here. */
	d->hint.published_at = now + wait / SECOND * SECOND;
	delivery_hint(d, claim->next_at);
}
