/* SPDX-License-Identifier: MIT */
/*
 * Makes and checks job ids. A lock guards the counter that keeps ids of one
 * millisecond in order (RFC 9562 6.2, method 1) and the pool of random bytes.
 */
#include "id.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "timestamp.h"

#define ID_COUNTER_MAX 0xfff /* 12 bits: rand_a */
#define ID_RANDOM_BYTES 8 /* of one id: rand_b, less its variant bits */
#define ID_POOL_BYTES 256 /* getrandom(2) gives so many in one go */

static struct {
	pthread_mutex_t lock;
	int64_t ms; /* of the last id; never goes back */
	unsigned counter; /* of the last id */
	unsigned char pool[ID_POOL_BYTES];
	size_t left; /* unused bytes at the pool's end */
} id_state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
id_fill_random(unsigned char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t got = getrandom(bytes, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) /* no kernel we run on: an id must be unique */
			abort();
		bytes += got;
		len -= (size_t)got;
	}
}

static void
id_write_hex(char *hex, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *end = bytes + len;

	for (; bytes < end; bytes++, hex += 2) {
		hex[0] = digits[*bytes >> 4];
		hex[1] = digits[*bytes & 0xf];
	}
	*hex = '\0';
}

/* From the pool; the lock is held. */
static void
id_draw(unsigned char *bytes, size_t len)
{
	if (id_state.left < len) {
		id_fill_random(id_state.pool, sizeof(id_state.pool));
		id_state.left = sizeof(id_state.pool);
	}
	id_state.left -= len;
	memcpy(bytes, id_state.pool + id_state.left, len);
}

/*
 * Moves the clock and the counter on; the lock is held. A new millisecond
 * starts its counter at a random place in the lower half. A full counter, or a
 * wall clock that went back, borrows from the milliseconds to come.
 */
static void
id_tick(const unsigned char random[2])
{
	const int64_t now = timestamp_now();

	if (now <= id_state.ms && id_state.counter < ID_COUNTER_MAX) {
		id_state.counter++;
		return;
	}
	id_state.ms = now > id_state.ms ? now : id_state.ms + 1;
	id_state.counter = (random[0] << 8 | random[1]) & (ID_COUNTER_MAX >> 1);
}

void
id_new(char id[ID_MAX + 1])
{
	unsigned char bytes[16]; /* RFC 9562 5.7 */
	unsigned char random[ID_RANDOM_BYTES];
	int64_t ms;
	unsigned counter;
	size_t i;

	/* A default mutex that we lock once cannot fail. */
	(void)pthread_mutex_lock(&id_state.lock);
	id_draw(random, ID_RANDOM_BYTES);
	id_draw(bytes + 8, ID_RANDOM_BYTES);
	id_tick(random);
	ms = id_state.ms;
	counter = id_state.counter;
	(void)pthread_mutex_unlock(&id_state.lock);

	for (i = 0; i < 6; i++)
		bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
	bytes[6] = (unsigned char)(0x70 | counter >> 8);
	bytes[7] = (unsigned char)counter;
	bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));

	id_write_hex(id, bytes, 4);
	id[8] = '-';
	id_write_hex(id + 9, bytes + 4, 2);
	id[13] = '-';
	id_write_hex(id + 14, bytes + 6, 2);
	id[18] = '-';
	id_write_hex(id + 19, bytes + 8, 2);
	id[23] = '-';
	id_write_hex(id + 24, bytes + 10, 6);
}

static bool
id_allows(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' ||
	    byte == '-';
}

bool
id_is_valid(const char *id, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!id_allows(id[i]))
			return false;
	return len >= 1 && len <= ID_MAX;
}

uint32_t
id_random(void)
{
	uint32_t random;

	id_fill_random((unsigned char *)&random, sizeof(random));
	return random;
}

void
id_random_hex(char *hex, size_t bytes)
{
	unsigned char random[ID_POOL_BYTES];
	size_t step;

	*hex = '\0';
	for (; bytes > 0; bytes -= step, hex += 2 * step) {
		step = bytes < sizeof(random) ? bytes : sizeof(random);
		id_fill_random(random, step);
		id_write_hex(hex, random, step);
	}
}

void
id_trace_hex(char *hex, size_t bytes)
{
	unsigned char random[ID_TRACE_MAX];

	pthread_mutex_lock(&id_state.lock);
	id_draw(random, bytes);
	pthread_mutex_unlock(&id_state.lock);
	id_write_hex(hex, random, bytes);
}
