/* SPDX-License-Identifier: MIT */
/*
 * postrider-sendmail: takes a message on stdin as sendmail(8) does, and hands it
 * to the API. What its callers decide by is the exit status (sysexits.h).
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "client.h"
#include "credential.h"
#include "digest.h"
#include "env_file.h"
#include "id.h"
#include "raw_mail.h"
#include "version.h"

#define TRIES 3 /* with pauses of 1 and 2 s between */
#define MESSAGE_MAX (256 * 1024 * 1024) /* bytes: the API takes far fewer */
/* Those of other sendmails, with and without an argument, do nothing. */
#define OPTIONS "+A:B:C:F:GIL:N:O:R:UV:X:b:d::e::f:h:imno:p:r:q::stv"

enum {
	OPTION_URL = 256,
	OPTION_KEY_FILE,
	OPTION_HELP,
	OPTION_VERSION
};
static const struct option long_options[] = {
	{ "url", required_argument, NULL, OPTION_URL },
	{ "key-file", required_argument, NULL, OPTION_KEY_FILE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

struct call {
	struct raw_mail raw;
	bool whole; /* -i: a lone dot is no end */
	bool verbose;
	bool queue_run; /* -q: there is nothing to do */
};

/* -- the command line ------------------------------------------------------- */

static void
print_help(void)
{
	puts("Usage: postrider-sendmail [options] [RECIPIENT ...] <MESSAGE\n\n"
	     "  -t               send to who is in To, Cc and Bcc, too\n"
	     "  -i, -oi          a line with a dot alone is no end\n"
	     "  -f ADDRESS       the sender of a message without From\n"
	     "  -F NAME          his name\n"
	     "  -v               tell the mail's id\n"
	     "  --url URL        the API; POSTRIDER_URL\n"
	     "  --key-file FILE  holds the API key; POSTRIDER_API_KEY_FILE\n"
	     "  --help           show this and exit\n"
	     "  --version        show the version and exit\n\n"
	     "Other options of sendmail are taken and do nothing. It ends with "
	     "a status of\nsysexits.h: 75 when it is to be tried again.");
}

static void
set(const char *name, const char *value)
{
	if (setenv(name, value, 1) == -1)
		abort();
}

/* -bm is what we do; -bs, -bd, -bp and the like we do not. -1: go on. */
static int
read_mode(const char *mode)
{
	if (strcmp(mode, "m") == 0)
		return -1;
	fprintf(stderr,
	    "postrider-sendmail: -b%s is not to be had: only a message on "
	    "stdin is taken\n",
	    mode);
	return EX_USAGE;
}

/* -1: go on; or what to end with. */
static int
read_option(struct call *call, int option)
{
	switch (option) {
	case 't':
		call->raw.from_header = true;
		break;
	case 'i':
		call->whole = true;
		break;
	case 'o': /* -oi; all others do nothing */
		call->whole = call->whole || strcmp(optarg, "i") == 0;
		break;
	case 'f':
	case 'r':
		call->raw.from = optarg;
		break;
	case 'F':
		call->raw.name = optarg;
		break;
	case 'v':
		call->verbose = true;
		break;
	case 'q':
		call->queue_run = true;
		break;
	case 'b':
		return read_mode(optarg);
	case OPTION_URL:
		set("POSTRIDER_URL", optarg);
		break;
	case OPTION_KEY_FILE:
		set("POSTRIDER_API_KEY_FILE", optarg);
		unsetenv("POSTRIDER_API_KEY"); /* the option goes first */
		break;
	case OPTION_HELP:
		print_help();
		return EX_OK;
	case OPTION_VERSION:
		puts("postrider-sendmail " POSTRIDER_VERSION);
		return EX_OK;
	case '?':
		return EX_USAGE; /* getopt has told it */
	default:
		break;
	}
	return -1;
}

/* -- the message ------------------------------------------------------------ */

/* Up to a line with nothing but a dot, as a person ends one. */
static void
end_at_dot(struct buffer *message)
{
	char *at = message->data, *end = at + message->len, *next;

	for (; at < end; at = next) {
		next = memchr(at, '\n', (size_t)(end - at));
		next = next == NULL ? end : next + 1;
		if (at[0] == '.' &&
		    (next - at == 2 || (next - at == 3 && at[1] == '\r'))) {
			message->len = (size_t)(at - message->data);
			return;
		}
	}
}

static int
read_message(struct buffer *message)
{
	char piece[65536];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0) {
		buffer_add(message, piece, n);
		if (message->len > MESSAGE_MAX) {
			fputs("postrider-sendmail: the message is too large\n",
			    stderr);
			return EX_DATAERR;
		}
	}
	if (ferror(stdin)) {
		perror("postrider-sendmail: stdin");
		return EX_IOERR;
	}
	return EX_OK;
}

/* What the host calls itself in mail: Debian's /etc/mailname, or its name. */
static void
find_domain(char domain[256])
{
	FILE *file = fopen("/etc/mailname", "re");

	domain[0] = '\0';
	if (file != NULL) {
		if (fgets(domain, 256, file) == NULL)
			domain[0] = '\0';
		fclose(file); /* it was only read */
		domain[strcspn(domain, " \t\r\n")] = '\0';
	}
	if (domain[0] == '\0' && gethostname(domain, 255) == -1)
		(void)snprintf(domain, 256, "localhost");
	domain[255] = '\0';
}

/* By a Message-ID, in its header. */
static bool
names_itself(const char *at)
{
	for (; *at != '\0' && *at != '\r' && *at != '\n';) {
		if (strncasecmp(at, "Message-ID:", 11) == 0)
			return true;
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return false;
}

/*
 * A message that names itself is the same mail however often it is handed in,
 * also by another process after a 75; another is the same in our own tries.
 */
static void
make_key(struct buffer *header, struct json_object *mail,
    const struct buffer *message)
{
	char hex[DIGEST_HEX_SIZE], id[ID_MAX + 1];
	struct digest *digest;

	buffer_add_text(header, "Idempotency-Key: sendmail-");
	if (!names_itself(message->data)) {
		id_new(id);
		buffer_add_text(header, id);
		return;
	}
	digest = digest_new();
	digest_add(digest, message->data, message->len);
	digest_text(hex, json_object_to_json_string(mail));
	digest_add(digest, hex, sizeof(hex));
	digest_end(digest, hex);
	digest_free(digest);
	buffer_add_text(header, hex);
}

/* -- sending ---------------------------------------------------------------- */

static int
exit_of(enum command_status status)
{
	switch (status) {
	case COMMAND_DONE:
		return EX_OK;
	case COMMAND_REFUSED:
		return EX_DATAERR;
	case COMMAND_USAGE:
		return EX_USAGE;
	case COMMAND_UNREACHABLE:
		return EX_TEMPFAIL;
	case COMMAND_DENIED:
		return EX_NOPERM;
	}
	return EX_SOFTWARE;
}

static int
post(const struct ctl *ctl, const struct call *call, struct json_object *mail,
    const char *header)
{
	const struct client_call request = { "POST", "/api/emails", mail,
		header };
	struct json_object *answer = NULL, *id;
	enum command_status status;
	unsigned try;

	for (try = 1;; try++) {
		status = client_ask(ctl, &request, &answer);
		if (status != COMMAND_UNREACHABLE || try == TRIES)
			break;
		sleep(try);
	}
	if (call->verbose && json_object_object_get_ex(answer, "id", &id))
		fprintf(stderr, "postrider-sendmail: %s\n",
		    json_object_get_string(id));
	json_object_put(answer);
	return exit_of(status);
}

static void
tell(const struct buffer *lines)
{
	const char *at, *end;

	for (at = lines->len > 0 ? lines->data : ""; *at != '\0'; at = end) {
		end = at + strcspn(at, "\n");
		fprintf(stderr, "postrider-sendmail: %.*s\n", (int)(end - at),
		    at);
		end += *end == '\n';
	}
}

static int
submit(struct call *call, const struct ctl *ctl, struct buffer *message)
{
	struct buffer why = { 0 }, told = { 0 }, header = { 0 };
	struct json_object *mail;
	int status = EX_DATAERR;

	call->raw.bytes = message->data;
	call->raw.len = message->len;
	mail = raw_mail_read(&call->raw, &why, &told);
	tell(&told);
	tell(&why);
	if (mail != NULL) {
		make_key(&header, mail, message);
		status = post(ctl, call, mail, header.data);
	}
	json_object_put(mail);
	buffer_free(&why);
	buffer_free(&told);
	buffer_free(&header);
	return status;
}

static int
run(struct call *call)
{
	struct config config = { 0 };
	const struct ctl ctl = { &config, false };
	struct buffer message = { 0 };
	char domain[256];
	int status;

	/* Who may not read the services' settings brings their own. */
	(void)env_file_load(ENV_FILE_DEFAULT);
	credential_load_all();
	if (config_load(&config, CONFIG_CTL, stderr) == -1)
		return EX_CONFIG;
	find_domain(domain);
	call->raw.domain = domain;
	status = read_message(&message);
	buffer_reserve(&message, 1);
	message.data[message.len] = '\0';
	if (status == EX_OK) {
		if (!call->whole)
			end_at_dot(&message);
		status = submit(call, &ctl, &message);
	}
	buffer_free(&message);
	config_free(&config);
	return status;
}

int
main(int argc, char **argv)
{
	struct call call = { 0 };
	int option, status;

	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt_long(argc, argv, OPTIONS, long_options,
		    NULL)) != -1) {
		status = read_option(&call, option);
		if (status != -1)
			return status;
	}
	if (call.queue_run)
		return EX_OK; /* Postrider's queue runs by itself */
	call.raw.recipients = argv + optind;
	if (call.raw.recipients[0] == NULL && !call.raw.from_header) {
		fputs("postrider-sendmail: there is no recipient: name them, "
		      "or -t takes those of the message\n",
		    stderr);
		return EX_USAGE;
	}
	return run(&call);
}
