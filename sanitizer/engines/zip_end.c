/* zip_end.c - finding the one end record, and judging what lies around the archive.
 *
 * Readers search backwards (unzip, Python), forwards (some Java), or demand that the comment ends with the file (7-Zip,
 * Office). An archive with two records that any of them could take is reported, never resolved. */
#include "engines/zip_internal.h"

#include <string.h>

#define END_SIZE 22u
#define END64_SIZE 56u
#define LOCATOR_SIZE 20u
#define COMMENT_MAX 65535u

static const guint8 sig_end[4] = {'P', 'K', 5, 6}, sig_end64[4] = {'P', 'K', 6, 6}, sig_locator[4] = {'P', 'K', 6, 7},
                    sig_central[4] = {'P', 'K', 1, 2}, sig_local[4] = {'P', 'K', 3, 4};

static gboolean has_signature(const MgkZip *zip, gsize at, const guint8 *signature)
{
    return at <= zip->size && zip->size - at >= 4 && memcmp(zip->data + at, signature, 4) == 0;
}

gboolean mgk_zip_signature_within(const guint8 *data, gsize size)
{
    const guint8 *found = memmem(data, size, sig_local, 4);
    if (!found)
        found = memmem(data, size, sig_central, 4);
    return found || memmem(data, size, sig_end, 4);
}

static gsize window_start(const MgkZip *zip)
{
    return zip->size > END_SIZE + COMMENT_MAX ? zip->size - END_SIZE - COMMENT_MAX : 0;
}

/* Bytes after an end record at this place and its comment; G_MAXSIZE when the comment does not fit. */
static gsize bytes_after(const MgkZip *zip, gsize at)
{
    gsize rest = zip->size - at - END_SIZE, comment = mgk_zip_u16(zip->data + at + 20);
    return comment <= rest ? rest - comment : G_MAXSIZE;
}

/* The last record whose comment ends with the file, else the last whose comment fits. */
static gboolean locate_end(const MgkZip *zip, gsize *ret_at)
{
    gboolean found = FALSE;
    if (zip->size < END_SIZE)
        return FALSE;
    for (gsize at = zip->size - END_SIZE + 1, start = window_start(zip); at-- > start;) {
        if (!has_signature(zip, at, sig_end))
            continue;
        gsize after = bytes_after(zip, at);
        if (after == 0) {
            *ret_at = at;
            return TRUE;
        }
        if (after != G_MAXSIZE && !found) {
            *ret_at = at;
            found = TRUE;
        }
    }
    return found;
}

gboolean mgk_zip_has_end(const guint8 *data, gsize size)
{
    const MgkZip zip = {.data = data, .size = size};
    gsize at = 0;
    return locate_end(&zip, &at);
}

typedef struct End {
    guint64 untrusted_count, untrusted_size, untrusted_offset;
    gboolean disks;
} End;

static End read_end(const guint8 *p)
{
    return (End){.untrusted_count = mgk_zip_u16(p + 10),
                 .untrusted_size = mgk_zip_u32(p + 12),
                 .untrusted_offset = mgk_zip_u32(p + 16)};
}

/* Disk numbers are zero, or, before a zip64 record, the sign that it has them. */
static gboolean has_disks(const guint8 *p, gboolean wide)
{
    guint first = mgk_zip_u16(p + 4), second = mgk_zip_u16(p + 6);
    return !(first == 0 || (wide && first == G_MAXUINT16)) || !(second == 0 || (wide && second == G_MAXUINT16)) ||
           mgk_zip_u16(p + 8) != mgk_zip_u16(p + 10);
}

static End read_end64(const guint8 *p)
{
    return (End){.untrusted_count = mgk_zip_u64(p + 32),
                 .untrusted_size = mgk_zip_u64(p + 40),
                 .untrusted_offset = mgk_zip_u64(p + 48),
                 .disks = mgk_zip_u32(p + 16) || mgk_zip_u32(p + 20) || mgk_zip_u64(p + 24) != mgk_zip_u64(p + 32)};
}

/* A short field is either the value itself or the sign that the long one counts. */
static gboolean agree(guint64 small, guint64 large, guint64 sign)
{
    return small == large || small == sign;
}

