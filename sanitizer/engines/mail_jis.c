#include "engines/mail_jis.h"

#include "engines/charset.h"

#define ROWS 94
#define NEC_ROW 13 /* circled digits and the like: not in JIS X 0208 */
#define LAST_ROW 84

/* JIS X 0208 by code point: two bytes, 0 for none. Made from the decoder's tables when first needed. */
static struct {
    gboolean ready;
    guint16 jis[0x10000];
} reverse;

static void take_row(guint row)
{
    guint8 bytes[3 + ROWS * 2] = "\033$B";
    for (guint cell = 0; cell < ROWS; cell++) {
        bytes[3 + cell * 2] = (guint8)(0x20 + row);
        bytes[4 + cell * 2] = (guint8)(0x21 + cell);
    }
    MgkCharsetReader reader;
    MgkChar c;
    mgk_charset_reader_init(&reader, MGK_CHARSET_ISO_2022_JP, bytes, sizeof bytes);
    while (mgk_charset_next(&reader, &c)) {
        if (c.length == 2 && c.code <= 0xffff)
            reverse.jis[c.code] = (guint16)(bytes[c.offset] << 8 | bytes[c.offset + 1]);
    }
}

static void warm(void)
{
    /* Unicode has two characters for some cells; the tables know Windows' choice. */
    static const struct {
        guint16 code, jis;
    } twins[] = {{0x301c, 0x2141}, {0x2016, 0x2142}, {0x2212, 0x215d}, {0x00a2, 0x2171},
                 {0x00a3, 0x2172}, {0x00ac, 0x224c}, {0x2014, 0x213d}, {0xffe3, 0x2131}};
    for (guint row = 1; row <= LAST_ROW; row++) {
        if (row != NEC_ROW)
            take_row(row);
    }
    for (guint i = 0; i < G_N_ELEMENTS(twins); i++)
        reverse.jis[twins[i].code] = twins[i].jis;
    reverse.ready = TRUE;
}

gboolean mgk_jis_put(MgkJisWriter *writer, gunichar character)
{
    if (!reverse.ready)
        warm();
    gboolean ascii = character < 0x80 && character != 0x1b;
    guint16 jis = !ascii && character <= 0xffff ? reverse.jis[character] : 0;
    if (!ascii && !jis)
        return FALSE;
    if (ascii)
        mgk_jis_end(writer);
    else if (!writer->shifted)
        g_string_append(writer->out, "\033$B");
    writer->shifted = !ascii;
    if (ascii)
        g_string_append_c(writer->out, (char)character);
    else
        g_string_append_len(writer->out, (const char[]){(char)(jis >> 8), (char)(jis & 0xff)}, 2);
    return TRUE;
}

void mgk_jis_end(MgkJisWriter *writer)
{
    if (writer->shifted)
        g_string_append(writer->out, "\033(B");
    writer->shifted = FALSE;
}

char *mgk_jis_from_utf8(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    MgkJisWriter writer = {.out = out};
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        if (!mgk_jis_put(&writer, g_utf8_get_char(p)))
            return NULL;
    }
    mgk_jis_end(&writer);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
