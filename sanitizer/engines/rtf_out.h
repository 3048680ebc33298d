/* rtf_out.h - writes RTF in one way only: seven bits, lower-case hex, a line feed where a line has grown long, \uN
 * always with one fallback, the least of delimiters. The same tokens always give the same bytes. */
#pragma once

#include "model/job.h"

typedef struct MgkRtfOut {
    MgkJob *job;      /* borrowed */
    GString *text;    /* owned; not yet passed on */
    gsize line;       /* bytes in the present line */
    gboolean delimit; /* a word just ended: letters, digits and spaces need a space before them */
} MgkRtfOut;

/* A place to go back to; valid until mgk_rtf_out_flush(). */
typedef struct MgkRtfMark {
    gsize length, line;
    gboolean delimit;
} MgkRtfMark;

void mgk_rtf_out_init(MgkRtfOut *out, MgkJob *job);
void mgk_rtf_out_clear(MgkRtfOut *out);
void mgk_rtf_out_open(MgkRtfOut *out);
void mgk_rtf_out_close(MgkRtfOut *out);
void mgk_rtf_out_star(MgkRtfOut *out);
void mgk_rtf_out_word(MgkRtfOut *out, const char *word);
void mgk_rtf_out_number(MgkRtfOut *out, const char *word, gint64 parameter);
void mgk_rtf_out_symbol(MgkRtfOut *out, char symbol);
/* A byte of text; escaped: as \'xx whatever it is. */
void mgk_rtf_out_byte(MgkRtfOut *out, guint8 byte, gboolean escaped);
/* One UTF-16 unit, with its fallback. */
void mgk_rtf_out_unit(MgkRtfOut *out, guint16 unit);
/* Valid UTF-8 as text. */
void mgk_rtf_out_utf8(MgkRtfOut *out, const char *text);
/* Bytes in hex, in lines of their own. */
void mgk_rtf_out_hex(MgkRtfOut *out, const guint8 *data, gsize size);
MgkRtfMark mgk_rtf_out_mark(const MgkRtfOut *out);
void mgk_rtf_out_back(MgkRtfOut *out, MgkRtfMark mark);
/* Passes on what is there. Errors: those of job->write. */
gboolean mgk_rtf_out_flush(MgkRtfOut *out, GError **error);
