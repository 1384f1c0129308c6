/* SPDX-License-Identifier: MIT */
/* What libfcgi gives us, and the order in which it wants it back. */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "api.h"
#include "api_metrics.h"
#include "listing.h"
#include "timestamp.h"

#define ONE_PIECE 4096 /* bytes of a body that come with its headers */

void
request_init(struct request *request, struct api *api, int fd)
{
	FCGX_InitRequest(&request->fcgi, fd, 0); /* cannot fail */
	request->api = api;
}

const char *
request_header(const struct request *request, const char *name)
{
	return FCGX_GetParam(name, request->fcgi.envp);
}

const char *
request_param(const struct request *request, const char *name)
{
	const char *value = FCGX_GetParam(name, request->fcgi.envp);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/*
 * libfcgi blocks, and has no timeouts: so that a web server which stops in the
 * middle of a request cannot hold a thread, the kernel gets them. Not worth its
 * price for what comes, or goes, in one piece.
 */
static void
bound_wait(struct request *request, int option)
{
	int64_t ms = request->api->config->accept_timeout + CONFIG_ANSWER_GRACE;
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };

	/* On a socket that is gone this fails, and so will what follows. */
	(void)setsockopt(request->fcgi.ipcFd, SOL_SOCKET, option, &wait,
	    sizeof(wait));
}

void
request_expect_large_answer(struct request *request)
{
	bound_wait(request, SO_SNDTIMEO);
}

void
request_begin(struct request *request)
{
	/* Ours until the answer, so the query can be cut off in place. */
	char *uri = FCGX_GetParam("REQUEST_URI", request->fcgi.envp);
	const char *method = request_param(request, "REQUEST_METHOD");
	const char *query = request_param(request, "QUERY_STRING");

	if (uri != NULL)
		uri[strcspn(uri, "?")] = '\0';
	metrics_add(&metric_in_flight, 0, 1);
	request->began = timestamp_monotonic();
	request->method = method != NULL ? method : "";
	request->path = uri != NULL ? uri : "";
	request->query = query != NULL ? query : "";
	request->id[0] = '\0';
}

/* 0 when it is absent; -1 when it is no number. */
static int64_t
content_length(const struct request *request)
{
	const char *text = request_param(request, "CONTENT_LENGTH");
	int64_t length = 0;

	if (text == NULL)
		return 0;
	for (; *text >= '0' && *text <= '9'; text++)
		if (length <= INT32_MAX)
			length = length * 10 + (*text - '0');
	return *text == '\0' ? length : -1;
}

/*
 * A read that has a timeout is interrupted when we are stopped and go on
 * (signal(7)), and libfcgi takes that for the stream's end.
 */
static bool
was_interrupted(FCGX_Stream *in)
{
	if (FCGX_GetError(in) != EINTR)
		return false;
	FCGX_ClearError(in);
	in->isClosed = 0; /* nothing of it was lost: it may be read again */
	return true;
}

enum request_body
request_read_body(struct request *request)
{
	const struct config *config = request->api->config;
	FCGX_Stream *in = request->fcgi.in;
	int64_t length = content_length(request);
	int n = 0, end;

	if (length < 0)
		return REQUEST_BODY_NO_LENGTH;
	if (length > config->max_request_kb * 1024)
		return REQUEST_BODY_TOO_LARGE;
	if (!pool_hold(request->api->pool, request, (size_t)length))
		return REQUEST_BODY_NO_ROOM;
	request->body = malloc((size_t)length + 1);
	if (request->body == NULL)
		return REQUEST_BODY_NO_ROOM;
	if (length > ONE_PIECE)
		bound_wait(request, SO_RCVTIMEO);
	do
		n += FCGX_GetStr(request->body + n, (int)length - n, in);
	while (n < length && was_interrupted(in));
	request->body[n] = '\0';
	request->body_len = (size_t)n;
	do
		end = FCGX_GetChar(in);
	while (end == EOF && was_interrupted(in));
	if (FCGX_GetError(in) != 0)
		return REQUEST_BODY_CUT;
	if (n != length || end != EOF)
		return REQUEST_BODY_BAD_LENGTH;
	return REQUEST_BODY_READ;
}

void
request_drop_body(struct request *request)
{
	free(request->body);
	request->body = NULL;
	request->body_len = 0;
}

int64_t
request_deadline(const struct request *request)
{
	return timestamp_monotonic() + request->api->config->accept_timeout;
}

/* Bytes left unread would reset the connection, and the answer with it. */
static void
drain(struct request *request)
{
	char waste[4096];

	if (FCGX_HasSeenEOF(request->fcgi.in) == EOF)
		return;
	bound_wait(request, SO_RCVTIMEO);
	while (FCGX_GetStr(waste, sizeof(waste), request->fcgi.in) ==
	    sizeof(waste))
		continue;
}

void
request_end(struct request *request)
{
	drain(request);
	request_drop_body(request);
	listing_free(request->listing);
	request->listing = NULL;
	buffer_free(&request->warnings);
	buffer_free(&request->errors);
	commit_job_free(&request->commit);
	free(request->mails);
	request->mails = NULL;
	/* Detached, its close does not linger: all was read, it need not. */
	FCGX_Detach(&request->fcgi);
	FCGX_Finish_r(&request->fcgi);
	/*
	 * A connection that the web server would keep is closed, too: its next
	 * request would wait for this very object to be taken again.
	 */
	FCGX_Free(&request->fcgi, 1);
	FCGX_Attach(&request->fcgi);
	metrics_add(&metric_in_flight, 0, -1);
	pool_give(request->api->pool, request);
}
