/* Compressed RTF ([MS-OXRTFCP] 3.1.3): LZ77 over a window of 4096 bytes that begins filled. */
#include "engines/msg_read.h"

#include <string.h>

#define WINDOW 4096
#define HEADER 16
#define COMPRESSED 0x75465a4cu
#define UNCOMPRESSED 0x414c454du
#define MOST (64u << 20)

static const char dictionary[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    "\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

static guint32 u32(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

typedef struct Window {
    GString *out; /* owned by the caller */
    guint8 bytes[WINDOW];
    guint at;
} Window;

static void put(Window *w, guint8 byte)
{
    w->bytes[w->at] = byte;
    w->at = (w->at + 1) % WINDOW;
    g_string_append_c(w->out, (char)byte);
}

/* Copies an earlier stretch; FALSE at the mark that ends the text (a reference to the present place). */
static gboolean repeat(Window *w, guint reference)
{
    guint from = reference >> 4, length = (reference & 15) + 2;
    if (from == w->at)
        return FALSE;
    for (guint i = 0; i < length; i++)
        put(w, w->bytes[(from + i) % WINDOW]);
    return TRUE;
}

/* FALSE where the bytes end before the mark. */
static gboolean expand(Window *w, const guint8 *data, gsize size)
{
    for (gsize at = 0; at < size && w->out->len < MOST;) {
        guint8 control = data[at++];
        for (guint bit = 0; bit < 8; bit++) {
            gboolean pair = control >> bit & 1;
            if (size - at < (pair ? 2u : 1u))
                return FALSE;
            if (!pair)
                put(w, data[at]);
            else if (!repeat(w, (guint)data[at] << 8 | data[at + 1]))
                return TRUE;
            at += pair ? 2 : 1;
        }
    }
    return FALSE;
}

GString *mgk_msg_expand_rtf(const guint8 *data, gsize size)
{
    if (size < HEADER)
        return NULL;
    guint32 raw = u32(data + 4), kind = u32(data + 8);
    g_autoptr(GString) out = g_string_new(NULL);
    if (kind == UNCOMPRESSED) {
        g_string_append_len(out, (const char *)data + HEADER, (gssize)MIN(raw, size - HEADER));
        return g_steal_pointer(&out);
    }
    Window w = {.out = out, .at = sizeof dictionary - 1};
    memset(w.bytes, ' ', sizeof w.bytes);
    memcpy(w.bytes, dictionary, sizeof dictionary - 1);
    if (kind != COMPRESSED || !expand(&w, data + HEADER, size - HEADER))
        return NULL;
    return g_steal_pointer(&out);
}
