/* SPDX-License-Identifier: MIT */
/* By resolver(3), of which glibc and musl have this part alike. */
#define _DEFAULT_SOURCE
#include "dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define ANSWER_SIZE 65536
#define NAME_SIZE 128 /* of an address below ip6.arpa */

struct dns {
	struct __res_state resolver;
	unsigned char answer[ANSWER_SIZE];
};

static int
use_server(struct dns *dns, const char *server)
{
	struct sockaddr_in *to = &dns->resolver.nsaddr_list[0];
	const char *colon = strchr(server, ':');
	char host[INET_ADDRSTRLEN];
	const size_t len =
	    colon == NULL ? strlen(server) : (size_t)(colon - server);
	long port = NAMESERVER_PORT;
	char *end;

	if (len >= sizeof(host))
		return -1;
	memcpy(host, server, len);
	host[len] = '\0';
	if (colon != NULL) {
		port = strtol(colon + 1, &end, 10);
		if (port < 1 || port > 65535 || *end != '\0')
			return -1;
	}
	memset(to, 0, sizeof(*to));
	to->sin_family = AF_INET;
	to->sin_port = htons((uint16_t)port);
	dns->resolver.nscount = 1;
	return inet_pton(AF_INET, host, &to->sin_addr) == 1 ? 0 : -1;
}

struct dns *
dns_open(const char *server)
{
	struct dns *dns = calloc(1, sizeof(*dns));

	if (dns == NULL || res_ninit(&dns->resolver) == -1)
		abort();
	if (server != NULL && use_server(dns, server) == -1) {
		dns_close(dns);
		return NULL;
	}
	return dns;
}

void
dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	res_nclose(&dns->resolver);
	free(dns);
}

/* -- answers ---------------------------------------------------------------- */

static void
add_answer(struct dns_answers *answers, const void *text, size_t len)
{
	char *copy = strndup(text, len);

	if (copy == NULL)
		abort();
	answers->text[answers->count++] = copy;
}

static void
add_txt(struct dns_answers *answers, const ns_rr *record)
{
	const unsigned char *at = ns_rr_rdata(*record);
	const unsigned char *end = at + ns_rr_rdlen(*record);
	struct buffer text = { 0 };

	for (; at < end && at + 1 + *at <= end; at += 1 + *at)
		buffer_add(&text, at + 1, *at);
	if (text.len > 0)
		add_answer(answers, text.data, text.len);
	buffer_free(&text);
}

static void
add_name(struct dns_answers *answers, const ns_msg *message,
    const ns_rr *record)
{
	char name[NS_MAXDNAME];

	if (ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message),
		ns_rr_rdata(*record), name, sizeof(name)) >= 0)
		add_answer(answers, name, strlen(name));
}

static enum dns_result
ask(struct dns *dns, const char *name, int type, struct dns_answers *answers)
{
	ns_msg message;
	ns_rr record;
	int len, i;

	memset(answers, 0, sizeof(*answers));
	len = res_nquery(&dns->resolver, name, ns_c_in, type, dns->answer,
	    sizeof(dns->answer));
	if (len < 0)
		return dns->resolver.res_h_errno == HOST_NOT_FOUND ||
			dns->resolver.res_h_errno == NO_DATA ?
		    DNS_NONE :
		    DNS_FAILED;
	if (ns_initparse(dns->answer, len, &message) != 0)
		return DNS_FAILED;
	for (i = 0; i < ns_msg_count(message, ns_s_an) &&
	     answers->count < DNS_ANSWERS_MAX;
	     i++) {
		if (ns_parserr(&message, ns_s_an, i, &record) != 0)
			return DNS_FAILED;
		if ((int)ns_rr_type(record) != type) /* a CNAME */
			continue;
		if (type == ns_t_txt)
			add_txt(answers, &record);
		else
			add_name(answers, &message, &record);
	}
	return answers->count > 0 ? DNS_FOUND : DNS_NONE;
}

enum dns_result
dns_txt(struct dns *dns, const char *name, struct dns_answers *answers)
{
	return ask(dns, name, ns_t_txt, answers);
}

/* RFC 1035 3.5, RFC 3596 2.5. false: it is no address. */
static int
reverse_name(const char *address, char name[NAME_SIZE])
{
	unsigned char bytes[16];
	int used = 0, i;

	if (inet_pton(AF_INET, address, bytes) == 1)
		return snprintf(name, NAME_SIZE, "%d.%d.%d.%d.in-addr.arpa",
		    bytes[3], bytes[2], bytes[1], bytes[0]);
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return 0;
	for (i = 15; i >= 0; i--)
		used += snprintf(name + used, NAME_SIZE - (size_t)used,
		    "%x.%x.", bytes[i] & 15, bytes[i] >> 4);
	return used +
	    snprintf(name + used, NAME_SIZE - (size_t)used, "ip6.arpa");
}

enum dns_result
dns_ptr(struct dns *dns, const char *address, struct dns_answers *answers)
{
	char name[NAME_SIZE];

	memset(answers, 0, sizeof(*answers));
	if (reverse_name(address, name) == 0)
		return DNS_NONE;
	return ask(dns, name, ns_t_ptr, answers);
}

void
dns_answers_free(struct dns_answers *answers)
{
	size_t i;

	for (i = 0; i < answers->count; i++)
		free(answers->text[i]);
	memset(answers, 0, sizeof(*answers));
}
