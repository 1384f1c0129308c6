/* SPDX-License-Identifier: MIT */
#include "form.h"

#include "frame.h"

#define DEFLATE_MIN 256 /* bytes of a message: less is not worth the work */

static struct chunk *
frame(const struct form_parts *parts, struct permessage *permessage)
{
	struct buffer text = { 0 }, deflated = { 0 };
	struct chunk *chunk;

	buffer_printf(&text, "{\"type\":\"%s\",\"data\":", parts->type);
	buffer_add(&text, parts->data, parts->len);
	buffer_add_text(&text, "}");
	if (permessage != NULL && text.len >= DEFLATE_MIN) {
		permessage_deflate(permessage, text.data, text.len, &deflated);
		chunk =
		    frame_new(FRAME_TEXT, true, deflated.data, deflated.len);
	} else {
		chunk = frame_new(FRAME_TEXT, false, text.data, text.len);
	}
	buffer_free(&text);
	buffer_free(&deflated);
	return chunk;
}

/* https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.5 */
static struct chunk *
sse(const struct form_parts *parts)
{
	struct buffer text = { 0 };
	struct chunk *chunk;

	if (parts->id != NULL)
		buffer_printf(&text, "id: %s\n", parts->id);
	buffer_printf(&text, "event: %s\ndata: ", parts->type);
	buffer_add(&text, parts->data, parts->len);
	buffer_add_text(&text, "\n\n");
	chunk = chunk_of(text.data, text.len);
	buffer_free(&text);
	return chunk;
}

struct chunk *
form_new(enum form form, const struct form_parts *parts,
    struct permessage *permessage)
{
	if (form == FORM_SSE)
		return sse(parts);
	return frame(parts, form == FORM_DEFLATED ? permessage : NULL);
}
