/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "program.h"

int
unit_look(const char *name, struct unit_state *state, struct buffer *why)
{
	const char *const argv[] = { "systemctl", "show", "--property",
		"LoadState,ActiveState,UnitFileState", name, NULL };
	struct buffer said = { 0 };
	int status = program_run(argv, NULL, &said);
	const char *text = said.data != NULL ? said.data : "";

	memset(state, 0, sizeof(*state));
	if (status == 0) {
		state->installed = strstr(text, "LoadState=loaded") != NULL;
		state->active = strstr(text, "ActiveState=active") != NULL;
		state->enabled = strstr(text, "UnitFileState=enabled") != NULL;
	} else {
		buffer_add_text(why, text);
	}
	buffer_free(&said);
	return status == 0 ? 0 : -1;
}

int
unit_do(const char *verb, const char *name, struct buffer *why)
{
	const char *const argv[] = { "systemctl", "--quiet", verb, name, NULL };
	struct buffer said = { 0 };
	int status = program_run(argv, NULL, &said);

	if (status != 0) {
		buffer_clear(why);
		buffer_printf(why, "systemctl %s %s: %s; see journalctl -u %s",
		    verb, name, said.data != NULL ? said.data : "failed", name);
	}
	buffer_free(&said);
	return status == 0 ? 0 : -1;
}
