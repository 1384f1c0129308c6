/* SPDX-License-Identifier: MIT */
#include "redis_tls.h"

#include <stdio.h>

#ifdef POSTRIDER_REDIS_TLS

#include <arpa/inet.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/x509v3.h>

#include "tls_trust.h"

bool
redis_tls_is_built(void)
{
	return true;
}

/* What the certificate must be for. 1, or 0. */
static int
expect_name(SSL *ssl, const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, host, address) == 1 ||
	    inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

/* NULL: no memory, or no CAs. */
static SSL *
new_ssl(const struct redis_url *url)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	if (context != NULL &&
	    tls_trust(context, url->ca != NULL ? url->ca : "") == 0)
		ssl = SSL_new(context);
	SSL_CTX_free(context); /* `ssl` holds it */
	if (ssl == NULL || expect_name(ssl, url->host))
		return ssl;
	SSL_free(ssl);
	return NULL;
}

int
redis_tls_start(redisContext *redis, const struct redis_url *url, char *why,
    size_t size)
{
	SSL *ssl = new_ssl(url);

	if (ssl == NULL) {
		snprintf(why, size,
		    "REDIS_URL: no CA certificates can be read");
		return -1;
	}
	if (redisInitiateSSL(redis, ssl) == REDIS_OK)
		return 0; /* it is the connection's now */
	snprintf(why, size, "TLS: %s", redis->errstr);
	SSL_free(ssl);
	return -1;
}

bool
redis_tls_is_on(const redisContext *redis)
{
	return redis->privctx != NULL;
}

#else

bool
redis_tls_is_built(void)
{
	return false;
}

/* redis_url_parse() takes no rediss:// then. */
int
redis_tls_start(redisContext *redis, const struct redis_url *url, char *why,
    size_t size)
{
	(void)redis;
	(void)url;
	snprintf(why, size, "hiredis has no TLS");
	return -1;
}

bool
redis_tls_is_on(const redisContext *redis)
{
	(void)redis;
	return false;
}

#endif
