/* SPDX-License-Identifier: MIT */
/* The login's options for libcurl, and its failures in words. */
#include "login.h"

#include <string.h>

/*
 * What libcurl may choose from. Not CRAM-MD5 and the like, which it would
 * prefer: relays offer them for accounts that have no secret of that kind, and
 * within TLS they protect nothing.
 */
static const struct {
	const char *options; /* CURLOPT_LOGIN_OPTIONS */
	const char *names;
} password_ways[SMTP_AUTH__MAX] = {
	[SMTP_AUTH_AUTO] = { "AUTH=PLAIN;AUTH=LOGIN", "PLAIN or LOGIN" },
	[SMTP_AUTH_PLAIN] = { "AUTH=PLAIN", "PLAIN" },
	[SMTP_AUTH_LOGIN] = { "AUTH=LOGIN", "LOGIN" },
}, token_ways[SMTP_AUTH__MAX] = {
	[SMTP_AUTH_AUTO] = { "AUTH=OAUTHBEARER;AUTH=XOAUTH2",
	    "OAUTHBEARER or XOAUTH2" },
	[SMTP_AUTH_XOAUTH2] = { "AUTH=XOAUTH2", "XOAUTH2" },
};

static bool
has_token(const struct config *config)
{
	return config->smtp_token[0] != '\0';
}

bool
login_is_wanted(const struct config *config)
{
	return config->smtp_username[0] != '\0';
}

int
login_set(CURL *curl, const struct config *config, struct buffer *why)
{
	const enum smtp_auth auth = config->smtp_auth;
	const bool token = has_token(config);
	struct buffer secret = { 0 };
	int failed = 0;

	if (!login_is_wanted(config))
		return 0;
	if (config_read_secret(config, token ? "SMTP_TOKEN" : "SMTP_PASSWORD",
		&secret) != 0) {
		buffer_add(why, secret.data, secret.len);
		buffer_free(&secret);
		return -1;
	}
	failed |= curl_easy_setopt(curl, CURLOPT_USERNAME,
		      config->smtp_username) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS,
		      token ? token_ways[auth].options :
			      password_ways[auth].options) != CURLE_OK;
	/* libcurl copies it. */
	failed |= curl_easy_setopt(curl,
		      token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD,
		      secret.data) != CURLE_OK;
	explicit_bzero(secret.data, secret.len);
	buffer_free(&secret);
	if (failed)
		buffer_add_text(why, "libcurl does not take the settings");
	return failed ? -1 : 0;
}

/* A token may be refused by a challenge, at which libcurl hangs up. */
bool
login_is_refused(const struct ehlo *ehlo)
{
	return ehlo->challenged || ehlo->refusal.len > 0;
}

void
login_explain(struct buffer *text, const struct config *config,
    const struct ehlo *ehlo)
{
	const bool token = has_token(config);

	if (login_is_refused(ehlo))
		buffer_printf(text, "the relay refuses SMTP_USERNAME with %s",
		    token ? "SMTP_TOKEN" : "SMTP_PASSWORD");
	else if (ehlo->mechanisms.len == 0)
		buffer_add_text(text,
		    "the relay offers no AUTH, and SMTP_USERNAME is set");
	else
		buffer_printf(text,
		    "the relay offers AUTH %s; SMTP_AUTH and the secret ask "
		    "for %s",
		    ehlo->mechanisms.data,
		    token ? token_ways[config->smtp_auth].names :
			    password_ways[config->smtp_auth].names);
}

bool
login_is_exposed(const struct config *config)
{
	const char *host = config->smtp_host;

	return login_is_wanted(config) && config->smtp_tls == SMTP_TLS_OFF &&
	    strcmp(host, "localhost") != 0 && strcmp(host, "::1") != 0 &&
	    strncmp(host, "127.", 4) != 0;
}
