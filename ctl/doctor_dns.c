/* SPDX-License-Identifier: MIT */
/*
 * What receivers look up: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489) of
 * the From domain, and whether our name, address and PTR agree (RFC 1912 2.1).
 * We cannot know the relay's addresses, so that SPF names it is the operator's
 * to see.
 */
#include <netdb.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "address.h"
#include "buffer.h"
#include "dkim_keys.h"
#include "dns.h"
#include "doctor.h"

#define HOST_SIZE 64 /* an address as text */

/* The first answer that begins so, or NULL. */
static const char *
beginning(const struct dns_answers *answers, const char *start)
{
	size_t i;

	for (i = 0; i < answers->count; i++)
		if (strncasecmp(answers->text[i], start, strlen(start)) == 0)
			return answers->text[i];
	return NULL;
}

static void
tell_unasked(struct doctor *doctor, const char *subject, const char *name)
{
	doctor_tell(doctor, FINDING_WARNING, subject,
	    "the DNS does not answer about %s", name);
}

/* -- SPF, DMARC ------------------------------------------------------------- */

static void
look_at_policy(struct doctor *doctor, struct dns *dns, const char *subject,
    const char *name, const char *start)
{
	struct dns_answers answers;
	const enum dns_result result = dns_txt(dns, name, &answers);
	const char *policy = beginning(&answers, start);

	if (result == DNS_FAILED)
		tell_unasked(doctor, subject, name);
	else if (policy == NULL)
		doctor_tell(doctor, FINDING_WARNING, subject,
		    "%s has no TXT record that begins with %s: large "
		    "providers file such mail as junk",
		    name, start);
	else
		doctor_tell(doctor, FINDING_OK, subject, "%s: %s", name,
		    policy);
	dns_answers_free(&answers);
}

/* -- DKIM ------------------------------------------------------------------- */

/* The public half as `p=` has it, owned; NULL: it is no key. */
static char *
public_half(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	unsigned char *der = NULL;
	char *text = NULL;
	int len = key == NULL ? -1 : i2d_PUBKEY(key, &der);

	if (len > 0) {
		text = malloc((size_t)len * 4 / 3 + 8);
		if (text == NULL)
			abort();
		EVP_EncodeBlock((unsigned char *)text, der, len);
	}
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return text;
}

/* Whether the tag p= of the record is this key; blanks in it do not count. */
static bool
publishes(const char *record, const char *key)
{
	const char *at = strstr(record, "p=");

	if (at == NULL)
		return false;
	for (at += 2; *at != '\0' && *at != ';'; at++) {
		if (*at == ' ' || *at == '\t')
			continue;
		if (*key == '\0' || *at != *key++)
			return false;
	}
	return *key == '\0';
}

static void
look_at_key(struct doctor *doctor, struct dns *dns, const struct dkim_key *key)
{
	struct buffer name = { 0 };
	struct dns_answers answers;
	enum dns_result result;
	char *half = public_half(key->pem);
	size_t i;

	buffer_printf(&name, "%s._domainkey.%s", key->selector, key->domain);
	result = dns_txt(dns, name.data, &answers);
	for (i = 0; half != NULL && i < answers.count; i++)
		if (publishes(answers.text[i], half))
			break;
	if (result == DNS_FAILED)
		tell_unasked(doctor, "dkim", name.data);
	else if (half != NULL && i < answers.count)
		doctor_tell(doctor, FINDING_OK, "dkim", "%s is the key",
		    name.data);
	else
		doctor_tell(doctor, FINDING_FAILED, "dkim",
		    "%s %s: its TXT record must be v=DKIM1; k=rsa; p=%s",
		    name.data,
		    answers.count == 0 ? "is not there" : "is another key",
		    half == NULL ? "..." : half);
	free(half);
	dns_answers_free(&answers);
	buffer_free(&name);
}

static void
look_at_dkim(struct doctor *doctor, struct dns *dns, const char *domain)
{
	const char *folder = doctor->ctl->config->dkim_keys;
	struct dkim_keys keys = { 0 };
	char *faults = NULL;
	size_t size, i;
	FILE *out = open_memstream(&faults, &size);

	if (out == NULL)
		abort();
	if (dkim_keys_load(&keys, folder, out) == -1) {
		fclose(out); /* to memory: it cannot fail */
		faults[strcspn(faults, "\n")] = '\0';
		doctor_tell(doctor, FINDING_WARNING, "dkim", "%s", faults);
	} else {
		fclose(out);
		if (dkim_keys_find(&keys, domain) == NULL)
			doctor_tell(doctor, FINDING_WARNING, "dkim",
			    "DKIM_KEYS has no key for %s: mail from it is not "
			    "signed here",
			    domain);
	}
	for (i = 0; i < keys.len; i++)
		look_at_key(doctor, dns, &keys.list[i]);
	dkim_keys_free(&keys);
	free(faults);
}

/* -- name, address, PTR ----------------------------------------------------- */

static void
look_at_address(struct doctor *doctor, struct dns *dns, const char *name,
    const char *address)
{
	struct dns_answers answers;
	enum dns_result result = dns_ptr(dns, address, &answers);
	size_t i;

	for (i = 0; i < answers.count; i++)
		if (strcasecmp(answers.text[i], name) == 0)
			break;
	if (result == DNS_FAILED)
		tell_unasked(doctor, "ptr", address);
	else if (i < answers.count)
		doctor_tell(doctor, FINDING_OK, "ptr", "%s is %s both ways",
		    address, name);
	else
		doctor_tell(doctor, FINDING_WARNING, "ptr",
		    "%s, the address of SMTP_EHLO %s, is %s the other way "
		    "round: it matters if this host is the relay",
		    address, name,
		    answers.count > 0 ? answers.text[0] : "nobody");
	dns_answers_free(&answers);
}

static void
look_at_name(struct doctor *doctor, struct dns *dns)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *name = doctor->ctl->config->smtp_ehlo;
	struct addrinfo *list = NULL, *one;
	char host[HOST_SIZE];

	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		doctor_tell(doctor, FINDING_WARNING, "ptr",
		    "SMTP_EHLO %s has no address", name);
	for (one = list; one != NULL; one = one->ai_next)
		if (getnameinfo(one->ai_addr, one->ai_addrlen, host,
			sizeof(host), NULL, 0, NI_NUMERICHOST) == 0)
			look_at_address(doctor, dns, name, host);
	if (list != NULL)
		freeaddrinfo(list);
}

void
doctor_dns(struct doctor *doctor)
{
	struct dns *dns = dns_open(doctor->resolver);
	struct mailbox from = { 0 };
	struct buffer name = { 0 };
	const char *domain;

	if (dns == NULL) {
		doctor_tell(doctor, FINDING_FAILED, "dns",
		    "--resolver is an IPv4 address, with :PORT or without");
		return;
	}
	if (mailbox_parse(&from, doctor->ctl->config->smtp_from,
		strlen(doctor->ctl->config->smtp_from)) == ADDRESS_OK) {
		domain = strchr(from.address, '@') + 1;
		look_at_policy(doctor, dns, "spf", domain, "v=spf1");
		buffer_printf(&name, "_dmarc.%s", domain);
		look_at_policy(doctor, dns, "dmarc", name.data, "v=DMARC1");
		look_at_dkim(doctor, dns, domain);
	}
	look_at_name(doctor, dns);
	mailbox_free(&from);
	buffer_free(&name);
	dns_close(dns);
}
