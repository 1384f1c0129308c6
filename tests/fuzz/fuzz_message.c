/* SPDX-License-Identifier: MIT */
/*
 * fuzz.message: what a client says is understood or told what is wrong; as it
 * comes, and as what it deflated.
 */
#include <string.h>

#include "fuzz.h"
#include "job.h"
#include "message.h"
#include "permessage.h"

#define MESSAGE_MAX 4096

static void
check_message(const char *text, size_t len)
{
	struct message message;
	const char *why = NULL;

	if (message_read(&message, text, len, &why) == -1) {
		CHECK(why != NULL && why[0] != '\0');
		return;
	}
	CHECK(message.type < MESSAGE_TYPE__MAX);
	CHECK(message.statuses < 1U << JOB_STATUS__MAX);
	CHECK(message.type != MESSAGE_SUBSCRIBE_JOB ||
	    id_is_valid(message.job_id, strlen(message.job_id)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct permessage *permessage;
	struct buffer text = { 0 }, packed = { 0 }, again = { 0 };

	if (permessage == NULL)
		permessage = permessage_new();
	check_message((const char *)data, size);
	if (permessage_inflate(permessage, data, size, &text, MESSAGE_MAX) ==
	    PERMESSAGE_OK) {
		CHECK(text.len <= MESSAGE_MAX);
		check_message(text.len > 0 ? text.data : "", text.len);
	}
	permessage_deflate(permessage, data, size, &packed);
	CHECK(permessage_inflate(permessage, packed.data, packed.len, &again,
		  size) == PERMESSAGE_OK);
	CHECK(again.len == size &&
	    (size == 0 || memcmp(again.data, data, size) == 0));
	buffer_free(&text);
	buffer_free(&packed);
	buffer_free(&again);
	return 0;
}
