/* SPDX-License-Identifier: MIT */
/* Singly linked, with a pointer to where the next one goes. */
#include "pipeline_call.h"

#include <stdlib.h>

void
pipeline_call_set(struct pipeline_call *call, const struct store_call *script)
{
	call->script = script->script;
	call->args = (size_t)script->argc;
	call->arguments = store_arguments_format(script, &call->arguments_len);
}

void
pipeline_call_take(struct pipeline_call *call, struct store_group *group)
{
	call->script = group->script;
	call->args = group->argc;
	call->arguments_len = group->args.len;
	call->arguments = buffer_take(&group->args);
}

void
pipeline_call_drop(struct pipeline_call *call)
{
	free(call->arguments);
	call->arguments = NULL;
}

void
pipeline_call_end(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	if (!call->keep)
		pipeline_call_drop(call);
	call->done(call, result, reply);
}

void
pipeline_group_reset(struct pipeline_group *group)
{
	group->first = NULL;
	group->end = &group->first;
}

void
pipeline_group_add(struct pipeline_group *group, struct pipeline_call *list)
{
	*group->end = list;
	while (*group->end != NULL)
		group->end = &(*group->end)->next;
}

struct pipeline_call *
pipeline_group_pop(struct pipeline_group *group)
{
	struct pipeline_call *call = group->first;

	if (call == NULL)
		return NULL;
	group->first = call->next;
	if (group->first == NULL)
		group->end = &group->first;
	call->next = NULL;
	return call;
}

void
pipeline_group_end(struct pipeline_group *group, enum pipeline_result result)
{
	struct pipeline_call *call;

	while ((call = pipeline_group_pop(group)) != NULL)
		pipeline_call_end(call, result, NULL);
}
