#include "engines/archive_names.h"

#include "engines/charset.h"
#include "engines/zip_names.h"

#define SAMPLE_BYTES (64u << 10) /* of names, to weigh CP932 against EUC-JP */

struct MgkArchiveNames {
    gboolean not_utf8, not_cp932; /* some name is no text of it */
    gboolean weighed, is_euc;
    GByteArray *sample; /* owned; names that are not ASCII, a line each */
};

MgkArchiveNames *mgk_archive_names_new(void)
{
    MgkArchiveNames *names = g_new0(MgkArchiveNames, 1);
    names->sample = g_byte_array_new();
    return names;
}

void mgk_archive_names_free(MgkArchiveNames *names)
{
    if (!names)
        return;
    g_byte_array_unref(names->sample);
    g_free(names);
}

static gboolean is_lead(guint8 c)
{
    return (c >= 0x81 && c <= 0x9f) || (c >= 0xe0 && c <= 0xfc);
}

static char *decode_cp932(const char *bytes, gsize size)
{
    g_autofree guint8 *copy = g_memdup2(bytes, MAX(size, 1));
    for (gsize i = 0; i + 1 < size; i++) {
        if (!is_lead(copy[i]))
            continue;
        i++;
        if (copy[i] == '/')
            copy[i] = '\\';
    }
    return mgk_zip_names_decode(MGK_ZIP_CP932, copy, size);
}

void mgk_archive_names_learn(MgkArchiveNames *names, const char *bytes, gsize size)
{
    if (mgk_zip_names_ascii((const guint8 *)bytes, size))
        return;
    g_autofree char *japanese = decode_cp932(bytes, size);
    names->not_utf8 |= !g_utf8_validate_len(bytes, size, NULL);
    names->not_cp932 |= japanese == NULL;
    if (names->sample->len < SAMPLE_BYTES) {
        g_byte_array_append(names->sample, (const guint8 *)bytes, (guint)MIN(size, SAMPLE_BYTES));
        g_byte_array_append(names->sample, (const guint8 *)"\n", 1);
    }
}

static char *decode_euc(MgkArchiveNames *names, const char *bytes, gsize size)
{
    gsize length = 0;
    if (!names->weighed)
        names->is_euc = mgk_charset_detect(names->sample->data, names->sample->len) == MGK_CHARSET_EUC_JP;
    names->weighed = TRUE;
    return names->is_euc ? mgk_charset_to_utf8(MGK_CHARSET_EUC_JP, (const guint8 *)bytes, size, &length, NULL) : NULL;
}

char *mgk_archive_names_decode(MgkArchiveNames *names, const char *bytes, gsize size)
{
    const guint8 *raw = (const guint8 *)bytes;
    if (mgk_zip_names_ascii(raw, size))
        return g_strndup(bytes, size);
    char *text = !names->not_utf8 ? mgk_zip_names_decode(MGK_ZIP_UTF8, raw, size) : decode_euc(names, bytes, size);
    if (!text && names->not_utf8 && !names->not_cp932)
        text = decode_cp932(bytes, size);
    return text ? text : mgk_zip_names_decode(MGK_ZIP_CP437, raw, size);
}
