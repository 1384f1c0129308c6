/* SPDX-License-Identifier: MIT */
#include "network_list.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATORS " ,"
#define TEXT_SIZE 64 /* longer is no network */
#define BITS 128 /* of every address: IPv4 is ::ffff:0:0/96 of IPv6 */
#define BITS_BEFORE_IPV4 96

struct network {
	unsigned char bytes[BITS / 8];
	int prefix; /* bits that count */
};

/* 0, or -1. */
static int
read_address(unsigned char bytes[BITS / 8], const char *text)
{
	static const unsigned char mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };

	if (inet_pton(AF_INET, text, bytes + sizeof(mapped)) == 1) {
		memcpy(bytes, mapped, sizeof(mapped));
		return 0;
	}
	return inet_pton(AF_INET6, text, bytes) == 1 ? 0 : -1;
}

static bool
has_bits_behind(const struct network *network)
{
	int i;

	for (i = network->prefix; i < BITS; i++)
		if (network->bytes[i / 8] & (0x80 >> i % 8))
			return true;
	return false;
}

/* What stands in the first `len` bytes. 0, or -1. */
static int
read_network(struct network *network, const char *list, size_t len)
{
	char text[TEXT_SIZE], *slash, *end;
	int before;
	long bits;

	if (len >= sizeof(text))
		return -1;
	memcpy(text, list, len);
	text[len] = '\0';
	slash = strchr(text, '/');
	if (slash != NULL)
		*slash = '\0';
	if (read_address(network->bytes, text) == -1)
		return -1;
	network->prefix = BITS;
	if (slash == NULL)
		return 0;
	before = strchr(text, ':') == NULL ? BITS_BEFORE_IPV4 : 0;
	if (slash[1] < '0' || slash[1] > '9')
		return -1;
	bits = strtol(slash + 1, &end, 10);
	if (*end != '\0' || bits > BITS - before)
		return -1;
	network->prefix = (int)bits + before;
	return has_bits_behind(network) ? -1 : 0;
}

static bool
is_in(const struct network *network, const unsigned char *address)
{
	const size_t whole = (size_t)network->prefix / 8;
	const int rest = network->prefix % 8;

	return memcmp(network->bytes, address, whole) == 0 &&
	    (rest == 0 ||
		(network->bytes[whole] ^ address[whole]) >> (8 - rest) == 0);
}

const char *
network_list_normalize(struct buffer *out, const char *list)
{
	struct network network;
	size_t len;

	for (;; list += len) {
		list += strspn(list, SEPARATORS);
		if (*list == '\0')
			return NULL;
		len = strcspn(list, SEPARATORS);
		if (read_network(&network, list, len) == -1)
			return "is no list of networks such as "
			       "192.0.2.0/24,2001:db8::/32";
		if (out->len > 0)
			buffer_add_text(out, " ");
		buffer_add(out, list, len);
	}
}

bool
network_list_has(const char *list, const char *address)
{
	unsigned char bytes[BITS / 8];
	struct network network;
	size_t len;

	if (*list == '\0')
		return true;
	if (address == NULL || read_address(bytes, address) == -1)
		return false;
	for (; *list != '\0'; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		if (read_network(&network, list, len) == 0 &&
		    is_in(&network, bytes))
			return true;
	}
	return false;
}
