/* SPDX-License-Identifier: MIT */
/* GET /api/openapi.yaml: what this API takes and answers. */
#include "handle.h"
#include "openapi.h"
#include "request.h"
#include "response.h"

void
handle_openapi(struct request *request)
{
	struct response response = { .status = 200, .type = OPENAPI_TYPE };

	buffer_add(&response.body, openapi, openapi_len);
	response_send(request, &response);
}
