/* SPDX-License-Identifier: MIT */
/* unit.raw_mail: messages as programs write them, as mails of the API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "raw_mail.h"

#define TO "To: a@b.c\n"
#define TO_JSON "\"to\":[\"a@b.c\"]"

static char *nobody[] = { NULL };

/* The mail as JSON, or why there is none; the caller frees it. */
static char *
read_mail(const char *text, char **recipients, bool from_header)
{
	const struct raw_mail raw = { .bytes = text,
		.len = strlen(text),
		.recipients = recipients,
		.from_header = from_header,
		.domain = "host.example" };
	struct buffer out = { 0 }, told = { 0 };
	struct json_object *mail = raw_mail_read(&raw, &out, &told);

	if (mail != NULL) {
		buffer_clear(&out);
		buffer_add_text(&out,
		    json_object_to_json_string_ext(mail,
			JSON_C_TO_STRING_PLAIN |
			    JSON_C_TO_STRING_NOSLASHESCAPE));
	}
	json_object_put(mail);
	buffer_free(&told);
	return buffer_take(&out);
}

static const struct {
	const char *text, *has;
} rows[] = {
	{ TO "Subject: s\n\nx\n",
	    "{\"subject\":\"s\",\"text\":\"x\\n\"," TO_JSON "}" },
	{ TO "\n", "{\"subject\":\"(no subject)\",\"text\":\"\\n\"," },
	{ TO, "\"text\":\"\\n\"" },
	{ "From x Tue\n" TO "Subject: s\n\nx", TO_JSON },
	{ TO "Subject: a\n b\n\nx", "\"subject\":\"a b\"" },
	{ TO "Subject: =?utf-8?q?=0AX:_y?=\n\nx", "\"subject\":\"X: y\"" },
	{ TO "Subject: s\nX-A: =?utf-8?q?1=0D=0ATo:x?=\n\nx",
	    "\"headers\":{\"X-A\":\"1  To:x\"}" },
	{ TO "Sender: x\nReceived: y\nX-A: 1\n\nx",
	    "\"headers\":{\"X-A\":\"1\"}" },
	{ TO "Content-Type: text/plain; charset=iso-8859-1\n\n\xfc\n",
	    "\"text\":\"\xc3\xbc\\n\"" },
	{ TO "Content-Type: text/html\n\n<p>", "\"html\":\"<p>\"" },
	{ TO "Content-Type: application/pdf; name=\"../a.pdf\"\n\nx",
	    "\"attachments\":[{\"filename\":\"a.pdf\",\"content_type\":"
	    "\"application/pdf\",\"content\":\"eA==" },
	{ TO "Content-Type: text/plain; charset=nobody-knows\n\nx",
	    "\"text\":\"x\"" },
	{ TO "Content-Type: text/plain; charset=utf-8\n\na\xfc\xdfg\n",
	    "\"text\":\"a\xc3\xbc\xc3\x9fg\\n\"" },
	{ TO "\na\xc3\xbcg\n", "\"text\":\"a\xc3\xbcg\\n\"" },
	{ TO "\na\x81g\xff\n", "\"text\":\"a\xef\xbf\xbdg" },
	{ TO "Content-Type: text/plain; charset=utf-16\n\n\xff",
	    "\"text\":\"\xc3\xbf\"" },
	{ TO "Content-Type: message/rfc822\n\nSubject: in\n\ny",
	    "\"filename\":\"message.eml\",\"content\":" },
	{ TO "Content-Type: multipart/signed; boundary=s\n\n--s\n\nx\n--s--",
	    "a signed or encrypted message" },
	{ "To: \"a \\\"b\\\"\" <root>\n\nx",
	    "\"to\":[\"\\\"a \\\\\\\"b\\\\\\\"\\\" <root@host.example>\"]" },
	{ "To: undisclosed-recipients:;\nBcc: a@b.c\n\nx", TO_JSON },
	{ "To: team: a@b.c, d@e.f;\n\nx", "\"to\":[\"a@b.c\",\"d@e.f\"]" },
	{ "Cc: a@b.c\nBcc: d@e.f\n\nx", TO_JSON ",\"bcc\":[\"d@e.f\"]" },
	{ "Subject: s\n\nx", "there is no recipient" },
	{ "", "this is no message" },
};

static void
test_messages(void **state)
{
	char *mail;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mail = read_mail(rows[i].text, nobody, true);
		if (strstr(mail, rows[i].has) == NULL)
			fail_msg("%s: %s", rows[i].text, mail);
		free(mail);
	}
}

static void
test_recipients(void **state)
{
	char *two[] = { "A@b.c", "root", NULL };
	char *mail = read_mail("To: a@b.c, x@y.z\n\nx", two, false);

	(void)state;
	assert_non_null(
	    strstr(mail, TO_JSON ",\"bcc\":[\"root@host.example\"]}"));
	free(mail);
	mail = read_mail("To: a@b.c, x@y.z\n\nx", two, true);
	assert_non_null(strstr(mail,
	    "\"to\":[\"a@b.c\",\"x@y.z\"],\"bcc\":[\"root@host.example\"]}"));
	free(mail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
