/* SPDX-License-Identifier: MIT */
/*
 * Calls of the Lua scripts. It formats; who sends is the program's own matter
 * (blocking or asynchronous), and store_reply.c reads.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define FRAME_MAX 32 /* bytes of "$" and a length, with both line ends */
#define HEAD_ARGS 3 /* EVALSHA, the script, how many keys */

static bool keeps_record;

void
store_keep_record(bool keep)
{
	keeps_record = keep;
}

static const struct store_script_text *
script_text(enum store_script script)
{
	return keeps_record ? &store_script_sources[script].recorded :
			      &store_script_sources[script].plain;
}

void
store_call_begin(struct store_call *call, enum store_script script)
{
	call->script = script;
	call->argc = 0;
}

void
store_call_bytes(struct store_call *call, const void *bytes, size_t len)
{
	if (call->argc == STORE_CALL_ARGS)
		abort();
	call->argv[call->argc] = bytes;
	call->len[call->argc++] = len;
}

void
store_call_text(struct store_call *call, const char *text)
{
	if (text == NULL)
		text = "";
	store_call_bytes(call, text, strlen(text));
}

void
store_call_field(struct store_call *call, const char *field, const char *value)
{
	if (value == NULL)
		return;
	store_call_text(call, field);
	store_call_text(call, value);
}

void
store_call_number(struct store_call *call, int64_t number)
{
	/* Long enough for any number: it never grows. */
	struct buffer text = { .data = call->numbers[call->argc],
		.size = sizeof(call->numbers[0]) };

	buffer_add_number(&text, number);
	store_call_bytes(call, text.data, text.len);
}

/*
 * redisFormatCommandArgv() does the same with a printf for each argument: ten
 * times the work. redisFreeCommand() is free(): we set no other allocator.
 */
static void
add_frame(struct buffer *command, const char *kind, size_t number)
{
	buffer_add(command, kind, 1);
	buffer_add_number(command, (int64_t)number);
	buffer_add(command, "\r\n", 2);
}

static void
add_argument(struct buffer *command, const char *bytes, size_t len)
{
	add_frame(command, "$", len);
	buffer_add(command, bytes, len);
	buffer_add(command, "\r\n", 2);
}

static void
add_head(struct buffer *command, enum store_script script, size_t args)
{
	const char *sha1 = script_text(script)->sha1;

	add_frame(command, "*", HEAD_ARGS + args);
	add_argument(command, "EVALSHA", 7);
	add_argument(command, sha1, strlen(sha1));
	add_argument(command, "0", 1);
}

static void
add_arguments(struct buffer *command, const struct store_call *call)
{
	size_t size = STORE_HEAD_SIZE;
	int i;

	for (i = 0; i < call->argc; i++)
		size += call->len[i] + FRAME_MAX;
	buffer_reserve(command, size);
	for (i = 0; i < call->argc; i++)
		add_argument(command, call->argv[i], call->len[i]);
}

/* RESP: of each "$<bytes>" and the bytes, all with CR LF. */
const char *
store_argument(const char *arguments, size_t n, size_t *len)
{
	const char *at = arguments;
	char *end;

	for (;;) {
		*len = (size_t)strtoull(at + 1, &end, 10);
		at = end + 2;
		if (n-- == 0)
			return at;
		at += *len + 2;
	}
}

size_t
store_head_format(char head[STORE_HEAD_SIZE], enum store_script script,
    size_t args)
{
	struct buffer out = { .data = head, .size = STORE_HEAD_SIZE };

	add_head(&out, script, args);
	return out.len;
}

char *
store_arguments_format(const struct store_call *call, size_t *len)
{
	struct buffer arguments = { 0 };

	add_arguments(&arguments, call);
	*len = arguments.len;
	return buffer_take(&arguments);
}

char *
store_call_format(const struct store_call *call, size_t *len)
{
	struct buffer command = { 0 };

	buffer_reserve(&command, STORE_HEAD_SIZE);
	add_head(&command, call->script, (size_t)call->argc);
	add_arguments(&command, call);
	*len = command.len;
	return buffer_take(&command);
}

bool
store_takes_group(enum store_script script)
{
	return script == STORE_CLAIM || script == STORE_SENT;
}

void
store_group_add(struct store_group *group, const struct store_call *call)
{
	add_arguments(&group->args, call);
	group->argc += (size_t)call->argc;
	group->calls++;
}

char *
store_group_format(struct store_group *group, size_t *len)
{
	struct buffer command = { 0 };

	buffer_reserve(&command, STORE_HEAD_SIZE + group->args.len);
	add_head(&command, group->script, group->argc);
	buffer_add(&command, group->args.data, group->args.len);
	buffer_clear(&group->args);
	group->argc = group->calls = 0;
	*len = command.len;
	return buffer_take(&command);
}

char *
store_load_format(enum store_script script, size_t *len)
{
	const char *source = script_text(script)->source;
	struct buffer command = { 0 };

	add_frame(&command, "*", 3);
	add_argument(&command, "SCRIPT", 6);
	add_argument(&command, "LOAD", 4);
	add_argument(&command, source, strlen(source));
	*len = command.len;
	return buffer_take(&command);
}
