#include <string.h>

#include "engines/biff_internal.h"
#include "model/error.h"

#define MANY 8224 /* bytes in one record */

typedef enum { RULE_KEEP, RULE_DROP, RULE_CALL } Action;

typedef struct Rule {
    guint16 id, least, most;
    guint8 action;
    gint kind; /* MgkKind or -1 */
} Rule;

#define MGK_KIND_NONE (-1)
static const Rule rules[] = {
#define MGK_BIFF(id, action, kind, least, most) {id, least, most, RULE_##action, MGK_KIND_##kind},
#include "rules/biff.def"
#undef MGK_BIFF
};

enum { BOF = 0x0809, END = 0x000a, CONTINUE = 0x003c, SST = 0x00fc, STRING = 0x0207 };

void mgk_biff_find(MgkBiff *biff, MgkKind kind, const char *detail)
{
    if (!biff->found[kind])
        mgk_job_find(biff->job, kind, "Workbook", detail);
    biff->found[kind] = TRUE;
}

const MgkBiffRecord *mgk_biff_record(const MgkBiff *biff, guint index)
{
    return index < biff->records->len ? &g_array_index(biff->records, MgkBiffRecord, index) : NULL;
}

void mgk_biff_put(MgkBiff *biff, guint id, const void *data, gsize size)
{
    guint8 head[4];
    mgk_biff_set16(head, id);
    mgk_biff_set16(head + 2, (guint)size);
    g_byte_array_append(biff->out, head, 4);
    g_byte_array_append(biff->out, data, (guint)size);
}

void mgk_biff_copy(MgkBiff *biff, guint index)
{
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    gboolean long_text = record->id == SST || record->id == STRING; /* of what stays, only they outgrow a record */
    do {
        mgk_biff_put(biff, record->id, biff->data + record->at, record->size);
        record = mgk_biff_record(biff, ++index);
    } while (long_text && record && record->id == CONTINUE);
}

static const Rule *rule_of(guint id)
{
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (rules[i].id == id)
            return &rules[i];
    }
    return NULL;
}

/* Cuts the stream into records; what stands behind the last substream is slack. */
static gboolean read_records(MgkBiff *biff, gsize size, GError **error)
{
    guint depth = 0;
    for (gsize at = 0; size - at >= 4;) {
        MgkBiffRecord record = {.id = (guint16)mgk_biff_u16(biff->data + at),
                                .size = (guint16)mgk_biff_u16(biff->data + at + 2),
                                .at = at + 4};
        if (depth == 0 && record.id != BOF)
            break;
        if (record.size > size - record.at || record.size > MANY) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "workbook: a record is cut off");
            return FALSE;
        }
        depth += record.id == BOF;
        depth -= record.id == END;
        g_array_append_val(biff->records, record);
        at = record.at + record.size;
    }
    if (depth == 0 && biff->records->len > 0)
        return TRUE;
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "workbook: it does not end");
    return FALSE;
}

/* The EOF that ends the substream begun at index. */
static guint end_of(const MgkBiff *biff, guint index)
{
    guint depth = 0;
    for (;; index++) {
        guint id = mgk_biff_record(biff, index)->id;
        depth += id == BOF;
        depth -= id == END;
        if (depth == 0)
            return index;
    }
}

/* Places of worksheets → MgkBiffSheet, borrowed. NULL when two are in one place: what is there would be written twice.
 */
static GHashTable *places_of(const MgkBiff *biff)
{
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL);
    for (guint s = 0; s < biff->sheets->len; s++) {
        MgkBiffSheet *sheet = &g_array_index(biff->sheets, MgkBiffSheet, s);
        if (sheet->type == 0 && !g_hash_table_insert(places, GUINT_TO_POINTER(sheet->untrusted_place), sheet))
            return NULL;
    }
    return g_steal_pointer(&places);
}

/* Finds each sheet's substream: it must begin where the globals say, and be a worksheet to be kept. */
static gboolean find_sheets(MgkBiff *biff, GError **error)
{
    g_autoptr(GHashTable) places = places_of(biff);
    guint missing = places ? g_hash_table_size(places) : 0;
    for (guint i = end_of(biff, 0) + 1; places && mgk_biff_record(biff, i); i = end_of(biff, i) + 1) {
        const MgkBiffRecord *record = mgk_biff_record(biff, i);
        MgkBiffSheet *sheet =
            record->at - 4 <= G_MAXUINT32 ? g_hash_table_lookup(places, GUINT_TO_POINTER(record->at - 4)) : NULL;
        if (!sheet)
            continue;
        if (record->size < 4 || mgk_biff_u16(biff->data + record->at + 2) != 0x10) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "workbook: a sheet is of another kind than said");
            return FALSE;
        }
        sheet->first = i;
        sheet->last = end_of(biff, i);
        missing--;
    }
    if (places && missing == 0)
        return TRUE;
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "workbook: a sheet is missing");
    return FALSE;
}

