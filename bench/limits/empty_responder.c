/* SPDX-License-Identifier: MIT */
/*
 * The least that a FastCGI program can do: it reads a request and answers it.
 * No API behind lighttpd by libfcgi can be faster on one thread.
 *	empty_responder SOCKET
 */
#include <fcgiapp.h>
#include <stdio.h>

static void
answer(FCGX_Request *request)
{
	char body[4096];

	while (FCGX_GetStr(body, sizeof(body), request->in) > 0)
		;
	FCGX_PutS("Status: 201 Created\r\n"
		  "Content-Type: application/json\r\n\r\n"
		  "{\"status\":\"queued\"}\n",
	    request->out);
	FCGX_Finish_r(request);
}

int
main(int argc, char **argv)
{
	FCGX_Request request;
	int listener;

	if (argc != 2 || FCGX_Init() != 0)
		return 2;
	listener = FCGX_OpenSocket(argv[1], 1024);
	if (listener == -1 || FCGX_InitRequest(&request, listener, 0) != 0) {
		perror(argv[1]);
		return 1;
	}
	while (FCGX_Accept_r(&request) == 0)
		answer(&request);
	return 0;
}
