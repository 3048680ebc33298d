/* content_write.h - lines of calendars and contacts, written: CRLF, at most 75 bytes a line, cut between characters. */
#pragma once

#include <glib.h>

/* head: "NAME;PARAM=x", UTF-8; value: one line, UTF-8. */
void mgk_content_write(GString *out, const char *head, const char *value);
/* vCard 2.1, whose readers know no other way for what is not ASCII or not one line: value in quoted-printable, where it
 * must be. */
void mgk_content_write_quoted(GString *out, const char *head, const char *value);
/* Undoes quoted-printable. *ret_size bytes, owned by the caller. */
guint8 *mgk_content_unquote(const char *text, gsize *ret_size);
