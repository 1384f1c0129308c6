/* SPDX-License-Identifier: MIT */
/* All commands; the order is --help's. */
#include "command.h"
#include "history.h"
#include "mail.h"
#include "status.h"

const struct command commands[] = {
	{ "send", "TO...", "send a mail", 1, COMMAND_ANY, send_options,
	    mail_send },
	{ "show", "ID", "what is known of a mail", 1, 1, NULL, mail_show },
	{ "tail", "", "what happens, as it happens", 0, 0, tail_options,
	    tail_run },
	{ "history", "", "mails, newest first", 0, 0, history_options,
	    history_run },
	{ "status", "", "is it well, and what waits", 0, 0, NULL, status_run },
	{ 0 },
};
