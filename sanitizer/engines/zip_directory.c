/* zip_directory.c - central records, the local headers they point at, and the extra fields of both. */
#include "engines/zip_internal.h"
#include "engines/zip_names.h"

#include <string.h>
#include <sys/stat.h>

#define CENTRAL_SIZE 46u
#define LOCAL_SIZE 30u

enum { EXTRA_ZIP64 = 0x0001, EXTRA_STRONG = 0x0017, EXTRA_PATH = 0x7075, EXTRA_AES = 0x9901 };
enum { FLAG_ENCRYPTED = 1, FLAG_DESCRIPTOR = 8, FLAG_STRONG = 1 << 6, FLAG_UTF8 = 1 << 11, FLAG_MASKED = 1 << 13 };
enum { METHOD_STORED = 0, METHOD_DEFLATED = 8, METHOD_AES = 99 };
enum { MADE_BY_FAT = 0, MADE_BY_UNIX = 3, MADE_BY_NTFS = 10, MADE_BY_OSX = 19 };
enum { DOS_DIRECTORY = 0x10, DOS_REPARSE = 0x400 };

MgkZipExtra mgk_zip_extra_parse(const guint8 *data, gsize size)
{
    MgkZipExtra extra = {0};
    while (size >= 4) {
        guint16 id = mgk_zip_u16(data), length = mgk_zip_u16(data + 2);
        if (length > size - 4) {
            extra.malformed = TRUE;
            return extra;
        }
        const guint8 *payload = data + 4;
        if (id == EXTRA_ZIP64) {
            extra.twice |= extra.zip64 != NULL;
            extra.zip64 = payload;
            extra.zip64_size = length;
        } else if (id == EXTRA_PATH) {
            extra.twice |= extra.path != NULL;
            extra.path = payload;
            extra.path_size = length;
        } else if (id == EXTRA_AES || id == EXTRA_STRONG) {
            extra.encrypted = TRUE;
        }
        data += 4 + length;
        size -= 4u + length;
    }
    for (; size; size--, data++) /* aligners pad with up to three zeros */
        extra.malformed |= *data != 0;
    return extra;
}

/* The 64-bit fields of one header: size, packed size, place; each starts as its 32-bit twin. */
typedef struct Wide {
    guint64 untrusted[3];
    guint n; /* fields that the header has: 2 local, 3 central */
} Wide;

static gboolean is_zero(const guint8 *data, gsize size)
{
    while (size && data[size - 1] == 0)
        size--;
    return size == 0;
}

/* Takes what the 32-bit fields point to; FALSE when the extra says something that only some readers would use. */
static gboolean widen(Wide *wide, const MgkZipExtra *extra)
{
    const guint8 *at = extra->zip64;
    guint16 left = extra->zip64 ? extra->zip64_size : 0;
    gboolean sound = TRUE;
    for (guint i = 0; i < wide->n; i++) {
        if (wide->untrusted[i] != G_MAXUINT32)
            continue;
        if (left < 8) {
            sound = FALSE;
            continue;
        }
        wide->untrusted[i] = mgk_zip_u64(at);
        at += 8;
        left = (guint16)(left - 8);
    }
    if (left < 8 || (wide->n == 2 && is_zero(extra->zip64, extra->zip64_size)))
        return sound; /* Apple's exports reserve the local field and leave it zero */
    for (guint i = 0; i < wide->n && (i + 1) * 8u <= extra->zip64_size; i++) /* more than asked: harmless if the same */
        sound = sound && mgk_zip_u64(extra->zip64 + i * 8u) == wide->untrusted[i];
    return sound;
}

static gboolean is_encrypted(guint16 flags, guint16 method, const MgkZipExtra *extra)
{
    return (flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) || method == METHOD_AES || extra->encrypted;
}

static guint32 judge_extra(const MgkZipExtra *extra)
{
    return extra->malformed || extra->twice ? MGK_ZIP_EXTRA : 0;
}

