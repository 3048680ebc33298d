#include "engines/zip_exotic.h"

#include "engines/zip_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define LOCAL_SIZE 30u
#define STEP (64u << 10)

enum { FLAG_ENCRYPTED = 1, FLAG_DESCRIPTOR = 8, FLAG_STRONG = 1 << 6, FLAG_UTF8 = 1 << 11, FLAG_MASKED = 1 << 13 };
enum { EXTRA_AES = 0x9901, METHOD_AES = 99 };

static void add_u16(GByteArray *out, guint v)
{
    const guint8 bytes[2] = {(guint8)v, (guint8)(v >> 8)};
    g_byte_array_append(out, bytes, sizeof bytes);
}

static void add_u32(GByteArray *out, guint32 v)
{
    add_u16(out, v & 0xffff);
    add_u16(out, v >> 16);
}

/* The 0x9901 block of the local header, header included; NULL when there is none. */
static const guint8 *aes_extra(const MgkZip *zip, const MgkZipEntry *entry, gsize *ret_size)
{
    const guint8 *local = zip->data + entry->header_offset;
    const guint8 *at = local + LOCAL_SIZE + mgk_zip_u16(local + 26);
    gsize left = mgk_zip_u16(local + 28);
    while (left >= 4) {
        gsize size = 4u + mgk_zip_u16(at + 2);
        if (size > left)
            return NULL;
        if (mgk_zip_u16(at) == EXTRA_AES) {
            *ret_size = size;
            return at;
        }
        at += size;
        left -= size;
    }
    return NULL;
}

/* libarchive 3.6 decrypts only what is stored or deflated below. */
static gboolean is_beyond(const MgkZip *zip, const MgkZipEntry *entry)
{
    gsize size = 0;
    const guint8 *extra = aes_extra(zip, entry, &size);
    guint method =
        entry->method == METHOD_AES ? (extra && size >= 11 ? mgk_zip_u16(extra + 9) : METHOD_AES) : entry->method;
    return (entry->anomalies & MGK_ZIP_ENCRYPTED) && method != 0 && method != 8;
}

/* The fields that local header and central record have in common. The checksum's or the time's high byte is what
 * ZipCrypto verifies the password by, so flags and time stay as they are. */
static void add_common(GByteArray *out, const MgkZipEntry *entry, gsize extra_size)
{
    add_u16(out, 63);
    add_u16(out, entry->flags & (guint)~FLAG_UTF8);
    add_u16(out, entry->method);
    add_u32(out, entry->dos_time);
    add_u32(out, entry->crc);
    add_u32(out, (guint32)entry->packed_size);
    add_u32(out, (guint32)entry->untrusted_size);
    add_u16(out, 1);
    add_u16(out, (guint)extra_size);
}

/* An archive of this entry alone under the name "m": libarchive gets no names to convert and no other entry to mix. */
static GByteArray *isolate(const MgkZip *zip, const MgkZipEntry *entry)
{
    gsize extra_size = 0;
    const guint8 *extra = aes_extra(zip, entry, &extra_size);
    GByteArray *out = g_byte_array_sized_new((guint)entry->packed_size + 256);
    add_u32(out, 0x04034b50);
    add_common(out, entry, extra_size);
    g_byte_array_append(out, (const guint8 *)"m", 1);
    g_byte_array_append(out, extra, (guint)extra_size);
    g_byte_array_append(out, mgk_zip_packed(zip, entry), (guint)entry->packed_size);
    if (entry->flags & FLAG_DESCRIPTOR) {
        add_u32(out, 0x08074b50);
        add_u32(out, entry->crc);
        add_u32(out, (guint32)entry->packed_size);
        add_u32(out, (guint32)entry->untrusted_size);
    }
    guint directory = out->len;
    add_u32(out, 0x02014b50);
    add_u16(out, 63);
    add_common(out, entry, extra_size);
    add_u16(out, 0); /* comment, disk, attributes, place of the local header */
    add_u16(out, 0);
    add_u16(out, 0);
    add_u32(out, 0);
    add_u32(out, 0);
    g_byte_array_append(out, (const guint8 *)"m", 1);
    g_byte_array_append(out, extra, (guint)extra_size);
    guint size = out->len - directory;
    add_u32(out, 0x06054b50);
    add_u32(out, 0);
    add_u16(out, 1);
    add_u16(out, 1);
    add_u32(out, size);
    add_u32(out, directory);
    add_u16(out, 0);
    return out;
}

