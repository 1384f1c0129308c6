/* SPDX-License-Identifier: MIT */
#include "domain_list.h"

#include <string.h>

#include "address.h"

#define SEPARATORS " ,"
#define BELOW "*." /* before a domain */

const char *
domain_list_normalize(struct buffer *out, const char *list)
{
	char domain[DOMAIN_MAX + 1];
	size_t len, below;

	for (;; list += len) {
		list += strspn(list, SEPARATORS);
		if (*list == '\0')
			return NULL;
		len = strcspn(list, SEPARATORS);
		below = strncmp(list, BELOW, strlen(BELOW)) == 0 ?
		    strlen(BELOW) :
		    0;
		if (domain_normalize(list + below, len - below, domain) !=
			ADDRESS_OK ||
		    !domain_is_valid(domain, strlen(domain)))
			return "is no list of domains such as "
			       "example.com,*.example.com";
		if (out->len > 0)
			buffer_add_text(out, " ");
		buffer_add(out, list, below);
		buffer_add_text(out, domain);
	}
}

/* Whether an entry of the list, `len` bytes, is this domain or stands for it. */
static bool
is_for(const char *entry, size_t len, const char *domain, size_t domain_len)
{
	if (*entry != '*')
		return len == domain_len && memcmp(entry, domain, len) == 0;
	entry++; /* ".example.com" is the end of what it stands for */
	len--;
	return domain_len > len &&
	    memcmp(domain + domain_len - len, entry, len) == 0;
}

bool
domain_list_has(const char *list, const char *domain)
{
	const size_t domain_len = strlen(domain);
	size_t len;

	if (*list == '\0')
		return true;
	for (; *list != '\0'; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		if (is_for(list, len, domain, domain_len))
			return true;
	}
	return false;
}
