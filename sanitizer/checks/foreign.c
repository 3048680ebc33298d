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

gboolean mgk_check_foreign(const guint8 *data, gsize size)
{
    for (const guint8 *at = data, *end = data + size; at < end; at++) {
        gsize left = (gsize)(end - at);
        if (*at == '<' && tag_follows(at, left))
            return TRUE;
        if (*at == 'P' && zip_follows(at, left))
            return TRUE;
        if (*at == '%' && left >= 5 && strncasecmp((const char *)at, "%PDF-", 5) == 0)
            return TRUE;
    }
    return FALSE;
}
