/* SPDX-License-Identifier: MIT */
/*
 * postrider setup: the web server in front of the API, and whether a mail would
 * be accepted through it. lighttpd is given our site, which has a socket of its
 * own; who runs another web server, or a site of another name, says so by
 * POSTRIDER_URL.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "setup_step.h"
#include "timestamp.h"
#include "unit.h"

#define ENABLE "lighty-enable-mod"
#define SITE "/etc/lighttpd/conf-available/50-postrider.conf"
#define SITES "/usr/share/postrider"
#define WORKER "http://127.0.0.1:3002" /* of postrider-worker@1 */

#define READY 60000 /* ms: longest wait for all to be ready */
#define POLL 200000 /* us */
#define ANSWER_MAX 4096 /* bytes of one that are looked at */

/* -- asking, quietly --------------------------------------------------------- */

static size_t
keep(char *bytes, size_t one, size_t len, void *arg)
{
	struct buffer *body = arg;

	(void)one;
	if (body->len + len <= ANSWER_MAX)
		buffer_add(body, bytes, len);
	return len;
}

/* The status that GET is answered with; 0: nobody answers. */
static long
get(const struct setup *setup, const char *base, const char *path,
    struct buffer *body)
{
	CURL *curl = curl_easy_init();
	struct buffer url = { 0 };
	long status = 0;

	if (curl == NULL)
		abort();
	buffer_clear(body);
	buffer_add_text(&url, base);
	while (url.len > 0 && url.data[url.len - 1] == '/')
		url.data[--url.len] = '\0';
	buffer_add_text(&url, path);
	curl_easy_setopt(curl, CURLOPT_URL, url.data);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)setup->config.api_timeout);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	buffer_free(&url);
	return status;
}

/* -- the web server ----------------------------------------------------------- */

enum setup_found
setup_look_at_web(struct setup *setup)
{
	const char *url = setup->config.api_url;
	struct buffer body = { 0 };
	const long status = get(setup, url, "/health", &body);
	/* Of the API, or our page for one that is away. */
	const bool ours = body.len > 0 && strstr(body.data, "\"status") != NULL;

	buffer_free(&body);
	if (status != 0 && ours)
		return setup_say(setup, SETUP_THERE, "%s answers", url);
	if (!setup->has_api)
		return setup_say(setup, SETUP_THERE,
		    "none is needed: the API is not on this host");
	if (status != 0)
		return setup_say(setup, SETUP_HINDERED,
		    "%s is answered by something else: give the API another "
		    "place there (" SITES "), and set POSTRIDER_URL to it",
		    url);
	if (program_exists(ENABLE) && access(SITE, F_OK) == 0)
		return setup_say(setup, SETUP_MISSING,
		    "enables the site in lighttpd, on 127.0.0.1:3000 alone");
	return setup_say(setup, SETUP_HINDERED,
	    "nobody answers at %s: apt install lighttpd; or for nginx and "
	    "Apache see " SITES,
	    url);
}

int
setup_make_web(struct setup *setup)
{
	static const char *const argv[] = { ENABLE, "postrider", NULL };
	struct buffer said = { 0 };
	int status = program_run(argv, NULL, &said);
	int result = -1;

	/* 2: it is enabled already. */
	if (status != 0 && status != 2)
		setup_fail(setup, ENABLE " postrider: %s",
		    said.data != NULL ? said.data : "failed");
	else if (unit_do("enable", "lighttpd.service", &setup->why) == 0 &&
	    unit_do("reload-or-restart", "lighttpd.service", &setup->why) == 0)
		result = 0;
	if (result == 0)
		setup_say(setup, SETUP_THERE,
		    "lighttpd has the site, on 127.0.0.1:3000");
	buffer_free(&said);
	return result;
}

/* -- whether all are ready ---------------------------------------------------- */

/* Who is not, and what it says; true: nobody is. */
static bool
all_are_ready(struct setup *setup)
{
	const struct {
		bool here;
		const char *name, *url;
	} programs[] = {
		{ setup->has_api, "the API", setup->config.api_url },
		{ setup->has_worker, "the worker", WORKER },
	};
	struct buffer body = { 0 };
	size_t i;
	long status = 200;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]) && status == 200;
	     i++) {
		if (!programs[i].here)
			continue;
		status = get(setup, programs[i].url, "/ready", &body);
		if (status != 200)
			setup_fail(setup, "%s is not ready at %s: %ld %s",
			    programs[i].name, programs[i].url, status,
			    body.len > 0 ? body.data : "no answer");
	}
	buffer_free(&body);
	if (status == 200)
		setup_say(setup, SETUP_THERE, "all are ready");
	return status == 200;
}

enum setup_found
setup_look_whether_ready(struct setup *setup)
{
	if (all_are_ready(setup))
		return SETUP_THERE;
	return setup_say(setup, SETUP_MISSING, "waits until all are ready");
}

int
setup_wait_until_ready(struct setup *setup)
{
	const int64_t until = timestamp_monotonic() + READY;

	while (!all_are_ready(setup)) {
		if (timestamp_monotonic() >= until)
			return -1;
		usleep(POLL);
	}
	return 0;
}
