/* SPDX-License-Identifier: MIT */
/*
 * postrider setup: questions for what no option says, to a person at a terminal.
 * Nobody there is asked nothing: what is not said is as it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "setup_step.h"

/* A line of stdin, which the caller frees; `fallback` for an empty one. */
static char *
ask(const char *question, const char *fallback)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	fprintf(stderr, "%s", question);
	if (fallback != NULL)
		fprintf(stderr, " [%s]", fallback);
	fputs(": ", stderr);
	len = getline(&line, &size, stdin);
	while (len > 0 && strchr(" \r\n", line[len - 1]) != NULL)
		line[--len] = '\0';
	if (len > 0)
		return line;
	free(line);
	line = strdup(fallback != NULL ? fallback : "");
	if (line == NULL)
		abort();
	return line;
}

/* The same, without showing what is typed. */
static void
ask_secret(const char *question, struct buffer *secret)
{
	struct termios shown, hidden;
	const bool known = tcgetattr(STDIN_FILENO, &shown) == 0;
	char *line;

	hidden = shown;
	hidden.c_lflag &= (tcflag_t)~ECHO;
	if (known)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	line = ask(question, NULL);
	if (known)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	buffer_add_text(secret, line);
	explicit_bzero(line, strlen(line));
	free(line);
}

void
setup_ask(struct setup *setup)
{
	struct setup_wish *wish = &setup->wish;
	char *relay;

	if (!isatty(STDIN_FILENO))
		return;
	if (wish->relay == NULL && setup_value("SMTP_HOST")[0] == '\0' &&
	    setup_value("SMTP_RELAYS")[0] == '\0') {
		relay = ask("The relay that takes the mail, HOST[:PORT]",
		    "localhost");
		setup_wish_relay(wish, relay);
		free(relay);
	}
	if (wish->from == NULL && setup_value("SMTP_FROM")[0] == '\0')
		wish->from = ask("The sender of mails that name none",
		    setup->config.smtp_from);
	if (wish->relay_user != NULL && wish->relay_password_file == NULL)
		ask_secret("The relay's password", &wish->relay_password);
}

bool
setup_ask_whether(const char *question)
{
	char *answer = ask(question, "y");
	const bool yes = answer[0] == 'y' || answer[0] == 'Y';

	free(answer);
	return yes;
}
