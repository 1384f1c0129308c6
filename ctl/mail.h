/* SPDX-License-Identifier: MIT */
/* The commands about one mail, or some by their ids. */
#ifndef POSTRIDER_MAIL_H
#define POSTRIDER_MAIL_H

#include "command.h"

extern const struct options_entry send_options[];

enum command_status mail_send(const struct ctl *, char **to);
enum command_status mail_show(const struct ctl *, char **id);
enum command_status mail_why(const struct ctl *, char **id);
enum command_status mail_cancel(const struct ctl *, char **ids);
enum command_status mail_retry(const struct ctl *, char **ids);
/* Of a mail that is scheduled: its id, and the new time. */
enum command_status mail_move(const struct ctl *, char **id_and_time);

struct json_object;
/*
 * Asks for *job, which is put back, until it is over, or for `patience` ms (0:
 * for ever). COMMAND_REFUSED: it ended, and was not sent.
 */
enum command_status mail_await_end(const struct ctl *, struct json_object **job,
    int64_t patience);
/* What stands in `json` under `name` as text; NULL: nothing, or null. */
const char *mail_text(struct json_object *json, const char *name);
/* ["a@b.c", "d@e.f"] as "a@b.c and 1 more"; the caller frees it. */
char *mail_recipients(struct json_object *job);

#endif
