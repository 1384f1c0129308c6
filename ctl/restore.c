/* SPDX-License-Identifier: MIT */
/* The worker does it, as it knows the journals; this is its shorter name. */
#include "restore.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *hold, *send;

const struct options_entry restore_options[] = {
	{ "hold", NULL, &hold, "what waits is for a person to decide", NULL },
	{ "send", NULL, &send, "what waits is sent, perhaps again", NULL },
	{ 0 },
};

enum command_status
restore_run(const struct ctl *ctl, char **arguments)
{
	(void)arguments;
	if ((hold == NULL) == (send == NULL))
		return command_wrong("restore", "--hold or --send?");
	execlp("postrider-worker", "postrider-worker", "--restore",
	    hold != NULL ? "hold" : "send", ctl->json ? "--json" : (char *)NULL,
	    (char *)NULL);
	fprintf(stderr, "postrider: postrider-worker: %s\n", strerror(errno));
	return COMMAND_REFUSED;
}
