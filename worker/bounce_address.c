/* SPDX-License-Identifier: MIT */
/* The id goes before the @, as a subaddress (RFC 5233). */
#include "bounce_address.h"

#include <string.h>

#include "address.h"

void
bounce_address_add(struct buffer *out, const char *address, const char *id)
{
	const char *domain = address_domain(address);
	const size_t local = (size_t)(domain - address) - 1;
	const size_t more = strlen(id) + 1;

	if (local + more > ADDRESS_LOCAL_MAX ||
	    strlen(address) + more > ADDRESS_MAX) {
		buffer_add_text(out, address);
		return;
	}
	buffer_add(out, address, local);
	buffer_add_text(out, "+");
	buffer_add_text(out, id);
	buffer_add_text(out, "@");
	buffer_add_text(out, domain);
}
