/* words.h - sentences for people, in the reader's language: gettext domain "mugaika".
 *
 * msgids are English; the catalogue is sanitizer/po/ja.po. Tables mark their texts with N_(), code asks with
 * mgk_words(). Works where no ja_JP locale is installed: C.UTF-8 with LANGUAGE=ja is enough for gettext. */
#pragma once

#include <glib.h>

#define MGK_WORDS_DOMAIN "mugaika"
#ifndef N_
#define N_(text) text
#endif

/* Sets the process' locale and language; call once at the start of a program, before threads. language is "ja" or "en";
 * NULL takes the environment's (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), and Japanese where that names none. The
 * catalogue is looked for in ../share/locale beside the running program, which is also its place in a build tree. */
void mgk_words_init(const char *language);
/* The language that mgk_words_init() chose: "ja" or "en"; static. */
const char *mgk_words_language(void);
/* The translation of msgid, or msgid itself; "" stays "". Static or borrowed from msgid. */
const char *mgk_words(const char *msgid) G_GNUC_FORMAT(1);
/* The same with a number; the translation may contain one %u. */
const char *mgk_words_n(const char *one, const char *many, guint n) G_GNUC_FORMAT(1) G_GNUC_FORMAT(2);
