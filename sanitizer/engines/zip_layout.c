/* zip_layout.c - does every byte before the directory belong to exactly one entry? */
#include "engines/zip_internal.h"

#include <stdlib.h>

static int compare_places(gconstpointer a, gconstpointer b, gpointer user)
{
    const MgkZip *zip = user;
    guint x = *(const guint *)a, y = *(const guint *)b;
    gsize p = g_array_index(zip->entries, MgkZipEntry, x).header_offset;
    gsize q = g_array_index(zip->entries, MgkZipEntry, y).header_offset;
    return p != q ? (p < q ? -1 : 1) : (x < y ? -1 : x > y);
}

/* Size of the descriptor at a place if it has this form and says what the central record says, else 0. */
static gsize descriptor_fits(const guint8 *at, gsize left, const MgkZipEntry *entry, gboolean signature, gboolean wide)
{
    gsize size = (signature ? 4u : 0u) + (wide ? 20u : 12u);
    if (left < size || (signature && mgk_zip_u32(at) != 0x08074b50))
        return 0;
    const guint8 *p = at + (signature ? 4 : 0);
    guint64 packed = wide ? mgk_zip_u64(p + 4) : mgk_zip_u32(p + 4);
    guint64 unpacked = wide ? mgk_zip_u64(p + 12) : mgk_zip_u32(p + 8);
    gboolean same = mgk_zip_u32(p) == entry->crc && packed == entry->packed_size && unpacked == entry->untrusted_size;
    return same ? size : 0;
}

/* The specification leaves four forms open; the one that ends where the next thing starts is meant. */
static void find_descriptor(MgkZip *zip, MgkZipEntry *entry, gsize next)
{
    gsize start = entry->end_offset, best = 0;
    for (guint form = 0; form < 4 && start <= next; form++) {
        gsize size = descriptor_fits(zip->data + start, next - start, entry, !(form & 1), form & 2);
        if (size && (best == 0 || size == next - start))
            best = size;
    }
    if (best == 0)
        entry->anomalies |= MGK_ZIP_DESCRIPTOR;
    entry->end_offset += best;
}

static void judge_gap(MgkZip *zip, gsize from, gsize to)
{
    zip->anomalies |= from == 0 ? MGK_ZIP_PREFIX : MGK_ZIP_GAP;
    if (mgk_zip_signature_within(zip->data + from, to - from))
        zip->anomalies |= MGK_ZIP_HIDDEN_ENTRY;
}

static void order_entries(MgkZip *zip)
{
    g_array_set_size(zip->order, zip->entries->len);
    gboolean sorted = TRUE;
    for (guint i = 0; i < zip->entries->len; i++) {
        g_array_index(zip->order, guint, i) = i;
        sorted = sorted && (i == 0 || g_array_index(zip->entries, MgkZipEntry, i - 1).header_offset <=
                                          g_array_index(zip->entries, MgkZipEntry, i).header_offset);
    }
    if (!sorted)
        g_array_sort_with_data(zip->order, compare_places, zip);
}

void mgk_zip_layout_judge(MgkZip *zip, const MgkZipPlan *plan)
{
    gsize covered = 0; /* every byte before this belongs to something */
    MgkZipEntry *last = NULL;
    order_entries(zip);
    for (guint i = 0; i < zip->order->len; i++) {
        MgkZipEntry *entry = mgk_zip_nth_by_place(zip, i);
        gsize next = i + 1 < zip->order->len ? mgk_zip_nth_by_place(zip, i + 1)->header_offset : plan->directory;
        if (entry->flags & 8)
            find_descriptor(zip, entry, next);
        if (entry->header_offset > covered) {
            judge_gap(zip, covered, entry->header_offset);
        } else if (last && entry->header_offset < covered) {
            entry->anomalies |= MGK_ZIP_OVERLAP;
            last->anomalies |= MGK_ZIP_OVERLAP;
        }
        if (entry->end_offset >= covered) {
            covered = entry->end_offset;
            last = entry;
        }
    }
    if (covered < plan->directory)
        judge_gap(zip, covered, plan->directory);
    if (plan->directory_end != plan->tail)
        judge_gap(zip, plan->directory_end, plan->tail);
}
