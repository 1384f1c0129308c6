/* SPDX-License-Identifier: MIT */
/* All commands; the order is --help's. */
#include "command.h"
#include "doctor.h"
#include "history.h"
#include "keys.h"
#include "mail.h"
#include "migrate.h"
#include "queue.h"
#include "redrive.h"
#include "restore.h"
#include "setup.h"
#include "status.h"
#include "suppress.h"

const struct command commands[] = {
	{ "setup", "", "make it run on this host", 0, 0, setup_options,
	    setup_run },
	{ "send", "TO...", "send a mail", 1, COMMAND_ANY, send_options,
	    mail_send },
	{ "show", "ID", "what is known of a mail", 1, 1, NULL, mail_show },
	{ "why", "ID", "why a mail is as it is", 1, 1, NULL, mail_why },
	{ "tail", "", "what happens, as it happens", 0, 0, tail_options,
	    tail_run },
	{ "history", "", "mails, newest first", 0, 0, history_options,
	    history_run },
	{ "cancel", "ID...", "take mails back that no worker has", 1,
	    COMMAND_ANY, NULL, mail_cancel },
	{ "retry", "ID...", "send failed or unknown mails again", 1,
	    COMMAND_ANY, NULL, mail_retry },
	{ "move", "ID TIME", "give a scheduled mail another time", 2, 2, NULL,
	    mail_move },
	{ "redrive show", "ID", "how far a redrive is", 1, 1, NULL,
	    redrive_show },
	{ "redrive cancel", "ID", "stop the rest of a redrive", 1, 1, NULL,
	    redrive_cancel },
	{ "redrive", "", "retry many mails, at a rate", 0, 0, redrive_options,
	    redrive_run },
	{ "keys add", "NAME", "make an API key", 1, 1, keys_add_options,
	    keys_add },
	{ "keys list", "", "all API keys", 0, 0, NULL, keys_list },
	{ "keys revoke", "ID...", "end API keys, at once", 1, COMMAND_ANY, NULL,
	    keys_revoke },
	{ "keys rotate", "ID", "a new API key in the place of one", 1, 1,
	    keys_rotate_options, keys_rotate },
	{ "queue status", "", "what is paused", 0, 0, NULL, queue_status },
	{ "queue pause", "", "hold mail back", 0, 0, queue_options,
	    queue_pause },
	{ "queue resume", "", "let it go on", 0, 0, queue_options,
	    queue_resume },
	{ "queue migrate", "", "make quorum queues of classic ones", 0, 0,
	    migrate_options, migrate_run },
	{ "suppress list", "", "who is not sent to, newest first", 0, 0,
	    suppress_list_options, suppress_list },
	{ "suppress show", "ADDRESS", "why one is not sent to", 1, 1, NULL,
	    suppress_show },
	{ "suppress add", "ADDRESS...", "send them nothing from now on", 1,
	    COMMAND_ANY, suppress_add_options, suppress_add },
	{ "suppress remove", "ADDRESS...", "take that back", 1, COMMAND_ANY,
	    suppress_remove_options, suppress_remove },
	{ "status", "", "is it well, and what waits", 0, 0, NULL, status_run },
	{ "doctor", "", "what is wrong, and what to do", 0, 0, doctor_options,
	    doctor_run },
	{ "restore", "", "go on with a Redis that went back in time", 0, 0,
	    restore_options, restore_run },
	{ 0 },
};