/* The objects of a sheet: pictures, charts, shapes, controls, remarks. */
static void drop_object(MgkBiff *biff, const MgkBiffRecord *record)
{
    const guint8 *p = biff->data + record->at;
    if (record->id != 0x5d)
        return;
    guint type = record->size >= 6 ? mgk_biff_u16(p + 4) : 0;
    gboolean control = type == 7 || (type >= 11 && type <= 18);
    gboolean embedded = type == 8 && record->size >= 22 && memmem(p + 22, record->size - 22u, "\x09\0", 2);
    if (control)
        mgk_biff_find(biff, MGK_KIND_ACTIVEX, NULL);
    else if (embedded)
        mgk_biff_find(biff, MGK_KIND_OLE_OBJECT, NULL);
    if (type != 20) /* the arrows of filters, which programs draw anew */
        mgk_biff_find(biff, MGK_KIND_DRAWING_LOST, NULL);
}

static void call(MgkBiff *biff, guint index)
{
    static const struct {
        guint16 id;
        void (*write)(MgkBiff *biff, guint index);
    } calls[] = {
        {0x0006, mgk_biff_cell},   {0x0207, mgk_biff_string},    {0x04bc, mgk_biff_shared},
        {0x0221, mgk_biff_shared}, {0x01b1, mgk_biff_condition}, {0x01be, mgk_biff_validation},
        {0x01b8, mgk_biff_link},
    };
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
        if (calls[i].id == record->id) {
            calls[i].write(biff, index);
            return;
        }
    }
    drop_object(biff, record);
}

/* Rules apply to all of a substream but its BOF and EOF. */
static void write_record(MgkBiff *biff, guint index, gboolean global)
{
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    const Rule *rule = rule_of(record->id);
    if (!rule || (rule->action != RULE_DROP && (record->size < rule->least || record->size > rule->most))) {
        mgk_biff_find(biff, MGK_KIND_UNKNOWN_PART, NULL);
        return;
    }
    if (rule->action == RULE_DROP) {
        if (rule->kind >= 0)
            mgk_biff_find(biff, (MgkKind)rule->kind, NULL);
    } else if (rule->action == RULE_KEEP) {
        mgk_biff_copy(biff, index);
    } else if (!global || !mgk_biff_global(biff, index)) {
        call(biff, index);
    }
}

static void write_bof(MgkBiff *biff, guint type)
{
    guint8 bof[16] = {0, 6, 0, 0, 0xbb, 0x0d, 0xcc, 0x07, 0, 0, 0, 0, 6, 0, 0, 0};
    mgk_biff_set16(bof + 2, type);
    mgk_biff_put(biff, BOF, bof, sizeof bof);
}

static void write_sheet(MgkBiff *biff, MgkBiffSheet *sheet)
{
    static const guint8 dimensions[14], window[18] = {0xb6, 6};
    for (guint i = 0; i < 4; i++)
        biff->out->data[sheet->place_at + i] = (guint8)(biff->out->len >> (8 * i));
    write_bof(biff, 0x10);
    if (sheet->first == 0) {
        mgk_biff_put(biff, 0x0200, dimensions, sizeof dimensions);
        mgk_biff_put(biff, 0x023e, window, sizeof window);
        if (sheet->type == 2)
            mgk_biff_find(biff, MGK_KIND_DRAWING_LOST, "chart sheet");
    } else {
        mgk_biff_find_masters(biff, sheet->first, sheet->last);
    }
    for (guint i = sheet->first + 1; i < sheet->last; i++) {
        if (mgk_biff_record(biff, i)->id == BOF)
            i = end_of(biff, i);
        else
            write_record(biff, i, FALSE);
    }
    mgk_biff_put(biff, END, "", 0);
}

static gboolean write_all(MgkBiff *biff, GError **error)
{
    const MgkBiffRecord *first = mgk_biff_record(biff, 0);
    const guint8 *p = biff->data + first->at;
    if (first->size < 4 || mgk_biff_u16(p) != 0x0600 || mgk_biff_u16(p + 2) != 0x0005) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "workbook: not of Excel 97 or later");
        return FALSE;
    }
    if (!mgk_biff_survey(biff, error) || !find_sheets(biff, error))
        return FALSE;
    guint end = end_of(biff, 0);
    write_bof(biff, 5);
    for (guint i = 1; i < end; i++)
        write_record(biff, i, TRUE);
    mgk_biff_put(biff, END, "", 0);
    for (guint s = 0; s < biff->sheets->len; s++)
        write_sheet(biff, &g_array_index(biff->sheets, MgkBiffSheet, s));
    return TRUE;
}

GByteArray *mgk_biff_rebuild(MgkJob *job, const guint8 *data, gsize size, gboolean unlocked, GError **error)
{
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(MgkBiffRecord));
    g_autoptr(GArray) sheets = g_array_new(FALSE, FALSE, sizeof(MgkBiffSheet));
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, 1), externs = g_array_new(FALSE, FALSE, 1);
    g_autoptr(GArray) books = g_array_new(FALSE, FALSE, 1);
    g_autoptr(GHashTable) masters = g_hash_table_new(NULL, NULL);
    g_autoptr(GByteArray) out = g_byte_array_new();
    MgkBiff biff = {.job = job,
                    .data = data,
                    .records = records,
                    .sheets = sheets,
                    .names = names,
                    .externs = externs,
                    .books = books,
                    .masters = masters,
                    .unlocked = unlocked,
                    .out = out};
    if (!read_records(&biff, size, error) || !write_all(&biff, error))
        return NULL;
    return g_steal_pointer(&out);
}
