/* ico.c - the second look at an icon: a directory of PNG pictures that lie behind it one after another, each of them as
 * our PNG encoder writes it, nothing else. */
#include "checks/checks.h"

#include <string.h>

#define DIRECTORY 6u
#define ENTRY 16u

static gboolean wrong(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "icon output: %s", what);
    return FALSE;
}

static guint32 number(const guint8 *at)
{
    return (guint32)at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

/* What the directory says of a side, from the PNG's own header. */
static guint8 stated_side(const guint8 *big_endian)
{
    gboolean small = !big_endian[0] && !big_endian[1] && !big_endian[2];
    return small ? big_endian[3] : 0;
}

static gboolean look_at_picture(MgkJob *job, const guint8 *entry, gsize at, GError **error)
{
    gsize size = number(entry + 8);
    const guint8 *png = job->data + at;
    if (number(entry + 12) != at || size > job->size - at || size < 33)
        return wrong("place of a picture", error);
    if (entry[0] != stated_side(png + 16) || entry[1] != stated_side(png + 20) || entry[2] || entry[3] ||
        entry[4] != 1 || entry[5] || entry[7])
        return wrong("directory entry", error);
    MgkJob part = *job;
    part.data = png;
    part.size = size;
    return mgk_check_png(&part, error);
}

gboolean mgk_check_ico(MgkJob *job, GError **error)
{
    if (job->size < DIRECTORY || memcmp(job->data, "\0\0\1\0", 4) != 0)
        return wrong("signature", error);
    guint n = (guint)(job->data[4] | job->data[5] << 8);
    gsize at = DIRECTORY + ENTRY * (gsize)n;
    if (n == 0 || at > job->size)
        return wrong("directory", error);
    for (guint i = 0; i < n; i++) {
        const guint8 *entry = job->data + DIRECTORY + ENTRY * (gsize)i;
        if (!look_at_picture(job, entry, at, error))
            return FALSE;
        at += number(entry + 8);
    }
    return at == job->size || wrong("data after the end", error);
}
