/* SPDX-License-Identifier: MIT */
/*
 * The handlers of the route table (dispatch.c). Each owns the request that it
 * is called with and answers it exactly once, now or from another thread.
 */
#ifndef POSTRIDER_HANDLE_H
#define POSTRIDER_HANDLE_H

struct request;

void handle_email_submit(struct request *); /* POST /api/emails */
void handle_batch_submit(struct request *); /* POST /api/emails/batch */
void handle_email_show(struct request *); /* GET /api/emails/{id} */
void handle_email_why(struct request *); /* GET .../{id}/why */
void handle_email_reschedule(struct request *); /* PATCH .../{id} */
void handle_email_cancel(struct request *); /* POST .../{id}/cancel */
void handle_email_retry(struct request *); /* POST .../{id}/retry */
void handle_redrive(struct request *); /* POST /api/emails/redrive */
void handle_redrive_show(struct request *); /* GET .../redrive/{id} */
void handle_redrive_cancel(struct request *); /* .../redrive/{id}/cancel */
void handle_email_list(struct request *); /* GET /api/emails */
void handle_history(struct request *); /* GET /api/jobs/history */
void handle_suppression_list(struct request *); /* GET /api/suppressions */
void handle_suppression_add(struct request *); /* POST /api/suppressions */
void handle_suppression_remove(struct request *); /* DELETE .../suppressions */
void handle_ticket(struct request *); /* POST /api/tickets */
void handle_stats(struct request *); /* GET /api/stats */
void handle_queue_show(struct request *); /* GET /api/queue */
void handle_queue_pause(struct request *); /* POST /api/queue/pause */
void handle_queue_resume(struct request *); /* POST .../resume */
void handle_openapi(struct request *); /* GET /api/openapi.yaml */
void handle_health(struct request *); /* GET /health */
void handle_ready(struct request *); /* GET /ready */
void handle_metrics(struct request *); /* GET /metrics */

#endif
