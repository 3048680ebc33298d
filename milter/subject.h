/* subject.h - the subject out of a mail of our own making, for the record that people look through. */
#pragma once

#include <glib.h>

/* Reads the header that our writer made (engines/mail_writer.c: printable ASCII, encoded words in base64 of UTF-8 or
 * ISO-2022-JP, folded by CRLF and a space). message may be NULL. "" when there is none; valid UTF-8; owned by the
 * caller. */
char *mgk_subject_of(GBytes *message);
