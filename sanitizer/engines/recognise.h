/* recognise.h - small helpers for probes of formats that are recognised only. */
#pragma once

#include "model/job.h"

typedef struct MgkMagic {
    gsize offset;
    const char *bytes;
    gsize size;
} MgkMagic;

#define MGK_MAGIC(offset, bytes) \
    { \
        offset, bytes, sizeof(bytes) - 1 \
    }
/* TRUE when any row of a table of MgkMagic stands in the bytes. */
#define MGK_MAGIC_ANY(probe, table) mgk_recognise_magic(probe, table, G_N_ELEMENTS(table))
gboolean mgk_recognise_magic(const MgkProbe *probe, const MgkMagic *table, gsize n);

/* Big- and little-endian numbers; offset must lie inside. */
guint32 mgk_recognise_u32le(const guint8 *p);
guint16 mgk_recognise_u16le(const guint8 *p);

#define MGK_HEAD_BYTES 8192
/* The beginning of a text for comparison: byte order mark and leading white space gone, UTF-16 squeezed to its ASCII,
 * other characters as they are, ASCII in lower case, NUL-terminated. Empty when the bytes hold NULs and are no UTF-16.
 * A copy of probe->head, where that is set already. Owned by the caller. */
char *mgk_recognise_head(const MgkProbe *probe);
/* TRUE when head starts with any word of a table of strings. */
#define MGK_HEAD_STARTS(head, table) mgk_recognise_starts(head, table, G_N_ELEMENTS(table))
gboolean mgk_recognise_starts(const char *head, const char *const *table, gsize n);
/* How many different words of the table occur in head. */
#define MGK_HEAD_COUNT(head, table) mgk_recognise_count(head, table, G_N_ELEMENTS(table))
guint mgk_recognise_count(const char *head, const char *const *table, gsize n);
/* TRUE when a line of head starts with word. */
gboolean mgk_recognise_line(const char *head, const char *word);
/* The name of the first element of markup ("html", "w:worddocument"), after declarations, comments and doctype; "" when
 * head is no markup. Owned by the caller. */
char *mgk_recognise_root(const char *head);