static void explain(struct archive *reader, const MgkZipEntry *entry, const char *password, GError **error)
{
    const char *said = archive_error_string(reader);
    gboolean unsupported = said && strstr(said, "nsupported");
    if ((entry->anomalies & MGK_ZIP_ENCRYPTED) && !unsupported)
        g_set_error(error, MGK_ERROR, MGK_ERROR_ENCRYPTED, password ? "wrong password" : "no password");
    else if (unsupported)
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "packing method %u", entry->method);
    else
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "packed data is broken");
}

/* Appends what libarchive yields, never more than allowed. FALSE without error: libarchive has the reason. */
static gboolean read_all(struct archive *reader, MgkZip *zip, MgkZipEntry *entry, gsize max, GByteArray *out,
                         GError **error)
{
    g_autofree guint8 *buffer = g_malloc(STEP);
    la_ssize_t n = 0;
    while ((n = archive_read_data(reader, buffer, STEP)) > 0) {
        if ((gsize)n > MIN(max, G_MAXUINT32 / 2) - out->len) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "size: more than %" G_GSIZE_FORMAT " bytes", max);
            return FALSE;
        }
        g_byte_array_append(out, buffer, (guint)n);
        if (!mgk_zip_account(zip, entry, out->len, error))
            return FALSE;
    }
    return n == 0;
}

/* WinZip's second AES form leaves the checksum out; its own authentication code was verified instead. */
static gboolean is_whole(const MgkZipEntry *entry, const GByteArray *out)
{
    if (out->len != entry->untrusted_size)
        return FALSE;
    return (entry->method == METHOD_AES && entry->crc == 0) || libdeflate_crc32(0, out->data, out->len) == entry->crc;
}

static GBytes *unpack(struct archive *reader, MgkZip *zip, MgkZipEntry *entry, const char *password, gsize max,
                      GError **error)
{
    g_autoptr(GByteArray) archive = isolate(zip, entry), out = g_byte_array_new();
    g_autoptr(GError) local = NULL;
    struct archive_entry *header = NULL;
    archive_read_support_filter_none(reader);
    archive_read_support_format_zip_seekable(reader);
    if (password && *password)
        archive_read_add_passphrase(reader, password);
    gboolean ok = archive_read_open_memory(reader, archive->data, archive->len) == ARCHIVE_OK &&
                  archive_read_next_header(reader, &header) == ARCHIVE_OK &&
                  read_all(reader, zip, entry, max, out, &local);
    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    if (!ok || !is_whole(entry, out)) {
        explain(reader, entry, password, error);
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

GBytes *mgk_zip_exotic_bytes(MgkZip *zip, MgkZipEntry *entry, const char *password, gsize max, GError **error)
{
    gboolean locked = entry->anomalies & MGK_ZIP_ENCRYPTED;
    /* what claims to be encrypted without the bit that makes libarchive decrypt is not read as if it were plain */
    if ((entry->flags & (FLAG_STRONG | FLAG_MASKED)) || (locked && !(entry->flags & FLAG_ENCRYPTED)) ||
        (locked && !(password && *password))) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_ENCRYPTED, "no password");
        return NULL;
    }
    if (entry->anomalies & (MGK_ZIP_OVERLAP | MGK_ZIP_MULTI_DISK)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "entry overlaps another or lies on another disk");
        return NULL;
    }
    if (is_beyond(zip, entry)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "encrypted after packing by an unsupported method");
        return NULL;
    }
    if (entry->untrusted_size > MIN(max, G_MAXUINT32 / 2) || entry->packed_size > G_MAXUINT32 / 2) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "size: %" G_GUINT64_FORMAT " bytes", entry->untrusted_size);
        return NULL;
    }
    struct archive *reader = archive_read_new();
    GBytes *bytes = unpack(reader, zip, entry, password, max, error);
    archive_read_free(reader);
    return bytes;
}
