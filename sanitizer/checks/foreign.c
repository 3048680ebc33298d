#include "checks/foreign.h"

#include <string.h>
#include <strings.h>

static gboolean tag_follows(const guint8 *at, gsize left)
{
    static const char *const tags[] = {"<script", "<hta", "<?php", "<html"};
    for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
        gsize length = strlen(tags[i]);
        if (left >= length && strncasecmp((const char *)at, tags[i], length) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean zip_follows(const guint8 *at, gsize left)
{
    return left >= 4 && at[1] == 'K' && ((at[2] == 5 && at[3] == 6) || (at[2] == 1 && at[3] == 2));
}

static gboolean pdf_follows(const guint8 *at, gsize left)
{
    return left >= 5 && strncasecmp((const char *)at, "%PDF-", 5) == 0;
}

gboolean mgk_check_foreign(const guint8 *data, gsize size)
{
    static const struct {
        guint8 first;
        gboolean (*follows)(const guint8 *at, gsize left);
    } marks[] = {{'<', tag_follows}, {'P', zip_follows}, {'%', pdf_follows}};
    const guint8 *end = data + size;
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
        const guint8 *at = data;
        while (at < end && (at = memchr(at, marks[i].first, (gsize)(end - at)))) {
            if (marks[i].follows(at, (gsize)(end - at)))
                return TRUE;
            at++;
        }
    }
    return FALSE;
}
