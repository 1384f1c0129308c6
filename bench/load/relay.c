/* SPDX-License-Identifier: MIT */
/*
 * An SMTP relay that takes every mail, keeps none, and tells when it took
 * which: a line a mail with the last word of its subject and the time of its
 * 250 (microseconds of CLOCK_MONOTONIC).
 *	relay PORT LATENCY
 * Each reply leaves LATENCY milliseconds after what it answers came in, as if
 * the relay were a round trip of that away: with pipelining many wait at once.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND_US 1000000
#define EVENTS 256

enum reading {
	READING_COMMAND,
	READING_HEADER,
	READING_BODY
};

struct connection {
	int fd;
	enum reading reading;
	char line[512]; /* as much of it as there is room for */
	size_t length;
	size_t dot; /* how much of END was just read */
	char subject[64]; /* its last word */
	bool over; /* nothing more is read */
	size_t owed; /* replies that wait */
};

/* All wait equally long, so that the first one in is the first one out. */
struct reply {
	struct connection *connection;
	int64_t due; /* us */
	const char *text;
	char *taken; /* the subject of the mail that it takes, or NULL */
	struct reply *next;
};

static const char END[] = "\r\n.\r\n";

static struct reply *first, **last = &first;
static int64_t latency; /* us */
static int listener, timer, poll_fd;

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

/* Frees it if nothing is read or owed any more. */
static void
connection_drop(struct connection *connection)
{
	if (!connection->over || connection->owed > 0)
		return;
	close(connection->fd);
	free(connection);
}

static void
connection_end(struct connection *connection)
{
	epoll_ctl(poll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
	connection->over = true;
}

static void
reply_later(struct connection *connection, const char *text, const char *taken)
{
	struct reply *reply = calloc(1, sizeof(*reply));

	if (reply == NULL)
		abort();
	reply->connection = connection;
	reply->due = now_us() + latency;
	reply->text = text;
	if (taken != NULL)
		reply->taken = strdup(taken);
	connection->owed++;
	*last = reply;
	last = &reply->next;
}

/* Takes the first reply off the list; its text is added to `out`. */
static void
reply_write(FILE *out, int64_t now)
{
	struct reply *reply = first;

	fprintf(out, "%s\r\n", reply->text);
	if (reply->taken != NULL)
		printf("%s %lld\n", reply->taken, (long long)now);
	reply->connection->owed--;
	first = reply->next;
	if (first == NULL)
		last = &first;
	free(reply->taken);
	free(reply);
}

/* What is due; replies in a row to one client leave in one piece. */
static void
send_due(void)
{
	struct connection *to;
	int64_t now = now_us();
	size_t length;
	char *text;
	FILE *out;

	while (first != NULL && first->due <= now) {
		to = first->connection;
		out = open_memstream(&text, &length);
		if (out == NULL)
			abort();
		while (first != NULL && first->due <= now &&
		    first->connection == to)
			reply_write(out, now);
		fclose(out);
		/* A client that left, or does not read, gets none. */
		if (send(to->fd, text, length, MSG_NOSIGNAL) == -1)
			to->over = true;
		free(text);
		connection_drop(to);
	}
}

static void
take_command(struct connection *connection)
{
	const char *line = connection->line;

	if (strncasecmp(line, "EHLO", 4) == 0) {
		reply_later(connection,
		    "250-relay.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
		    "250 SMTPUTF8",
		    NULL);
	} else if (strncasecmp(line, "DATA", 4) == 0) {
		reply_later(connection, "354 go on", NULL);
		connection->reading = READING_HEADER;
		connection->dot = 2; /* the line's end counts */
		strncpy(connection->subject, "-", sizeof(connection->subject));
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		reply_later(connection, "221 2.0.0 bye", NULL);
		connection_end(connection);
	} else {
		reply_later(connection, "250 2.0.0 ok", NULL);
	}
}

static void
take_header(struct connection *connection)
{
	static const char name[] = "Subject: ";
	char *line = connection->line;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0')
		connection->reading = READING_BODY;
	else if (strncasecmp(line, name, sizeof(name) - 1) == 0)
		snprintf(connection->subject, sizeof(connection->subject), "%s",
		    strrchr(line, ' ') + 1);
}

static void
take_line_byte(struct connection *connection, char byte)
{
	if (connection->length < sizeof(connection->line) - 1)
		connection->line[connection->length++] = byte;
	if (byte != '\n')
		return;
	connection->line[connection->length] = '\0';
	connection->length = 0;
	if (connection->reading == READING_COMMAND)
		take_command(connection);
	else
		take_header(connection);
}

/* Whether the message's end is here. */
static bool
ends_message(struct connection *connection, char byte)
{
	if (byte == END[connection->dot])
		connection->dot++;
	else
		connection->dot = byte == '\r';
	return connection->dot == sizeof(END) - 1;
}

static void
take_byte(struct connection *connection, char byte)
{
	if (connection->reading == READING_COMMAND) {
		take_line_byte(connection, byte);
	} else if (ends_message(connection, byte)) {
		reply_later(connection, "250 2.0.0 taken", connection->subject);
		connection->reading = READING_COMMAND;
		connection->length = 0;
	} else if (connection->reading == READING_HEADER) {
		take_line_byte(connection, byte);
	}
}

static void
take_input(struct connection *connection)
{
	static char input[256 * 1024];
	ssize_t i, got = recv(connection->fd, input, sizeof(input), 0);

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		connection_end(connection);
	for (i = 0; i < got && !connection->over; i++)
		take_byte(connection, input[i]);
	connection_drop(connection);
}

static void
take_connection(void)
{
	struct connection *connection;
	struct epoll_event event = { .events = EPOLLIN };
	int one = 1;

	connection = calloc(1, sizeof(*connection));
	if (connection == NULL)
		abort();
	connection->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	if (connection->fd == -1) {
		free(connection);
		return;
	}
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	event.data.ptr = connection;
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, connection->fd, &event);
	reply_later(connection, "220 relay.example ESMTP", NULL);
}

/* Sleeps until something comes in or a reply is due. */
static int
wait_turn(struct epoll_event *events)
{
	struct itimerspec at = { 0 };

	if (first != NULL) {
		at.it_value.tv_sec = first->due / SECOND_US;
		at.it_value.tv_nsec = first->due % SECOND_US * 1000;
	}
	timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
	return epoll_wait(poll_fd, events, EVENTS, -1);
}

static void
run(void)
{
	struct epoll_event events[EVENTS];
	int i, count;

	for (;;) {
		count = wait_turn(events);
		for (i = 0; i < count; i++) {
			if (events[i].data.ptr == &listener)
				take_connection();
			else if (events[i].data.ptr != &timer)
				take_input(events[i].data.ptr);
		}
		send_due();
		fflush(stdout);
	}
}

static int
listen_on(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    listen(fd, 1024) == -1) {
		perror("relay");
		exit(1);
	}
	return fd;
}

int
main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (argc != 3) {
		fputs("relay PORT LATENCY\n", stderr);
		return 2;
	}
	latency = strtol(argv[2], NULL, 10) * 1000;
	listener = listen_on((uint16_t)strtoul(argv[1], NULL, 10));
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	poll_fd = epoll_create1(0);
	event.data.ptr = &listener;
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
	event.data.ptr = &timer;
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer, &event);
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	run();
}
