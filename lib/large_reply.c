/* SPDX-License-Identifier: MIT */
/* hiredis' own makers of replies, but for that of large strings. */
#include "large_reply.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE ((size_t)256 * 1024) /* bytes that are there twice */

static redisReplyObjectFunctions makers;
static void *(*make_string)(const redisReadTask *, char *, size_t);
static uintptr_t page; /* bytes */

/*
 * The whole pages of a buffer from `from` to `to`: what is in them is not read
 * again, and is zeros. The memory stays the buffer's.
 */
static void
give_back(char *from, const char *to)
{
	const size_t first = (size_t)(-(uintptr_t)from & (page - 1));
	const size_t len = (size_t)(to - from);
	const size_t whole =
	    len > first ? (len - first) & ~(size_t)(page - 1) : 0;

	/* What fails leaves it as it was: there twice. */
	if (whole > 0)
		(void)madvise(from + first, whole, MADV_DONTNEED);
}

static char *
move(char *from, size_t len)
{
	char *to = malloc(len + 1), *kept = from;
	size_t at, n;

	if (to == NULL)
		return NULL;
	for (at = 0; at < len; at += n) {
		n = len - at < PIECE ? len - at : PIECE;
		memcpy(to + at, from + at, n);
		give_back(kept, from + at + n);
		/* The page that the next piece begins in. */
		kept =
		    from + at + n - ((uintptr_t)(from + at + n) & (page - 1));
		kept = kept < from ? from : kept;
	}
	to[len] = '\0';
	return to;
}

/* redisReader's buffer is past the string when this returns. */
static void *
make_large_string(const redisReadTask *task, char *text, size_t len)
{
	redisReply *reply;
	char *moved;

	if (len < LARGE_REPLY || task->type != REDIS_REPLY_STRING)
		return make_string(task, text, len);
	moved = move(text, len);
	reply = moved != NULL ? make_string(task, text, 0) : NULL;
	if (reply == NULL) {
		free(moved);
		return NULL; /* hiredis: out of memory */
	}
	free(reply->str);
	reply->str = moved;
	reply->len = len;
	return reply;
}

static void
make_makers(void)
{
	redisReader *reader = redisReaderCreate();

	if (reader == NULL)
		abort();
	makers = *reader->fn;
	make_string = makers.createString;
	makers.createString = make_large_string;
	page = (uintptr_t)sysconf(_SC_PAGESIZE);
	redisReaderFree(reader);
}

void
large_reply_release(redisReader *reader)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make_makers); /* it cannot fail */
	reader->fn = &makers;
}
