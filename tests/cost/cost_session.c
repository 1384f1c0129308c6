/* SPDX-License-Identifier: MIT */
/*
 * A session (worker/session.h) on a connection whose other end is here, too, in
 * the same thread: its relay says what Postfix said when it was recorded. With
 * PIPELINING, so a dot and the next envelope come together.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <curl/curl.h>
#include <uv.h>

#include "mail.h"
#include "mime.h"
#include "session.h"

#define ENVELOPE_REPLIES   \
	"250 2.1.0 Ok\r\n" \
	"250 2.1.5 Ok\r\n" \
	"250 2.1.5 Ok\r\n" \
	"354 End data with <CR><LF>.<CR><LF>\r\n"
#define DOT_REPLY "250 2.0.0 Ok: queued as 4c8RkX2Tz9z4wQ1\r\n"

struct mail {
	struct transaction transaction;
	struct envelope_recipient to[2];
};

static uv_loop_t loop;
static struct session *session;
static int relay; /* its end of the connection */
static struct mail mails[3]; /* two at a time are in the session's hand */
static size_t sent;

/* -- the relay ------------------------------------------------------------- */

static void
say(const char *replies)
{
	const size_t len = strlen(replies);

	cost_check(write(relay, replies, len) == (ssize_t)len,
	    "the relay can speak");
}

static bool
ends_with(const char *told, size_t len, const char *end)
{
	const size_t n = strlen(end);

	return len >= n && memcmp(told + len - n, end, n) == 0;
}

/* An envelope, a message with its dot, or both in one. */
static void
answer(void)
{
	static char told[16384];
	const ssize_t n = recv(relay, told, sizeof(told), MSG_DONTWAIT);
	bool envelope, message;

	if (n <= 0)
		return;
	envelope = ends_with(told, (size_t)n, "\r\nDATA\r\n");
	message = memcmp(told, "MAIL", 4) != 0;
	cost_check(envelope || ends_with(told, (size_t)n, "\r\n.\r\n"),
	    "an envelope and a message come as a whole");
	if (message)
		say(DOT_REPLY);
	if (envelope)
		say(ENVELOPE_REPLIES);
}

/* -- the session ----------------------------------------------------------- */

static bool
may_dot(struct transaction *transaction)
{
	(void)transaction;
	return true;
}

static void
on_done(struct transaction *transaction, enum outcome outcome)
{
	struct mail *mail = (struct mail *)transaction;
	size_t i;

	cost_check(outcome == OUTCOME_SENT, "the relay took the mail");
	for (i = 0; i < transaction->recipients_len; i++)
		free(mail->to[i].reply);
	sent++;
}

static void
on_served(void *arg)
{
	(void)arg;
}

static void
on_paced(void *arg, int64_t ms)
{
	(void)arg;
	(void)ms;
}

static void
on_ended(void *arg, enum dialogue_end how, const char *why)
{
	(void)arg;
	cost_check(how == DIALOGUE_DONE, why);
}

static void
on_gone(void *arg, struct session *gone)
{
	(void)arg;
	cost_check(gone == session, "it was this session");
	session = NULL;
}

/* On an abstract unix socket: what is written is there at once. */
static CURL *
connected_handle(void)
{
	const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(address.sun_family); /* the kernel names it */
	CURL *curl = curl_easy_init();

	cost_check(bind(listener, (struct sockaddr *)&address, len) == 0 &&
		listen(listener, 1) == 0,
	    "there is a socket");
	len = sizeof(address) - 1;
	cost_check(getsockname(listener, (struct sockaddr *)&address, &len) ==
		0,
	    "it has a name");
	curl_easy_setopt(curl, CURLOPT_URL, "http://relay.example/");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_ABSTRACT_UNIX_SOCKET,
	    address.sun_path + 1);
	cost_check(curl_easy_perform(curl) == CURLE_OK, "libcurl connects");
	relay = accept(listener, NULL, NULL);
	cost_check(relay != -1, "the relay takes the connection");
	close(listener);
	return curl;
}

static void
submit(size_t number, const struct composed *message)
{
	struct mail *mail = &mails[number % 3];

	*mail = (struct mail){ .to = { { .address = "ann.reader@example.com" },
				   { .address = "bob.reader@example.org" } } };
	mail->transaction = (struct transaction){
		.id = "0197bd2c-7a41-7c3e-9d0a-5f0e6b1c2d3e",
		.sender = "orders@shop.example",
		.recipients = mail->to,
		.recipients_len = 2,
		.message = message,
		.may_dot = may_dot,
		.done = on_done,
	};
	session_submit(session, &mail->transaction);
}

static void
send_all(size_t n, const struct composed *message)
{
	size_t submitted = 0;

	while (sent < n) {
		while (submitted < n && session_places(session) > 0)
			submit(submitted++, message);
		session_flush(session);
		if (session_held(session) != NULL)
			session_allow_dot(session);
		answer();
		(void)uv_run(&loop, UV_RUN_NOWAIT);
	}
}

void
cost_run(size_t n)
{
	static const bool quick = true;
	static const struct config config = { .smtp_timeout = 60000,
		.smtp_dot_timeout = 60000,
		.smtp_idle = 60000,
		.pipeline_wait = 60000,
		.smtp_mails_per_connection = 1000000 };
	const struct session_options options = { .loop = &loop,
		.config = &config,
		.quick = &quick,
		.served = on_served,
		.paced = on_paced,
		.ended = on_ended,
		.gone = on_gone };
	struct connected connected = { .keywords = EHLO_PIPELINING |
		    EHLO_8BITMIME | EHLO_SMTPUTF8 };
	struct composed message = { 0 };
	const char *why;
	struct job job;

	mime_init();
	cost_job(&job);
	cost_check(mime_build(&job, &job.from, &message, &why) == 0, "made");
	cost_check(uv_loop_init(&loop) == 0, "there is a loop");
	connected.curl = connected_handle();
	session = session_new(&options, &connected);
	send_all(n, &message);
	session_retire(session);
	while (session != NULL)
		(void)uv_run(&loop, UV_RUN_ONCE);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	cost_check(uv_loop_close(&loop) == 0, "nothing is left on the loop");
	close(relay);
	composed_free(&message);
	job_clear(&job);
	mime_shutdown();
}
