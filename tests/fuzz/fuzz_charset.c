/* engines/charset: every reader comes to the end of any bytes, in steps that join without a gap, and what detection
 * names decodes to valid UTF-8. */
#include "engines/charset.h"

#include "fuzz.h"

#include <string.h>

static void read_all(MgkCharset charset, const uint8_t *data, size_t size)
{
    MgkCharsetReader reader;
    MgkChar c;
    gsize at = 0;
    mgk_charset_reader_init(&reader, charset, data, size);
    while (mgk_charset_next(&reader, &c)) {
        guint8 out[16];
        g_assert(c.offset == at && c.length > 0 && c.length <= size - at);
        g_assert(c.code <= 0x10ffff || c.code == MGK_CHAR_INVALID || c.code == MGK_CHAR_SHIFT);
        g_assert(mgk_charset_put_ascii(&reader, '?', out) <= sizeof out);
        at += c.length;
    }
    g_assert(at == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (guint charset = MGK_CHARSET_NONE + 1; charset < MGK_N_CHARSETS; charset++)
        read_all((MgkCharset)charset, data, size);
    MgkCharset detected = mgk_charset_detect(data, size);
    if (detected == MGK_CHARSET_NONE)
        return 0;
    gsize length = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = mgk_charset_to_utf8(detected, data, size, &length, &error);
    g_assert((text == NULL) == (error != NULL));
    g_assert(!text || g_utf8_validate_len(text, length, NULL) || memchr(text, 0, length));
    return 0;
}
