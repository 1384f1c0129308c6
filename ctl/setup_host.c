/* SPDX-License-Identifier: MIT */
/* postrider setup: what this host must have before anything is made on it. */
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env_file.h"
#include "setup_step.h"
#include "unit.h"
#include "whole_file.h"

/*
 * A setting that only who calls us has: what is made would fit it, and the units
 * would not see it. NULL: there is none.
 */
static const char *
only_in_environment(void)
{
	static const char *const names[] = { "RABBITMQ_URL", "REDIS_URL",
		"SMTP_HOST", "SMTP_RELAYS", "SMTP_FROM", "AUTH" };
	struct buffer text = { 0 };
	const char *found = NULL, *value;
	size_t i;

	/* One that cannot be read has no setting. */
	(void)whole_file_read(ENV_FILE_DEFAULT, &text);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = getenv(names[i]);
		if (value != NULL && value[0] != '\0' &&
		    !env_file_has(&text, names[i]))
			found = names[i];
	}
	buffer_free(&text);
	return found;
}

static enum setup_found
look_at_packages(struct setup *setup)
{
	struct unit_state api, worker;
	struct buffer why = { 0 };
	const struct group *group = getgrnam(SETUP_NAME);

	if (unit_look("postrider-api.service", &api, &why) == -1 ||
	    unit_look("postrider-worker@1.service", &worker, &why) == -1) {
		setup_say(setup, SETUP_HINDERED, "systemctl: %s",
		    why.data != NULL ? why.data : "");
		buffer_free(&why);
		return SETUP_HINDERED;
	}
	if (group == NULL || (!api.installed && !worker.installed))
		return setup_say(setup, SETUP_HINDERED,
		    "neither the API nor the worker is installed: apt install "
		    "their packages, postrider-api and postrider-worker");
	setup->group = group->gr_gid;
	setup->has_api = api.installed;
	setup->has_worker = worker.installed;
	return setup_say(setup, SETUP_THERE, "has %s%s%s",
	    api.installed ? "API and events" : "",
	    api.installed && worker.installed ? ", and " : "",
	    worker.installed ? "the worker" : "");
}

enum setup_found
setup_look_at_host(struct setup *setup)
{
	const char *name;

	if (geteuid() != 0)
		return setup_say(setup, SETUP_HINDERED,
		    "only root can do this: sudo postrider setup");
	if (access("/run/systemd/system", F_OK) == -1)
		return setup_say(setup, SETUP_HINDERED,
		    "systemd does not run here; without it, start the programs "
		    "by hand (postrider-api(8), postrider-worker(8)) or as "
		    "containers");
	name = only_in_environment();
	if (name != NULL)
		return setup_say(setup, SETUP_HINDERED,
		    "%s is in your environment, where the units do not see it: "
		    "unset it, or put it into " ENV_FILE_DEFAULT,
		    name);
	return look_at_packages(setup);
}