/* Without bit 3 the local header repeats the central record; with it each field may be zero instead. */
static gboolean same_numbers(const guint8 *local, const Wide *wide, const MgkZipEntry *entry)
{
    guint32 crc = mgk_zip_u32(local + 14);
    gboolean same_crc = crc == entry->crc, same_size = wide->untrusted[0] == entry->untrusted_size,
             same_packed = wide->untrusted[1] == entry->packed_size;
    if (entry->flags & FLAG_DESCRIPTOR) {
        same_crc |= crc == 0;
        same_size |= wide->untrusted[0] == 0;
        same_packed |= wide->untrusted[1] == 0;
    }
    return same_crc && same_size && same_packed;
}

static gboolean malformed(GError **error, const char *what, gsize at)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s at %" G_GSIZE_FORMAT, what, at);
    return FALSE;
}

static gboolean read_local(MgkZip *zip, const MgkZipPlan *plan, MgkZipEntry *entry, GError **error)
{
    gsize at = entry->header_offset, limit = plan->directory;
    if (at > limit || limit - at < LOCAL_SIZE || mgk_zip_u32(zip->data + at) != 0x04034b50)
        return malformed(error, "no local header", at);
    const guint8 *local = zip->data + at;
    guint16 name_size = mgk_zip_u16(local + 26), extra_size = mgk_zip_u16(local + 28);
    gsize rest = limit - at - LOCAL_SIZE;
    if ((gsize)name_size + extra_size > rest || entry->packed_size > rest - name_size - extra_size)
        return malformed(error, "entry runs into the directory", at);
    entry->offset = at + LOCAL_SIZE + name_size + extra_size;
    entry->end_offset = entry->offset + entry->packed_size;

    MgkZipExtra extra = mgk_zip_extra_parse(local + LOCAL_SIZE + name_size, extra_size);
    Wide wide = {.untrusted = {mgk_zip_u32(local + 22), mgk_zip_u32(local + 18)}, .n = 2};
    guint16 flags = mgk_zip_u16(local + 6), method = mgk_zip_u16(local + 8);
    gboolean ascii = mgk_zip_names_ascii(entry->raw_name, entry->raw_name_size); /* bit 11 then says nothing */
    const guint16 telling = FLAG_ENCRYPTED | FLAG_DESCRIPTOR | FLAG_STRONG | FLAG_MASKED | (ascii ? 0 : FLAG_UTF8);
    if (!widen(&wide, &extra))
        entry->anomalies |= MGK_ZIP_ZIP64_ODD;
    gboolean encrypted = is_encrypted(flags, method, &extra);
    if (encrypted != ((entry->anomalies & MGK_ZIP_ENCRYPTED) != 0))
        entry->anomalies |= MGK_ZIP_ENCRYPTED | MGK_ZIP_LOCAL_MISMATCH;
    if (((flags ^ entry->flags) & telling) || method != entry->method || name_size != entry->raw_name_size ||
        memcmp(local + LOCAL_SIZE, entry->raw_name, name_size) != 0 || !same_numbers(local, &wide, entry))
        entry->anomalies |= MGK_ZIP_LOCAL_MISMATCH;
    entry->anomalies |= judge_extra(&extra);
    return TRUE;
}

/* What kind of thing it is: makers on unix keep the mode in the upper half, others DOS attributes in the lower. */
static void read_attributes(MgkZipEntry *entry, guint8 made_by, guint32 attributes)
{
    guint32 mode = attributes >> 16, type = mode & S_IFMT;
    gboolean slash = entry->raw_name_size && strchr("/\\", entry->raw_name[entry->raw_name_size - 1u]) &&
                     entry->raw_name[entry->raw_name_size - 1u];
    gboolean unix_maker = made_by == MADE_BY_UNIX || made_by == MADE_BY_OSX;
    entry->unix_mode = unix_maker || type ? mode : 0;
    gboolean pipe = type == S_IFIFO && entry->untrusted_size == 0; /* zip(1) marks what it read from a pipe so, too */
    if (type == S_IFLNK || type == S_IFBLK || type == S_IFCHR || type == S_IFSOCK || pipe)
        entry->anomalies |= MGK_ZIP_LINK;
    if ((made_by == MADE_BY_FAT || made_by == MADE_BY_NTFS) && (attributes & DOS_REPARSE))
        entry->anomalies |= MGK_ZIP_LINK;
    entry->directory = entry->untrusted_size == 0 && (slash || type == S_IFDIR || (attributes & DOS_DIRECTORY));
}

