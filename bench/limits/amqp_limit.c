/* SPDX-License-Identifier: MIT */
/*
 * What RabbitMQ takes and gives through rabbitmq-c when nothing else is done:
 * persistent messages to a quorum queue, confirmed, many in flight; then the
 * same ones back, acknowledged in groups.
 *	amqp_limit PORT VHOST publish|consume MAILS BYTES
 * It says how many seconds that took.
 */
#include "rabbitmq_c.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE "email_tasks"
#define IN_FLIGHT 256 /* the API's, or the worker's prefetch and more */
#define ACK_GROUP 32

static amqp_connection_state_t broker;

static double
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
check(const char *what, int good)
{
	if (!good) {
		fprintf(stderr, "amqp_limit: %s failed\n", what);
		exit(1);
	}
}

static int
answered(void)
{
	return amqp_get_rpc_reply(broker).reply_type == AMQP_RESPONSE_NORMAL;
}

static void
log_in(int port, const char *vhost)
{
	amqp_socket_t *socket;

	broker = amqp_new_connection();
	socket = amqp_tcp_socket_new(broker);
	check("connect",
	    amqp_socket_open(socket, "127.0.0.1", port) == AMQP_STATUS_OK);
	check("log in",
	    amqp_login(broker, vhost, 1, AMQP_DEFAULT_FRAME_SIZE, 0,
		AMQP_SASL_METHOD_PLAIN, "guest", "guest")
		    .reply_type == AMQP_RESPONSE_NORMAL);
	amqp_channel_open(broker, 1);
	check("open a channel", answered());
}

static void
declare(void)
{
	amqp_table_entry_t entry = {
		.key = amqp_cstring_bytes("x-queue-type"),
		.value = { .kind = AMQP_FIELD_KIND_UTF8,
		    .value.bytes = amqp_cstring_bytes("quorum") },
	};
	amqp_table_t arguments = { .num_entries = 1, .entries = &entry };

	amqp_queue_declare(broker, 1, amqp_cstring_bytes(QUEUE), 0, 1, 0, 0,
	    arguments);
	check("declare the queue", answered());
}

/* Waits for one confirm, which may be for many: all up to the tag. */
static uint64_t
confirmed(void)
{
	amqp_basic_ack_t *ack;
	amqp_frame_t frame;

	check("wait for a confirm",
	    amqp_simple_wait_frame(broker, &frame) == AMQP_STATUS_OK &&
		frame.frame_type == AMQP_FRAME_METHOD &&
		frame.payload.method.id == AMQP_BASIC_ACK_METHOD);
	ack = frame.payload.method.decoded;
	return ack->multiple ? ack->delivery_tag : 0;
}

static void
publish(uint64_t mails, size_t bytes)
{
	amqp_basic_properties_t properties = {
		._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
		.delivery_mode = AMQP_DELIVERY_PERSISTENT
	};
	amqp_bytes_t body = amqp_bytes_malloc(bytes);
	uint64_t sent = 0, done = 0, upto;

	memset(body.bytes, 'x', bytes);
	amqp_confirm_select(broker, 1);
	check("ask for confirms", answered());
	while (done < mails) {
		for (; sent < mails && sent - done < IN_FLIGHT; sent++)
			check("publish",
			    amqp_basic_publish(broker, 1, amqp_empty_bytes,
				amqp_cstring_bytes(QUEUE), 1, 0, &properties,
				body) == AMQP_STATUS_OK);
		upto = confirmed();
		done = upto > 0 ? upto : done + 1;
		amqp_maybe_release_buffers(broker);
	}
	amqp_bytes_free(body);
}

static void
consume(uint64_t mails)
{
	amqp_envelope_t envelope;
	uint64_t taken;

	amqp_basic_qos(broker, 1, 0, IN_FLIGHT, 0);
	check("set the prefetch", answered());
	amqp_basic_consume(broker, 1, amqp_cstring_bytes(QUEUE),
	    amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
	check("consume", answered());
	for (taken = 1; taken <= mails; taken++) {
		amqp_maybe_release_buffers(broker);
		check("take a message",
		    amqp_consume_message(broker, &envelope, NULL, 0)
			    .reply_type == AMQP_RESPONSE_NORMAL);
		if (taken % ACK_GROUP == 0 || taken == mails)
			check("acknowledge",
			    amqp_basic_ack(broker, 1, envelope.delivery_tag,
				1) == AMQP_STATUS_OK);
		amqp_destroy_envelope(&envelope);
	}
}

int
main(int argc, char **argv)
{
	uint64_t mails;
	double began;

	if (argc != 6) {
		fputs("amqp_limit PORT VHOST publish|consume MAILS BYTES\n",
		    stderr);
		return 2;
	}
	mails = strtoul(argv[4], NULL, 10);
	log_in((int)strtol(argv[1], NULL, 10), argv[2]);
	declare();
	began = now();
	if (strcmp(argv[3], "publish") == 0)
		publish(mails, strtoul(argv[5], NULL, 10));
	else
		consume(mails);
	printf("%.6f\n", now() - began);
	amqp_destroy_connection(broker);
	return 0;
}
