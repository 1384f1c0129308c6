/* SPDX-License-Identifier: MIT */
#include "tls_trust.h"

#include "ca_path.h"

int
tls_trust(SSL_CTX *context, const char *ca)
{
	const bool folder = ca_path_is_folder(ca);
	int fine;

	if (ca[0] == '\0')
		fine = SSL_CTX_set_default_verify_paths(context);
	else
		fine = SSL_CTX_load_verify_locations(context,
		    folder ? NULL : ca, folder ? ca : NULL);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
		fine = 0;
	return fine == 1 ? 0 : -1;
}
