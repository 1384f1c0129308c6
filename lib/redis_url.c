/* SPDX-License-Identifier: MIT */
/* Reads REDIS_URL. libcurl's URL API does the splitting and the decoding. */
#include "redis_url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "redis_tls.h"

void
redis_url_clear(struct redis_url *url)
{
	free(url->host);
	free(url->path);
	free(url->user);
	free(url->password);
	free(url->ca);
	memset(url, 0, sizeof(*url));
}

/* A decoded part as a string of our own; NULL when the URL has none. */
static char *
part(CURLU *u, CURLUPart what)
{
	char *text, *copy;

	if (curl_url_get(u, what, &text, CURLU_URLDECODE) != CURLUE_OK)
		return NULL;
	copy = strdup(text);
	curl_free(text);
	return copy;
}

/* Digits to a number in 0..max; -1 when it is anything else. */
static int
number(const char *text, long max)
{
	char *end;
	long n = strtol(text, &end, 10);

	return end == text || *end != '\0' || n < 0 || n > max ? -1 : (int)n;
}

static const char *
read_path(struct redis_url *url, char *path)
{
	if (path == NULL || strcmp(path, "/") == 0 || path[0] == '\0')
		return NULL;
	url->db = number(path + 1, 1000000);
	return url->db < 0 ? "the part behind the / must be a number" : NULL;
}

/* `?ca=/path` and nothing else, of a URL with TLS. */
static const char *
read_query(struct redis_url *url, char *query)
{
	if (query == NULL)
		return NULL;
	if (!url->tls || strncmp(query, "ca=", 3) != 0 || query[3] != '/')
		return "the only parameter is ?ca=/path, of rediss://";
	url->ca = strdup(query + 3);
	return url->ca == NULL ? "out of memory" : NULL;
}

static const char *
read_tcp(struct redis_url *url, CURLU *u)
{
	char *port = part(u, CURLUPART_PORT), *path = part(u, CURLUPART_PATH);
	char *query = part(u, CURLUPART_QUERY);
	const char *fault = read_path(url, path);
	size_t len;

	url->port = port != NULL ? number(port, 65535) : 6379;
	url->host = part(u, CURLUPART_HOST);
	if (url->host == NULL || url->port <= 0)
		fault = "needs a host and a port from 1 to 65535";
	else if (url->host[0] == '[') { /* an IPv6 literal */
		len = strlen(url->host);
		memmove(url->host, url->host + 1, len - 2);
		url->host[len - 2] = '\0';
	}
	if (fault == NULL)
		fault = read_query(url, query);
	free(port);
	free(path);
	free(query);
	return fault;
}

static const char *
read_unix(struct redis_url *url, const char *rest)
{
	const char *query = strchr(rest, '?');

	url->path = strndup(rest,
	    query != NULL ? (size_t)(query - rest) : strlen(rest));
	if (url->path == NULL || url->path[0] != '/')
		return "unix:// needs an absolute path: unix:///run/redis.sock";
	if (query == NULL)
		return NULL;
	if (strncmp(query, "?db=", 4) != 0)
		return "the only parameter of unix:// is ?db=NUMBER";
	url->db = number(query + 4, 1000000);
	return url->db < 0 ? "db must be a number" : NULL;
}

static const char *
read_url(struct redis_url *url, const char *text)
{
	const char *fault;
	CURLU *u;

	if (strncmp(text, "unix://", 7) == 0)
		return read_unix(url, text + 7);
	url->tls = strncmp(text, "rediss://", 9) == 0;
	if (url->tls && !redis_tls_is_built())
		return "asks for TLS (rediss://), which needs hiredis 1.0: this "
		       "program is built with an older one (Debian 12's); use "
		       "redis://, unix://, or a tunnel";
	if (!url->tls && strncmp(text, "redis://", 8) != 0)
		return "must begin with redis://, rediss:// or unix://";
	u = curl_url();
	if (u == NULL)
		return "out of memory";
	if (curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) !=
	    CURLUE_OK)
		fault = "is not a URL: redis://[user][:password@]host[:port]"
			"[/db]";
	else {
		fault = read_tcp(url, u);
		url->user = part(u, CURLUPART_USER);
		url->password = part(u, CURLUPART_PASSWORD);
	}
	curl_url_cleanup(u);
	return fault;
}

int
redis_url_parse(struct redis_url *url, const char *text, const char **why)
{
	memset(url, 0, sizeof(*url));
	*why = read_url(url, text);
	if (*why == NULL)
		return 0;
	redis_url_clear(url);
	return -1;
}
