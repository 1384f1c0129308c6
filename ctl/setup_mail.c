/* SPDX-License-Identifier: MIT */
/* postrider setup: a mail through all of it, and what became of it. */
#include <json-c/json.h>
#include <string.h>

#include "client.h"
#include "mail.h"
#include "setup_step.h"

#define PATIENCE 60000 /* ms for the mail to be sent or refused */

enum setup_found
setup_look_at_mail(struct setup *setup)
{
	if (setup->wish.no_mail)
		return setup_say(setup, SETUP_THERE, "none is wished");
	if (!setup->has_worker || !setup->has_api)
		return setup_say(setup, SETUP_THERE,
		    "none is sent: %s is on another host; there, postrider "
		    "send --wait tells",
		    setup->has_api ? "the worker" : "the API");
	return setup_say(setup, SETUP_MISSING, "sends a test mail to %s",
	    setup->wish.to);
}

static struct json_object *
make_mail(const struct setup *setup)
{
	struct json_object *mail = json_object_new_object();

	json_object_object_add(mail, "to",
	    json_object_new_string(setup->wish.to));
	json_object_object_add(mail, "subject",
	    json_object_new_string("Postrider is set up"));
	json_object_object_add(mail, "text",
	    json_object_new_string("This mail was sent by `postrider setup`, "
				   "through all of Postrider.\n"));
	return mail;
}

/* Its status, and the relay's own words. */
static void
tell(struct setup *setup, struct json_object *job, struct json_object *why)
{
	const char *status = mail_text(job, "status");
	const char *message = mail_text(why, "message"), *reply = NULL;
	struct json_object *attempts;
	size_t count = 0;

	if (json_object_object_get_ex(why, "attempts", &attempts))
		count = json_object_array_length(attempts);
	if (count > 0)
		reply =
		    mail_text(json_object_array_get_idx(attempts, count - 1),
			"reply");
	if (reply == NULL)
		reply = mail_text(job, "last_error");
	setup_say(setup, SETUP_THERE, "the mail to %s is %s: %s%s%s (%s)",
	    setup->wish.to, status == NULL ? "-" : status,
	    message == NULL ? "" : message, reply == NULL ? "" : ": ",
	    reply == NULL ? "" : reply, mail_text(job, "id"));
}

int
setup_send_mail(struct setup *setup)
{
	struct client_call call = { "POST", "/api/emails", make_mail(setup),
		NULL };
	struct json_object *job = NULL, *why = NULL;
	struct buffer path = { 0 };
	const char *status = NULL;
	enum command_status result = client_ask(&setup->ctl, &call, &job);

	if (result == COMMAND_DONE)
		(void)mail_await_end(&setup->ctl, &job, PATIENCE);
	if (job != NULL) {
		status = mail_text(job, "status");
		buffer_add_text(&path, "/api/emails");
		client_add_segment(&path, mail_text(job, "id"));
		buffer_add_text(&path, "/why");
		(void)client_get(&setup->ctl, path.data, &why);
		tell(setup, job, why);
	} else {
		setup_fail(setup, "the test mail was not accepted");
	}
	result = status != NULL && strcmp(status, "completed") == 0 ?
	    COMMAND_DONE :
	    COMMAND_REFUSED;
	json_object_put(job);
	json_object_put(why);
	json_object_put(call.body);
	buffer_free(&path);
	return result == COMMAND_DONE ? 0 : -1;
}
