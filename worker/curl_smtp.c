/* SPDX-License-Identifier: MIT */
/*
 * libcurl's options for the relay. Each setopt is checked: one that is silently
 * missing could mean mail in clear.
 */
#include "curl_smtp.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define MAXAGE 86400L /* seconds */

/* scheme://host:port/ehlo.name */
static CURLUcode
fill_url(CURLU *url, const struct config *config)
{
	const char *host = config->smtp_host;
	struct buffer port = { 0 }, name = { 0 }, path = { 0 };
	CURLUcode rc;

	buffer_add_number(&port, config->smtp_port);
	buffer_printf(&name, strchr(host, ':') ? "[%s]" : "%s", host);
	buffer_printf(&path, "/%s", config->smtp_ehlo);
	rc = curl_url_set(url, CURLUPART_SCHEME,
	    config->smtp_tls == SMTP_TLS_IMPLICIT ? "smtps" : "smtp", 0);
	if (rc == CURLUE_OK)
		rc = curl_url_set(url, CURLUPART_HOST, name.data, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_set(url, CURLUPART_PORT, port.data, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_set(url, CURLUPART_PATH, path.data,
		    CURLU_URLENCODE);
	buffer_free(&port);
	buffer_free(&name);
	buffer_free(&path);
	return rc;
}

static int
set_url(CURL *curl, const struct config *config)
{
	CURLU *url = curl_url();
	char *text = NULL;
	int failed;

	if (url == NULL)
		abort();
	failed = fill_url(url, config) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_URL, &text, 0) != CURLUE_OK ||
	    curl_easy_setopt(curl, CURLOPT_URL, text) != CURLE_OK;
	curl_free(text);
	curl_url_cleanup(url);
	return failed ? -1 : 0;
}

static int
set_limits(CURL *curl, int64_t connect_timeout)
{
	const long ms = (long)connect_timeout;
	int failed = 0;

	/* libcurl divides it among the addresses. */
	failed |=
	    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, ms) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
		      ms / 1000 + 1) != CURLE_OK;
	/* Or a handle not yet used is closed when another connects. */
	failed |=
	    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, MAXAGE) != CURLE_OK;
	/* A peer that is gone shows while a reply is waited for. */
	failed |= curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L) != CURLE_OK;
	return failed ? -1 : 0;
}

int
curl_smtp_set(CURL *curl, const struct config *config)
{
	int failed = 0;

	failed |= set_url(curl, config);
	failed |= set_limits(curl, config->smtp_connect_timeout);
	failed |= curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
	/* Not through a proxy that the environment names. */
	failed |= curl_easy_setopt(curl, CURLOPT_PROXY, "") != CURLE_OK;
	return failed ? -1 : 0;
}
