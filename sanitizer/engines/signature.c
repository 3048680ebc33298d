#include "engines/signature.h"

#include <string.h>

typedef struct Signature {
    const char *bytes;
    guint length;
    const char *name;
} Signature;

#define SIGNATURE(text, what) \
    { \
        .bytes = (text), .length = sizeof(text) - 1, .name = (what) \
    }

/* Recognised anywhere, letters in any case; one list for each first byte, so that memchr() does the looking. */
static const Signature tags[] = {
    SIGNATURE("<script", "script"),
    SIGNATURE("<hta", "HTML application"),
    SIGNATURE("<?php", "PHP"),
    SIGNATURE("<html", "HTML"),
};
static const Signature documents[] = {SIGNATURE("%PDF-", "PDF")};
static const Signature archives[] = {SIGNATURE("PK\005\006", "ZIP directory"),
                                     SIGNATURE("PK\001\002", "ZIP directory")};

static const Signature heads[] = {
    SIGNATURE("PK\003\004", "ZIP"),
    SIGNATURE("PK\005\006", "ZIP"),
    SIGNATURE("%PDF-", "PDF"),
    SIGNATURE("MZ", "program"),
    SIGNATURE("\177ELF", "program"),
    SIGNATURE("Rar!", "RAR"),
    SIGNATURE("7z\274\257\047\034", "7z"),
    SIGNATURE("\377\330\377", "JPEG"),
    SIGNATURE("\211PNG", "PNG"),
    SIGNATURE("GIF8", "GIF"),
    SIGNATURE("\320\317\021\340", "compound file"),
    SIGNATURE("\037\213", "gzip"),
    SIGNATURE("<?php", "PHP"),
    SIGNATURE("<script", "script"),
    SIGNATURE("<html", "HTML"),
    SIGNATURE("#!/", "script"),
};

static gboolean matches(const Signature *signature, const guint8 *data, gsize size)
{
    if (size < signature->length || data[0] != (guint8)signature->bytes[0])
        return FALSE;
    for (guint i = 1; i < signature->length; i++) {
        if (g_ascii_tolower((char)data[i]) != g_ascii_tolower(signature->bytes[i]))
            return FALSE;
    }
    return TRUE;
}

/* The first of the list's signatures in the bytes, and where; NULL for none. */
static const Signature *find_any(const guint8 *data, gsize size, const Signature *list, gsize n, gsize *ret_at)
{
    const guint8 *end = data + size, *from = data;
    while (from < end && (from = memchr(from, list[0].bytes[0], (gsize)(end - from)))) {
        for (gsize i = 0; i < n; i++) {
            if (matches(&list[i], from, (gsize)(end - from))) {
                *ret_at = (gsize)(from - data);
                return &list[i];
            }
        }
        from++;
    }
    return NULL;
}

const char *mgk_signature_foreign_at(const guint8 *data, gsize size, gsize *ret_at)
{
    static const struct {
        const Signature *list;
        gsize n;
    } lists[] = {{tags, G_N_ELEMENTS(tags)}, {documents, G_N_ELEMENTS(documents)}, {archives, G_N_ELEMENTS(archives)}};
    const char *name = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        gsize at = 0;
        const Signature *found = find_any(data, size, lists[i].list, lists[i].n, &at);
        if (!found || (name && at > *ret_at))
            continue;
        name = found->name;
        *ret_at = at;
    }
    return name;
}

const char *mgk_signature_foreign(const guint8 *data, gsize size)
{
    gsize at = 0;
    return mgk_signature_foreign_at(data, size, &at);
}

const char *mgk_signature_head(const guint8 *data, gsize size)
{
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
        if (matches(&heads[i], data, size))
            return heads[i].name;
    }
    return NULL;
}

/* A self-extracting or merged file need not start right at the end. */
static const char *hidden_file(const guint8 *tail, gsize size)
{
    const char *name = mgk_signature_head(tail, size);
    return name ? name : mgk_signature_foreign(tail, size);
}

void mgk_signature_report_tail(MgkJob *job, gsize end)
{
    const guint8 *tail = job->data + end;
    gsize size = job->size - end, zeros = 0;
    while (zeros < size && tail[zeros] == 0)
        zeros++;
    if (zeros == size)
        return;
    const char *name = hidden_file(tail + zeros, size - zeros);
    g_autofree char *detail =
        g_strdup_printf("%" G_GSIZE_FORMAT " bytes%s%s", size, name ? ": " : "", name ? name : "");
    mgk_job_find(job, name ? MGK_KIND_IMAGE_HIDDEN_FILE : MGK_KIND_TRAILING_DATA, NULL, detail);
}
