/* SPDX-License-Identifier: MIT */
/* What the replies of the Lua scripts say. */
#include "store.h"

#include <string.h>

static int64_t
number_at(const redisReply *reply, size_t i)
{
	return i < reply->elements &&
		reply->element[i]->type == REDIS_REPLY_INTEGER ?
	    reply->element[i]->integer :
	    0;
}

static const char *
text_at(const redisReply *reply, size_t i, size_t *len)
{
	const redisReply *e = i < reply->elements ? reply->element[i] : NULL;

	if (e == NULL || e->type != REDIS_REPLY_STRING) {
		*len = 0;
		return "";
	}
	*len = (size_t)e->len;
	return e->str;
}

static enum lane
lane_at(const redisReply *reply, size_t i)
{
	size_t len;
	const char *name = text_at(reply, i, &len);

	return lane_read(name, len);
}

/* Which of `words` the first element is; `max` when it is none. */
static int
answer_of(const redisReply *reply, const char *const *words, int max)
{
	int i;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY ||
	    reply->elements == 0 ||
	    reply->element[0]->type != REDIS_REPLY_STRING)
		return max;
	for (i = 0; i < max; i++)
		if (strcmp(reply->element[0]->str, words[i]) == 0)
			break;
	return i;
}

int
store_accept_read(struct store_accept_reply *accept, const redisReply *reply)
{
	static const char *const words[STORE_ACCEPT__MAX] = {
		[STORE_ACCEPTED] = "scheduled",
		[STORE_ACCEPT_AGAIN] = "again",
		[STORE_ACCEPT_DIFFERS] = "differs",
	};
	static const char *const suppressed = "suppressed";
	int answer;
	size_t len;

	memset(accept, 0, sizeof(*accept));
	accept->suppressed = "";
	if (reply->type == REDIS_REPLY_INTEGER) {
		accept->next_at = reply->integer;
		return 0;
	}
	if (answer_of(reply, &suppressed, 1) == 0) {
		accept->next_at = number_at(reply, 1);
		accept->delay = accept->next_at - number_at(reply, 2);
		accept->suppressed = text_at(reply, 3, &len);
		return 0;
	}
	answer = answer_of(reply, words, STORE_ACCEPT__MAX);
	if (answer == STORE_ACCEPT__MAX)
		return -1;
	accept->answer = (enum store_accept)answer;
	if (accept->answer == STORE_ACCEPTED) {
		accept->next_at = number_at(reply, 1);
		accept->delay = accept->next_at - number_at(reply, 2);
		return 0;
	}
	accept->id = text_at(reply, 1, &len);
	if (accept->answer == STORE_ACCEPT_DIFFERS) {
		accept->field = text_at(reply, 2, &len);
	} else {
		accept->age = number_at(reply, 2);
		accept->waits = number_at(reply, 3) != 0;
		accept->ids = text_at(reply, 4, &len);
		if (reply->elements > 5 &&
		    reply->element[5]->type == REDIS_REPLY_ARRAY)
			accept->each_suppressed = reply->element[5];
	}
	return 0;
}

int
store_claim_read(struct store_claim_reply *claim, const redisReply *reply)
{
	static const char *const words[STORE_CLAIM__MAX] = {
		[STORE_CLAIMED] = "claimed",
		[STORE_CLAIM_MISSING] = "missing",
		[STORE_CLAIM_SKIP] = "skip",
		[STORE_CLAIM_NOT_NOW] = "not_now",
		[STORE_CLAIM_NOT_DUE] = "not_due",
		[STORE_CLAIM_HELD] = "held",
		[STORE_CLAIM_EARLY] = "early",
		[STORE_CLAIM_PACED] = "paced",
		[STORE_CLAIM_WHOM] = "whom",
		[STORE_CLAIM_ORPHAN] = "orphan",
	};
	int answer = answer_of(reply, words, STORE_CLAIM__MAX);
	size_t len;

	memset(claim, 0, sizeof(*claim));
	claim->answer = (enum store_claim)answer;
	claim->results = claim->payload = claim->whom = "";
	if (answer == STORE_CLAIM__MAX)
		return -1;
	if (answer == STORE_CLAIM_EARLY || answer == STORE_CLAIM_PACED) {
		claim->next_at = number_at(reply, 1);
		claim->lane = lane_at(reply, 2);
		claim->expires_at = number_at(reply, 3);
		claim->turn = number_at(reply, 4);
	}
	if (answer == STORE_CLAIM_HELD)
		claim->held = text_at(reply, 1, &len);
	if (answer == STORE_CLAIM_WHOM)
		claim->whom = text_at(reply, 1, &len);
	if (answer != STORE_CLAIMED)
		return 0;
	claim->claim_seq = number_at(reply, 1);
	claim->attempt = number_at(reply, 2);
	claim->expires_at = number_at(reply, 3);
	claim->retry_count = number_at(reply, 4);
	claim->results = text_at(reply, 5, &claim->results_len);
	claim->payload = text_at(reply, 6, &claim->payload_len);
	return 0;
}

int
store_settle_read(struct store_settle_reply *settle, const redisReply *reply)
{
	static const char *const words[STORE_SETTLED__MAX] = {
		[STORE_SETTLED] = "settled",
		[STORE_SETTLE_LOST] = "lost",
		[STORE_SETTLE_LATE] = "late",
	};
	int answer = answer_of(reply, words, STORE_SETTLED__MAX);
	size_t len;

	memset(settle, 0, sizeof(*settle));
	settle->answer = (enum store_settled)answer;
	settle->status = "";
	if (answer == STORE_SETTLED__MAX)
		return -1;
	settle->status = text_at(reply, 1, &len);
	settle->next_at = number_at(reply, 2);
	settle->lane = lane_at(reply, 3);
	return 0;
}

int
store_change_read(struct store_change_reply *change, const redisReply *reply)
{
	static const char *const words[STORE_CHANGE_MISSING] = {
		[STORE_CHANGED] = "done",
		[STORE_CHANGE_REFUSED] = "refused",
		[STORE_CHANGE_EXPIRED] = "expired",
		[STORE_CHANGE_NO_PAYLOAD] = "no_payload",
	};
	int answer;
	size_t len;

	memset(change, 0, sizeof(*change));
	change->status = change->payload = change->results = "";
	change->answer = STORE_CHANGE_MISSING;
	if (reply != NULL && reply->type == REDIS_REPLY_NIL)
		return 0;
	answer = answer_of(reply, words, STORE_CHANGE_MISSING);
	if (answer == STORE_CHANGE_MISSING)
		return -1;
	change->answer = (enum store_change)answer;
	change->status = text_at(reply, 1, &len);
	change->next_at = number_at(reply, 2);
	change->at = number_at(reply, 3);
	change->expires_at = number_at(reply, 4);
	change->payload = text_at(reply, 5, &change->payload_len);
	change->results = text_at(reply, 6, &change->results_len);
	change->lane = lane_at(reply, 7);
	return 0;
}
