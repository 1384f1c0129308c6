/* SPDX-License-Identifier: MIT */
/*
 * A libcurl multi handle on the libuv loop: transfers are driven by
 * curl_multi_socket_action and never block. It knows nothing of SMTP.
 */
#ifndef POSTRIDER_CURL_LOOP_H
#define POSTRIDER_CURL_LOOP_H

#include <curl/curl.h>
#include <uv.h>

struct curl_loop {
	CURLM *multi;
	uv_loop_t *loop; /* borrowed */
	uv_timer_t timer;
	/* A transfer has ended; may free its handle. Never inside a call. */
	void (*on_done)(CURL *, CURLcode);
	void (*on_closed)(void *arg);
	void *arg;
};

/* 0, or -1 (nothing to close then). */
int curl_loop_open(struct curl_loop *, uv_loop_t *,
    void (*on_done)(CURL *, CURLcode));

/* 0, or -1: on_done will not be called for it. */
int curl_loop_add(struct curl_loop *, CURL *);

/*
 * After every easy handle is freed. `on_closed` is called on a later turn, the
 * memory must last until then.
 */
void curl_loop_close(struct curl_loop *, void (*on_closed)(void *arg),
    void *arg);

#endif
