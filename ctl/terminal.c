/* SPDX-License-Identifier: MIT */
/* wcwidth(3) is X/Open's. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "terminal.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "buffer.h"
#include "timestamp.h"

#define TEXT_MAX 4096
#define BAR 30 /* columns */

#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[31m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

static bool has_colours;

static const struct {
	const char *word, *colour;
} colours[] = {
	{ "completed", GREEN },
	{ "taken", GREEN },
	{ "ok", GREEN },
	{ "up", GREEN },
	{ "queued", DIM },
	{ "scheduled", DIM },
	{ "cancelled", DIM },
	{ "processing", YELLOW },
	{ "retrying", YELLOW },
	{ "waiting", YELLOW },
	{ "degraded", YELLOW },
	{ "warning", YELLOW },
	{ "unknown", RED },
	{ "failed", RED },
	{ "refused", RED },
	{ "down", RED },
	{ NULL, NULL },
};

void
terminal_open(void)
{
	const char *no = getenv("NO_COLOR"); /* no-color.org */

	has_colours = isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0');
	/* Widths are UTF-8's, whatever the terminal's locale is. */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		(void)setlocale(LC_CTYPE, ""); /* then as well as may be */
}

static void
fill(int used, int width)
{
	if (used < width)
		printf("%*s", width - used, "");
}

/* The bytes of `text` that fit into `width` columns, 0: all; and the columns. */
static size_t
fit(const char *text, int width, int *columns)
{
	mbstate_t state = { 0 };
	size_t len = 0, n;
	wchar_t c;
	int w;

	*columns = 0;
	for (; text[len] != '\0'; len += n) {
		n = mbrtowc(&c, text + len, MB_CUR_MAX, &state);
		if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
			n = 1; /* in no UTF-8 locale: a byte, a column */
			c = L'?';
			memset(&state, 0, sizeof(state));
		}
		w = wcwidth(c);
		w = w < 0 ? 1 : w;
		if (width != 0 && *columns + w > width)
			break;
		*columns += w;
	}
	return len;
}

void
terminal_print_text(const char *text, int width)
{
	struct buffer shown = { 0 };
	size_t len;
	int columns;

	if (text == NULL)
		text = "-";
	buffer_add_escaped(&shown, text, strlen(text), TEXT_MAX);
	if (shown.data != NULL) {
		len = fit(shown.data, width, &columns);
		printf("%.*s", (int)len, shown.data);
		fill(columns, width);
	} else {
		fill(0, width);
	}
	buffer_free(&shown);
}

void
terminal_print_word(const char *word, int width)
{
	size_t i;

	for (i = 0; has_colours && colours[i].word != NULL; i++) {
		if (strcmp(word, colours[i].word) != 0)
			continue;
		printf("%s%s%s", colours[i].colour, word, PLAIN);
		fill((int)strlen(word), width);
		return;
	}
	terminal_print_text(word, width);
}

void
terminal_print_time(const char *text, int width)
{
	char shown[32];
	struct tm tm;
	int64_t ms;
	time_t at;

	if (text == NULL || timestamp_parse(text, strlen(text), &ms) == -1) {
		terminal_print_text(text, width);
		return;
	}
	at = (time_t)(ms / 1000);
	if (localtime_r(&at, &tm) == NULL ||
	    strftime(shown, sizeof(shown), "%Y-%m-%d %H:%M:%S", &tm) == 0) {
		terminal_print_text(text, width);
		return;
	}
	terminal_print_text(shown, width);
}

int
terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

void
terminal_progress(int64_t done, int64_t total, const char *what)
{
	int full = total > 0 ? (int)(BAR * done / total) : BAR;
	int i;

	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r[", stderr);
	for (i = 0; i < BAR; i++)
		fputc(i < full ? '#' : ' ', stderr);
	fprintf(stderr, "] %lld of %lld %s\033[K", (long long)done,
	    (long long)total, what);
	if (done >= total)
		fputc('\n', stderr);
	fflush(stderr);
}

void
terminal_progress_break(void)
{
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
}

void
terminal_print_json(struct json_object *json)
{
	puts(json_object_to_json_string_ext(json,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
}
