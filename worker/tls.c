/* SPDX-License-Identifier: MIT */
/* TLS options for libcurl; each is checked: one missing may be mail in clear. */
#include "tls.h"

#include <string.h>

#include "ca_path.h"
#include "login.h"
#include "reply.h"

#define CA_FRESH 60L /* s for which libcurl keeps the CAs it has read */
#define NAMES_MAX 200 /* bytes of a certificate's names that are told */

bool
tls_is_optional(const struct config *config)
{
	return config->smtp_tls == SMTP_TLS_OPPORTUNISTIC &&
	    !login_is_wanted(config);
}

/* -- setting --------------------------------------------------------------- */

static bool
checks_certificate(const struct config *config)
{
	return config->smtp_tls == SMTP_TLS_REQUIRED ||
	    config->smtp_tls == SMTP_TLS_IMPLICIT;
}

static curl_usessl
usage_of(const struct config *config, bool plain)
{
	if (config->smtp_tls == SMTP_TLS_OFF)
		return CURLUSESSL_NONE;
	if (!tls_is_optional(config))
		return CURLUSESSL_ALL;
	return plain ? CURLUSESSL_NONE : CURLUSESSL_TRY;
}

/* Only these are trusted: libcurl's own default is taken away. */
static int
set_ca(CURL *curl, const char *path)
{
	const bool folder = ca_path_is_folder(path);
	int failed = 0;

	failed |= curl_easy_setopt(curl, CURLOPT_CAINFO,
		      folder ? NULL : path) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_CAPATH,
		      folder ? path : NULL) != CURLE_OK;
	return failed;
}

int
tls_set(CURL *curl, const struct config *config, bool plain)
{
	const bool checked = checks_certificate(config);
	int failed = 0;

	failed |= curl_easy_setopt(curl, CURLOPT_USE_SSL,
		      (long)usage_of(config, plain)) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER,
		      checked ? 1L : 0L) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST,
		      checked ? 2L : 0L) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_SSLVERSION,
		      checked ? (long)CURL_SSLVERSION_TLSv1_2 :
				(long)CURL_SSLVERSION_DEFAULT) != CURLE_OK;
	if (checked && config->smtp_ca[0] != '\0')
		failed |= set_ca(curl, config->smtp_ca);
	failed |= curl_easy_setopt(curl, CURLOPT_CA_CACHE_TIMEOUT, CA_FRESH) !=
	    CURLE_OK;
	/* For the names of a certificate that is another's. */
	failed |= curl_easy_setopt(curl, CURLOPT_CERTINFO, checked ? 1L : 0L) !=
	    CURLE_OK;
	return failed ? -1 : 0;
}

/* -- failures -------------------------------------------------------------- */

/* What follows `key` in the first certificate, or NULL. */
static const char *
find_field(const struct curl_certinfo *chain, const char *key)
{
	const struct curl_slist *field = chain->certinfo[0];
	const size_t len = strlen(key);

	for (; field != NULL; field = field->next)
		if (strncmp(field->data, key, len) == 0)
			return field->data + len;
	return NULL;
}

void
tls_inspect(struct tls_failure *failure, CURL *curl)
{
	const struct curl_certinfo *chain = NULL;

	/* What cannot be had is not told. */
	(void)curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT,
	    &failure->verified);
	(void)curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain);
	if (chain == NULL || chain->num_of_certs == 0)
		return;
	failure->names = find_field(chain, "X509v3 Subject Alternative Name:");
	if (failure->names == NULL)
		failure->names = find_field(chain, "Subject:");
}

/*
 * The numbers of openssl-verification-options(1), which are part of its ABI. A
 * libcurl with another TLS library has other ones and is left to its own words.
 */
static const struct {
	long verified;
	const char *text;
} certificate_faults[] = {
	{ 9, "its certificate is not valid yet: is a clock wrong?" },
	{ 10, "its certificate has expired" },
	{ 18,
	    "its certificate is self-signed: give it as SMTP_CA if it is to be "
	    "trusted" },
	{ 2, NULL }, /* unable to get issuer certificate */
	{ 19, NULL }, /* self-signed certificate in chain */
	{ 20, NULL }, /* unable to get local issuer certificate */
	{ 21, NULL }, /* unable to verify the first certificate */
};

