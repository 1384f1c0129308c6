/* SPDX-License-Identifier: MIT */
/* postrider setup: the units of this host's packages, now and at each boot. */
#include "setup_step.h"
#include "unit.h"

static const struct {
	const char *name;
	bool of_worker;
} units[] = {
	{ "postrider-api.service", false },
	{ "postrider-events.service", false },
	{ "postrider-worker@1.service", true },
};
#define UNITS (sizeof(units) / sizeof(units[0]))

static bool
is_here(const struct setup *setup, size_t i)
{
	return units[i].of_worker ? setup->has_worker : setup->has_api;
}

enum setup_found
setup_look_at_units(struct setup *setup)
{
	struct unit_state state;
	struct buffer missing = { 0 }, why = { 0 };
	enum setup_found found = SETUP_THERE;
	size_t i;

	for (i = 0; i < UNITS && found == SETUP_THERE; i++) {
		if (!is_here(setup, i))
			continue;
		if (unit_look(units[i].name, &state, &why) == -1)
			found =
			    setup_say(setup, SETUP_HINDERED, "systemctl: %s",
				why.data != NULL ? why.data : "failed");
		else if (!state.active || !state.enabled)
			buffer_printf(&missing, "%s%s",
			    missing.len > 0 ? ", " : "", units[i].name);
	}
	if (found == SETUP_THERE && missing.len > 0)
		found = setup_say(setup, SETUP_MISSING, "starts and enables %s",
		    missing.data);
	else if (found == SETUP_THERE)
		setup_say(setup, SETUP_THERE, "all run, and start at boot");
	buffer_free(&missing);
	buffer_free(&why);
	return found;
}

/* With what has changed, those that run start anew. */
int
setup_start_units(struct setup *setup)
{
	const char *verb = setup->changed ? "restart" : "start";
	size_t i;

	for (i = 0; i < UNITS; i++)
		if (is_here(setup, i) &&
		    (unit_do("enable", units[i].name, &setup->why) == -1 ||
			unit_do(verb, units[i].name, &setup->why) == -1))
			return -1;
	setup_say(setup, SETUP_THERE, "all run, and start at boot");
	return 0;
}