static gboolean read_central(MgkZip *zip, const MgkZipPlan *plan, gsize at, MgkZipEntry *entry, GError **error)
{
    const guint8 *p = zip->data + at;
    MgkZipExtra extra = mgk_zip_extra_parse(p + CENTRAL_SIZE + mgk_zip_u16(p + 28), mgk_zip_u16(p + 30));
    Wide wide = {.untrusted = {mgk_zip_u32(p + 24), mgk_zip_u32(p + 20), mgk_zip_u32(p + 42)}, .n = 3};
    *entry = (MgkZipEntry){.raw_name = p + CENTRAL_SIZE,
                           .raw_name_size = mgk_zip_u16(p + 28),
                           .flags = mgk_zip_u16(p + 8),
                           .method = mgk_zip_u16(p + 10),
                           .dos_time = mgk_zip_u32(p + 12),
                           .crc = mgk_zip_u32(p + 16)};
    if (!widen(&wide, &extra))
        entry->anomalies |= MGK_ZIP_ZIP64_ODD;
    guint64 untrusted_packed = wide.untrusted[1], untrusted_place = wide.untrusted[2];
    if (untrusted_place > plan->directory - plan->base || untrusted_packed > plan->directory)
        return malformed(error, "central record points outside", at);
    entry->untrusted_size = wide.untrusted[0];
    entry->packed_size = (gsize)untrusted_packed;
    entry->header_offset = (gsize)untrusted_place + plan->base;
    entry->anomalies |= judge_extra(&extra);
    if (is_encrypted(entry->flags, entry->method, &extra))
        entry->anomalies |= MGK_ZIP_ENCRYPTED;
    if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED)
        entry->anomalies |= MGK_ZIP_METHOD;
    if (mgk_zip_u16(p + 32))
        entry->anomalies |= MGK_ZIP_COMMENT;
    if (mgk_zip_u16(p + 34) && mgk_zip_u16(p + 34) != G_MAXUINT16)
        entry->anomalies |= MGK_ZIP_MULTI_DISK;
    read_attributes(entry, p[5], mgk_zip_u32(p + 38));
    return read_local(zip, plan, entry, error);
}

gboolean mgk_zip_directory_read(MgkZip *zip, const MgkZipPlan *plan, GError **error)
{
    gsize at = plan->directory;
    while (plan->directory_end - at >= CENTRAL_SIZE && mgk_zip_u32(zip->data + at) == 0x02014b50) {
        gsize length = (gsize)CENTRAL_SIZE + mgk_zip_u16(zip->data + at + 28) + mgk_zip_u16(zip->data + at + 30) +
                       mgk_zip_u16(zip->data + at + 32);
        if (length > plan->directory_end - at)
            return malformed(error, "central record is cut off", at);
        if (zip->entries->len >= zip->limits.zip_entries) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "zip_entries: more than %" G_GUINT64_FORMAT,
                        zip->limits.zip_entries);
            return FALSE;
        }
        MgkZipEntry entry;
        if (!read_central(zip, plan, at, &entry, error))
            return FALSE;
        g_array_append_val(zip->entries, entry);
        at += length;
    }
    if (at != plan->directory_end) { /* a digital signature, or anything */
        zip->anomalies |= MGK_ZIP_GAP;
        if (mgk_zip_signature_within(zip->data + at, plan->directory_end - at))
            zip->anomalies |= MGK_ZIP_HIDDEN_ENTRY;
    }
    return TRUE;
}
