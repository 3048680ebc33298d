#include <string.h>

#include "engines/biff_internal.h"
#include "engines/xml_hook.h"

#define HEAD 32 /* cells, class, version, flags */
#define MONIKER 1u
#define PLACE 8u
#define DISPLAY 0x10u
#define FRAME 0x80u
#define MONIKER_TEXT 0x100u
#define KNOWN (MONIKER | 2u | 4u | PLACE | DISPLAY | 0x20u | 0x40u | FRAME)

static const guint8 url_class[16] = {0xe0, 0xc9, 0xea, 0x79, 0xf9, 0xba, 0xce, 0x11,
                                     0x8c, 0x82, 0x00, 0xaa, 0x00, 0x4b, 0xa9, 0x0b};

/* A text of counted UTF-16 units ([MS-OSHARED] 2.3.7.9): its place and bytes, the end taken for the string's. */
static gboolean take_text(const guint8 *p, gsize size, gsize *at, const guint8 **ret_text, gsize *ret_bytes)
{
    guint32 untrusted_units = size - *at >= 4 ? mgk_biff_u32(p + *at) : G_MAXUINT32;
    if (untrusted_units > (size - *at - 4) / 2 || size - *at < 4)
        return FALSE;
    *ret_text = p + *at + 4;
    *ret_bytes = (gsize)untrusted_units * 2;
    *at += 4 + *ret_bytes;
    return TRUE;
}

/* The address in a moniker of the web; NULL for any other moniker. Owned by the caller. */
static char *take_address(const guint8 *p, gsize size, gsize *at)
{
    if (size - *at < 20 || memcmp(p + *at, url_class, 16) != 0)
        return NULL;
    guint32 untrusted_bytes = mgk_biff_u32(p + *at + 16);
    *at += 20;
    if (untrusted_bytes > size - *at)
        return NULL;
    GString *address = g_string_new(NULL);
    for (gsize i = 0; i + 2 <= untrusted_bytes && (p[*at + i] || p[*at + i + 1]); i += 2)
        g_string_append_unichar(address, mgk_biff_u16(p + *at + i));
    *at += untrusted_bytes;
    return g_string_free(address, FALSE);
}

static void append32(GByteArray *out, guint32 value)
{
    const guint8 bytes[4] = {(guint8)value, (guint8)(value >> 8), (guint8)(value >> 16), (guint8)(value >> 24)};
    g_byte_array_append(out, bytes, 4);
}

/* Writes the link afresh: cells, address, place in the workbook. */
static void put_link(MgkBiff *biff, const guint8 *p, const char *address, const guint8 *place, gsize place_bytes)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    static const guint8 end[2];
    g_byte_array_append(out, p, 24);
    append32(out, 2);
    append32(out, (address ? MONIKER | 2u : 0) | (place ? PLACE : 0));
    if (address) {
        gsize n = strlen(address);
        g_byte_array_append(out, url_class, 16);
        append32(out, (guint32)(n + 1) * 2);
        for (gsize i = 0; i <= n; i++) {
            const guint8 unit[2] = {(guint8)address[i], 0};
            g_byte_array_append(out, unit, 2);
        }
    }
    if (place) {
        append32(out, (guint32)place_bytes / 2 + 1);
        g_byte_array_append(out, place, (guint)place_bytes);
        g_byte_array_append(out, end, 2);
    }
    mgk_biff_put(biff, 0x01b8, out->data, out->len);
}

/* HLink (2.4.140): a place in the workbook, or a web or mail address. */
void mgk_biff_link(MgkBiff *biff, guint index)
{
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    const guint8 *p = biff->data + record->at, *text = NULL, *place = NULL;
    gsize at = HEAD, bytes = 0, place_bytes = 0, end = 0;
    guint32 flags = mgk_biff_u32(p + 28);
    g_autofree char *address = NULL;
    gboolean fine = (flags & ~KNOWN) == 0 && (!(flags & DISPLAY) || take_text(p, record->size, &at, &text, &bytes)) &&
                    (!(flags & FRAME) || take_text(p, record->size, &at, &text, &bytes));
    if (fine && (flags & MONIKER)) {
        address = take_address(p, record->size, &at);
        fine = address && address[0] != '#' && mgk_xml_url_is_harmless(address, strlen(address)) &&
               g_str_is_ascii(address) && address[0];
    }
    if (fine && (flags & PLACE))
        fine = take_text(p, record->size, &at, &place, &place_bytes);
    while (place && end < place_bytes && mgk_biff_u16(place + end) != 0)
        end += 2;
    if (!fine || (!address && !place)) {
        mgk_biff_find(biff, MGK_KIND_LINK_DANGEROUS, address);
        return;
    }
    if (address && mgk_job_find(biff->job, MGK_KIND_LINK_EXTERNAL, NULL, address) != MGK_ACTION_KEEP)
        return;
    put_link(biff, p, address, place, end);
}
