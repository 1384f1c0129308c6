/* SPDX-License-Identifier: MIT */
/* The operator's pause. */
#include "pause.h"

#include "log.h"

void
pause_set(struct pause *pause, const struct pause *now)
{
	if (pause->since == 0 && now->since != 0)
		log_warning("the operator has paused all sending", NULL);
	else if (pause->since != 0 && now->since == 0)
		log_info("the operator lets mail be sent again", NULL);
	if (pause->domains != now->domains)
		log_info("the operator has paused mail for domains", "domains",
		    log_number((int64_t)now->domains), NULL);
	*pause = *now;
}