static void
explain_names(struct buffer *text, const struct config *config,
    const char *names)
{
	const size_t len = strlen(names);

	buffer_add_text(text, "its certificate is for ");
	reply_add_safe(text, names, len < NAMES_MAX ? len : NAMES_MAX);
	buffer_printf(text, ", not for SMTP_HOST %s", config->smtp_host);
}

static void
explain_certificate(struct buffer *text, const struct config *config,
    const struct tls_failure *failure)
{
	size_t i;

	/* 1 (unspecified) is where libcurl begins: not looked at yet. */
	if (failure->verified <= 1 && failure->names != NULL) {
		explain_names(text, config, failure->names);
		return;
	}
	for (i = 0;
	     i < sizeof(certificate_faults) / sizeof(*certificate_faults);
	     i++) {
		if (certificate_faults[i].verified != failure->verified)
			continue;
		if (certificate_faults[i].text != NULL)
			buffer_add_text(text, certificate_faults[i].text);
		else if (config->smtp_ca[0] != '\0')
			buffer_add_text(text,
			    "its certificate is not issued by a CA that "
			    "SMTP_CA trusts");
		else
			buffer_add_text(text,
			    "its certificate is not issued by a CA that this "
			    "host trusts: give its CA as SMTP_CA");
		return;
	}
	buffer_add_text(text, failure->error);
}

/* Debian has them in a package of their own, which may be missing. */
static void
explain_no_cas(struct buffer *text, const struct config *config,
    const char *error)
{
	if (config->smtp_ca[0] != '\0')
		buffer_printf(text, "SMTP_CA cannot be used: %s", error);
	else
		buffer_add_text(text,
		    "this host has no CA certificates: install the package "
		    "ca-certificates, or give the relay's CA as SMTP_CA");
}

static void
explain_starttls(struct buffer *text, const struct config *config, bool refused)
{
	buffer_add_text(text,
	    refused ? "the relay refuses STARTTLS, " :
		      "the relay does not offer STARTTLS, ");
	if (config->smtp_tls == SMTP_TLS_OPPORTUNISTIC)
		buffer_add_text(text,
		    "without which no login is sent (but with SMTP_TLS=off)");
	else
		buffer_add_text(text, "which SMTP_TLS=required needs");
}

static bool
is_lost(const char *error)
{
	return strstr(error, "SSL_ERROR_SYSCALL") != NULL ||
	    strstr(error, "unexpected eof") != NULL;
}

/* Told by OpenSSL's words: libcurl has one code for all of them. */
static bool
explain_handshake(struct buffer *text, const struct config *config,
    const struct tls_failure *failure)
{
	if (strstr(failure->error, "protocol version") != NULL ||
	    strstr(failure->error, "unsupported protocol") != NULL) {
		buffer_add_text(text, "the relay speaks no TLS 1.2 or newer");
	} else if (config->smtp_tls == SMTP_TLS_IMPLICIT &&
	    strstr(failure->error, "wrong version number") != NULL) {
		buffer_add_text(text,
		    "the port does not speak TLS from the first byte, as "
		    "SMTP_TLS=implicit needs: for STARTTLS it is required");
	} else if (is_lost(failure->error)) {
		buffer_add_text(text,
		    "the relay ended the connection during the handshake");
		return false;
	} else {
		buffer_add_text(text, failure->error);
	}
	return true;
}

bool
tls_explain(struct buffer *text, const struct config *config,
    const struct tls_failure *failure)
{
	/* int: of libcurl's hundred codes only these matter. */
	switch ((int)failure->code) {
	case CURLE_USE_SSL_FAILED:
		explain_starttls(text, config, failure->refused);
		return true;
	case CURLE_PEER_FAILED_VERIFICATION:
		explain_certificate(text, config, failure);
		return true;
	case CURLE_SSL_CACERT_BADFILE:
		explain_no_cas(text, config, failure->error);
		return true;
	case CURLE_SSL_CONNECT_ERROR:
		return explain_handshake(text, config, failure);
	case CURLE_OPERATION_TIMEDOUT:
		buffer_add_text(text, failure->error);
		return false;
	default:
		buffer_add_text(text, failure->error);
		return true;
	}
}

const char *
tls_silence(const struct config *config)
{
	return config->smtp_tls == SMTP_TLS_IMPLICIT ?
	    "no greeting in time (SMTP_TLS=implicit: it must speak TLS from "
	    "the first byte)" :
	    "no greeting in time (if it speaks TLS from the first byte, it is "
	    "SMTP_TLS=implicit)";
}
