/* SPDX-License-Identifier: MIT */
/*
 * Posts mails at a given rate and tells how long each took. When each one is
 * due is fixed beforehand and its time runs from then, whether it could be
 * sent or not: a server that stalls is charged for all that it kept waiting
 * (no "coordinated omission"). Mail number n has the subject "Mail n", and so
 * much text as BYTES says.
 *	paced URL RATE MAILS AT_ONCE BYTES
 * A line a mail, in microseconds of CLOCK_MONOTONIC: number, due, begun, done,
 * HTTP status (0: no answer). At most AT_ONCE are in hand: with a rate that nothing
 * can hold, it is a client that posts so many mails as fast as they are taken.
 */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND_US 1000000

/* One request in hand; kept for the next one when it is over. */
struct post {
	CURL *easy;
	char *body;
	size_t number;
	int64_t begun; /* us */
	struct post *next; /* in the list of those that are free */
};

struct plan {
	const char *url;
	double rate;
	size_t mails;
	size_t at_once;
	size_t bytes; /* of text */
	int64_t start; /* us */
};

struct client {
	struct plan plan;
	CURLM *multi;
	struct curl_slist *headers;
	char *text;
	struct post *free;
	size_t posts; /* that were made */
	size_t begun, done;
	int timer;
};

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static int64_t
plan_due(const struct plan *plan, size_t number)
{
	return plan->start + (int64_t)((double)number / plan->rate * SECOND_US);
}

static size_t
ignore_answer(char *data, size_t size, size_t count, void *user)
{
	(void)data;
	(void)user;
	return size * count;
}

static struct post *
post_new(struct client *client)
{
	struct post *post = calloc(1, sizeof(*post));
	if (post == NULL || (post->easy = curl_easy_init()) == NULL)
		abort();
	curl_easy_setopt(post->easy, CURLOPT_URL, client->plan.url);
	curl_easy_setopt(post->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, client->headers);
	curl_easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, ignore_answer);
	curl_easy_setopt(post->easy, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(post->easy, CURLOPT_PRIVATE, post);
	client->posts++;
	return post;
}

static void
post_begin(struct client *client, struct post *post)
{
	int length;

	post->number = client->begun++;
	post->begun = now_us();
	free(post->body);
	length = asprintf(&post->body,
	    "{\"to\":\"ada.reader@example.com\",\"subject\":\"Mail %zu\","
	    "\"body\":\"%s\"}",
	    post->number, client->text);
	if (length == -1)
		abort();
	curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, post->body);
	curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE, (long)length);
	curl_multi_add_handle(client->multi, post->easy);
}

/* Begins all that is due and may be in hand. */
static void
begin_due(struct client *client)
{
	const struct plan *plan = &client->plan;
	struct post *post;

	while (client->begun < plan->mails &&
	    client->begun - client->done < plan->at_once &&
	    plan_due(plan, client->begun) <= now_us()) {
		post = client->free;
		if (post != NULL)
			client->free = post->next;
		else
			post = post_new(client);
		post_begin(client, post);
	}
}

static void
note_done(struct client *client)
{
	struct post *post;
	CURLMsg *message;
	long status;
	int more;

	while ((message = curl_multi_info_read(client->multi, &more))) {
		status = 0;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
		    &post);
		if (message->data.result == CURLE_OK)
			curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE,
			    &status);
		printf("%zu %lld %lld %lld %ld\n", post->number,
		    (long long)plan_due(&client->plan, post->number),
		    (long long)post->begun, (long long)now_us(), status);
		curl_multi_remove_handle(client->multi, post->easy);
		post->next = client->free;
		client->free = post;
		client->done++;
	}
}

/* Until an answer comes or the next mail is due. */
static void
wait_turn(struct client *client)
{
	struct curl_waitfd timer = { client->timer, CURL_WAIT_POLLIN, 0 };
	struct itimerspec at = { 0 };
	int64_t due;
	uint64_t ticks;

	if (client->begun < client->plan.mails &&
	    client->begun - client->done < client->plan.at_once) {
		due = plan_due(&client->plan, client->begun);
		at.it_value.tv_sec = due / SECOND_US;
		at.it_value.tv_nsec = due % SECOND_US * 1000;
	}
	timerfd_settime(client->timer, TFD_TIMER_ABSTIME, &at, NULL);
	curl_multi_poll(client->multi, &timer, 1, 1000, NULL);
	if (read(client->timer, &ticks, sizeof(ticks)) < 0)
		return; /* EAGAIN: an answer woke us */
}

static void
client_run(struct client *client)
{
	int running;

	for (;;) {
		begin_due(client);
		curl_multi_perform(client->multi, &running);
		note_done(client);
		if (client->done == client->plan.mails)
			break;
		wait_turn(client);
	}
}

/* Lines of text as JSON has them, so many bytes in all. */
static char *
text_new(size_t bytes)
{
	static const char line[] = "It has left our warehouse today.\\n";
	char *text = malloc(bytes + sizeof(line));
	size_t at;

	if (text == NULL)
		abort();
	for (at = 0; at < bytes; at += sizeof(line) - 1)
		memcpy(text + at, line, sizeof(line));
	text[at] = '\0';
	return text;
}

static void
client_free(struct client *client)
{
	struct post *post;

	while ((post = client->free) != NULL) {
		client->free = post->next;
		curl_easy_cleanup(post->easy);
		free(post->body);
		free(post);
	}
	curl_multi_cleanup(client->multi);
	curl_slist_free_all(client->headers);
	free(client->text);
	close(client->timer);
	curl_global_cleanup();
}

int
main(int argc, char **argv)
{
	struct client client = { 0 };
	struct plan *plan = &client.plan;

	if (argc == 6) {
		plan->url = argv[1];
		plan->rate = strtod(argv[2], NULL);
		plan->mails = strtoul(argv[3], NULL, 10);
		plan->at_once = strtoul(argv[4], NULL, 10);
		plan->bytes = strtoul(argv[5], NULL, 10);
	}
	if (!(plan->rate > 0) || plan->at_once == 0) {
		fputs("paced URL RATE MAILS AT_ONCE BYTES\n", stderr);
		return 2;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	client.multi = curl_multi_init();
	curl_multi_setopt(client.multi, CURLMOPT_MAXCONNECTS,
	    (long)plan->at_once);
	client.headers =
	    curl_slist_append(NULL, "Content-Type: application/json");
	client.headers = curl_slist_append(client.headers, "Expect:");
	client.text = text_new(plan->bytes);
	client.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	plan->start = now_us();
	client_run(&client);
	client_free(&client);
	return 0;
}
