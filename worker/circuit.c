/* SPDX-License-Identifier: MIT */
/* The relay's health, and when it may be tried again. */
#include "circuit.h"

#include <string.h>

#include "log.h"
#include "worker_metrics.h"

/* The one place where the state changes. */
static void
enter(struct circuit *circuit, enum relay_state state, int64_t wall)
{
	if (circuit->state == state)
		return;
	log_debug("relay", "relay", circuit->relay, "from",
	    relay_state_names[circuit->state], "to", relay_state_names[state],
	    NULL);
	circuit->state = state;
	circuit->since = wall;
}

void
circuit_open(struct circuit *circuit, const struct config *config,
    const char *relay, int64_t wall)
{
	memset(circuit, 0, sizeof(*circuit));
	circuit->policy.base = config->reconnect_base;
	circuit->policy.cap = config->smtp_reconnect_cap;
	circuit->relay = relay;
	circuit->state = RELAY_IDLE;
	circuit->since = wall;
	circuit->latency = -1;
}

static void
set_error(struct circuit *circuit, const char *why)
{
	size_t len = strlen(why);

	if (len >= sizeof(circuit->error)) {
		len = sizeof(circuit->error) - 1;
		while (len > 0 && ((unsigned char)why[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(circuit->error, why, len);
	circuit->error[len] = '\0';
}

static void
tell_down(struct circuit *circuit, bool broken, int64_t wall)
{
	if (broken ? circuit->told_broken : circuit->told)
		return;
	if (!circuit->told)
		circuit->told_at = wall;
	circuit->told = true;
	circuit->told_broken = broken;
	if (broken)
		log_error("the relay cannot be used: nothing is sent until "
			  "that is put right",
		    "relay", circuit->relay, "why", circuit->error, NULL);
	else
		log_warning("relay is down", "relay", circuit->relay, "why",
		    circuit->error, NULL);
}

int64_t
circuit_fail(struct circuit *circuit, const struct circuit_failure *failure,
    const struct circuit_moment *moment)
{
	int64_t pause;

	set_error(circuit, failure->why);
	/* Attempts that were made together fail together: once. */
	if (circuit->failures == 0 || moment->loop >= circuit->retry_at)
		circuit->failures++;
	circuit->doubted = circuit->doubted || failure->connected;
	pause =
	    retry_delay(&circuit->policy, circuit->failures, moment->random);
	if (pause < failure->pause)
		pause = failure->pause;
	circuit->retry_at = moment->loop + pause;
	if (!failure->others) {
		enter(circuit, RELAY_DOWN, moment->wall);
		tell_down(circuit, failure->broken, moment->wall);
	}
	return pause;
}

static void
recover(struct circuit *circuit, int64_t wall)
{
	circuit->failures = 0;
	circuit->doubted = false;
	circuit->error[0] = '\0';
	if (circuit->told)
		log_info("relay is back", "relay", circuit->relay, "after",
		    log_duration(wall - circuit->told_at), NULL);
	circuit->told = circuit->told_broken = false;
}

void
circuit_connected(struct circuit *circuit, int64_t latency, int64_t wall)
{
	circuit->latency = latency;
	metrics_observe(&metric_smtp_phase, SMTP_PHASE_CONNECT, latency);
	if (!circuit->doubted)
		recover(circuit, wall);
	enter(circuit, RELAY_UP, wall);
}

void
circuit_proven(struct circuit *circuit, int64_t wall)
{
	if (!circuit->doubted)
		return;
	recover(circuit, wall);
	enter(circuit, RELAY_UP, wall);
}

void
circuit_idle(struct circuit *circuit, int64_t wall)
{
	if (circuit->state == RELAY_UP)
		enter(circuit, RELAY_IDLE, wall);
}

size_t
circuit_allows(const struct circuit *circuit, int64_t loop)
{
	if (circuit->failures == 0)
		return SIZE_MAX;
	return loop >= circuit->retry_at ? 1 : 0;
}