/* Replaces end by the zip64 record before it, if there is one. *tail moves to where the directory should end. */
static gboolean apply_end64(MgkZip *zip, gsize at, End *end, gsize *tail, GError **error)
{
    gboolean needed = end->untrusted_count == G_MAXUINT16 || end->untrusted_size == G_MAXUINT32 ||
                      end->untrusted_offset == G_MAXUINT32;
    if (at < LOCATOR_SIZE || !has_signature(zip, at - LOCATOR_SIZE, sig_locator)) {
        if (needed && end->untrusted_count != G_MAXUINT16)
            zip->anomalies |= MGK_ZIP_END_MISMATCH;
        return TRUE;
    }
    gsize locator = at - LOCATOR_SIZE;
    guint64 untrusted_at = mgk_zip_u64(zip->data + locator + 8);
    gsize place = locator < END64_SIZE ? 0 : locator - END64_SIZE; /* where it is when nothing is in front */
    if (untrusted_at <= place && has_signature(zip, (gsize)untrusted_at, sig_end64))
        place = (gsize)untrusted_at;
    if (locator < END64_SIZE || !has_signature(zip, place, sig_end64)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "zip64 end record is missing");
        return FALSE;
    }
    End large = read_end64(zip->data + place);
    if (!agree(end->untrusted_count, large.untrusted_count, G_MAXUINT16) ||
        !agree(end->untrusted_size, large.untrusted_size, G_MAXUINT32) ||
        !agree(end->untrusted_offset, large.untrusted_offset, G_MAXUINT32) ||
        mgk_zip_u64(zip->data + place + 4) != locator - place - 12)
        zip->anomalies |= MGK_ZIP_END_MISMATCH;
    if (mgk_zip_u32(zip->data + locator + 4) || mgk_zip_u32(zip->data + locator + 16) > 1 || large.disks)
        zip->anomalies |= MGK_ZIP_MULTI_DISK;
    *end = large;
    *tail = place;
    return TRUE;
}

/* The directory is where the record says, or, behind a prefix that nobody counted, right before the record. */
static gboolean place_directory(MgkZip *zip, const End *end, MgkZipPlan *plan, GError **error)
{
    gsize tail = plan->tail;
    if (end->untrusted_size > tail || end->untrusted_offset > tail) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "directory lies outside the file");
        return FALSE;
    }
    gsize said = (gsize)end->untrusted_offset, size = (gsize)end->untrusted_size, fits = tail - size;
    gboolean said_ok = said <= fits && (size == 0 || has_signature(zip, said, sig_central));
    gboolean fits_ok = size == 0 || has_signature(zip, fits, sig_central);
    if (said != fits && said_ok && fits_ok)
        zip->anomalies |= MGK_ZIP_END_MISMATCH;
    if (!said_ok && !(fits_ok && fits > said)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "directory is not where the end record says");
        return FALSE;
    }
    plan->directory = said_ok ? said : fits;
    plan->base = said_ok ? 0 : fits - said;
    plan->directory_end = plan->directory + size;
    return TRUE;
}

gboolean mgk_zip_end_find(MgkZip *zip, MgkZipPlan *ret_plan, GError **error)
{
    MgkZipPlan plan = {0};
    if (!locate_end(zip, &plan.end)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no end record");
        return FALSE;
    }
    End end = read_end(zip->data + plan.end);
    if (mgk_zip_u16(zip->data + plan.end + 20))
        zip->anomalies |= MGK_ZIP_COMMENT;
    plan.tail = plan.end;
    if (!apply_end64(zip, plan.end, &end, &plan.tail, error) || !place_directory(zip, &end, &plan, error))
        return FALSE;
    if (has_disks(zip->data + plan.end, plan.tail != plan.end))
        zip->anomalies |= MGK_ZIP_MULTI_DISK;
    plan.untrusted_count = end.untrusted_count;
    *ret_plan = plan;
    return TRUE;
}

/* Inside an entry's packed data a signature is content (a stored archive); elsewhere it is another archive's. */
static gboolean inside_entry(const MgkZip *zip, gsize at)
{
    guint low = 0, high = zip->order->len;
    while (low < high) { /* the last entry that starts at or before the place */
        guint middle = low + (high - low) / 2;
        if (mgk_zip_nth_by_place(zip, middle)->header_offset <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return FALSE;
    const MgkZipEntry *entry = mgk_zip_nth_by_place(zip, low - 1);
    return at >= entry->offset && at - entry->offset < entry->packed_size;
}

static gboolean has_other_end(const MgkZip *zip, const MgkZipPlan *plan)
{
    for (gsize at = window_start(zip); zip->size - at >= END_SIZE; at++) {
        const guint8 *found = memmem(zip->data + at, zip->size - at, sig_end, 4);
        if (!found)
            return FALSE;
        at = (gsize)(found - zip->data);
        if (at != plan->end && zip->size - at >= END_SIZE && (bytes_after(zip, at) == 0 || !inside_entry(zip, at)))
            return TRUE;
    }
    return FALSE;
}

void mgk_zip_end_judge(MgkZip *zip, const MgkZipPlan *plan)
{
    gsize after = bytes_after(zip, plan->end);
    if (has_other_end(zip, plan))
        zip->anomalies |= MGK_ZIP_SECOND_END;
    if (after) {
        zip->anomalies |= MGK_ZIP_TRAILING;
        if (mgk_zip_signature_within(zip->data + zip->size - after, after))
            zip->anomalies |= MGK_ZIP_HIDDEN_ENTRY;
    }
    if (plan->untrusted_count != zip->entries->len)
        zip->anomalies |= MGK_ZIP_END_MISMATCH;
    gsize comment = mgk_zip_u16(zip->data + plan->end + 20);
    if (mgk_zip_signature_within(zip->data + plan->end + END_SIZE, comment))
        zip->anomalies |= MGK_ZIP_HIDDEN_ENTRY;
}
