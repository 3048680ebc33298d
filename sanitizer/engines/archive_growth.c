#include "engines/archive_growth.h"

#define FREE_BYTES MGK_MIB /* growth below this is nobody's concern */

guint8 *mgk_growth_room(GByteArray *bytes, gsize used)
{
    if (bytes->len - used < MGK_GROWTH_STEP)
        g_byte_array_set_size(bytes, (guint)used + MGK_GROWTH_STEP);
    return bytes->data + used;
}

gboolean mgk_growth_commit(MgkGrowth *growth, gsize used, gsize n, GError **error)
{
    const MgkLimits *limits = growth->limits;
    growth->unpacked += n;
    if (growth->unpacked > FREE_BYTES && growth->unpacked / MAX(growth->packed, 1) > limits->ratio)
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "ratio: grows more than %" G_GUINT64_FORMAT " times",
                    limits->ratio);
    else if (growth->unpacked > limits->total_bytes)
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_bytes: more than %" G_GUINT64_FORMAT,
                    limits->total_bytes);
    else if (used + n > MIN(limits->input_bytes, G_MAXINT32)) /* room must fit GByteArray's count */
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "size: more than %" G_GUINT64_FORMAT " bytes",
                    limits->input_bytes);
    else
        return TRUE;
    return FALSE;
}
