#include "engines/xlsb_text.h"

#include <string.h>

#include "engines/grid_text.h"
#include "engines/xlsb_internal.h"
#include "engines/xml_events.h"

enum { ROW_HIDDEN = 0x10, COLUMN_HIDDEN = 1, CELL_HEAD = 8, DATES_1904 = 1 };

/* What is read of a part; the reader of its records gets it. */
typedef struct Reading {
    MgkGrid *grid;
    GPtrArray *sheets; /* owned; id, name, id, name… of those that are seen */
    guint row, column; /* of the sheet or comment in hand */
    gboolean cell_styles;
} Reading;

static gboolean read_part(MgkZip *zip, const char *member, void (*read)(Reading *reading, const MgkXlsbRecord *record),
                          Reading *reading, GError **error)
{
    MgkZipEntry *entry = mgk_zip_find(zip, member);
    g_autoptr(GBytes) bytes = entry ? mgk_zip_entry_bytes(zip, entry, G_MAXINT32, error) : NULL;
    gsize size = 0, at = 0;
    const guint8 *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    MgkXlsbRecord record;
    g_autoptr(GError) local = NULL;
    if (!entry)
        return TRUE;
    while (data && mgk_xlsb_next(data, size, &at, &record, &local))
        read(reading, &record);
    if (local)
        g_propagate_error(error, g_steal_pointer(&local));
    return bytes && at == size;
}

/* The text that stands at the first field of a kind in a record of this shape; owned by the caller. */
static char *text_in(const MgkXlsbRecord *record, const char *shape, guint which)
{
    MgkXlsbField fields[MGK_XLSB_FIELDS];
    guint n = 0;
    return mgk_xlsb_cut(shape, record, fields, &n) && which < n ? mgk_xlsb_text(record, &fields[which]) : NULL;
}

/* A RichStr (2.5.122) at a place: its letters, without fonts and readings. */
static char *rich_text(const MgkXlsbRecord *record, gsize at)
{
    if (record->size < at + 5)
        return NULL;
    guint64 bytes = (guint64)mgk_xlsb_u32(record->data + at + 1) * 2;
    if (bytes > record->size - at - 5)
        return NULL;
    const MgkXlsbField field = {.at = at + 1, .size = (gsize)bytes + 4};
    return mgk_xlsb_text(record, &field);
}

static void read_book(Reading *reading, const MgkXlsbRecord *record)
{
    if (record->id == 153 && record->size >= 4 && (mgk_xlsb_u32(record->data) & DATES_1904))
        mgk_grid_dates_from_1904(reading->grid);
    if (record->id != MGK_XLSB_BUNDLE_SHEET || record->size < 4 || mgk_xlsb_u32(record->data) != 0)
        return;
    char *id = text_in(record, "8is", 1), *name = text_in(record, "8is", 2);
    g_ptr_array_add(reading->sheets, id ? id : g_strdup(""));
    g_ptr_array_add(reading->sheets, name ? name : g_strdup(""));
}

static void read_styles(Reading *reading, const MgkXlsbRecord *record)
{
    enum { FORMAT = 44, STYLE = 47, BEGIN_CELLS = 617, END_CELLS = 618 };
    if (record->id == FORMAT && record->size >= 2)
        mgk_grid_format(reading->grid, mgk_xlsb_u16(record->data), text_in(record, "2s", 1));
    else if (record->id == BEGIN_CELLS || record->id == END_CELLS)
        reading->cell_styles = record->id == BEGIN_CELLS;
    else if (record->id == STYLE && reading->cell_styles && record->size >= 4)
        mgk_grid_style(reading->grid, mgk_xlsb_u16(record->data + 2));
}

static void read_strings(Reading *reading, const MgkXlsbRecord *record)
{
    if (record->id == 19)
        mgk_grid_string(reading->grid, rich_text(record, 0));
}

static void put_number(MgkGrid *grid, MgkGridCell cell, const guint8 *p)
{
    double number = 0;
    memcpy(&number, p, sizeof number);
    mgk_grid_number(grid, cell, number);
}

/* Cells and formulas have their values in the same place. */
static void read_cell(const Reading *reading, const MgkXlsbRecord *record)
{
    static const guint8 least[12] = {8, 8, 12, 9, 9, 16, 12, 12, 12, 16, 9, 9};
    const guint8 *p = record->data, *value = p + CELL_HEAD;
    if (record->id < 12 && record->size < least[record->id])
        return;
    MgkGridCell cell = {reading->row, mgk_xlsb_u32(p), mgk_xlsb_u32(p + 4) & 0xffffff};
    g_autofree char *text = NULL;
    switch (record->id) {
    case 2:
        mgk_grid_number(reading->grid, cell, mgk_grid_rk(mgk_xlsb_u32(value)));
        break;
    case 3:
    case 11:
        mgk_grid_error(reading->grid, cell, value[0]);
        break;
    case 4:
    case 10:
        mgk_grid_truth(reading->grid, cell, value[0]);
        break;
    case 5:
    case 9:
        put_number(reading->grid, cell, value);
        break;
    case 6:
    case 8:
        text = text_in(record, record->id == 6 ? "8s" : "8s2F", 1);
        mgk_grid_text(reading->grid, cell, text);
        break;
    case 7:
        mgk_grid_shared(reading->grid, cell, mgk_xlsb_u32(value));
        break;
    default:
        break;
    }
}

static void read_sheet(Reading *reading, const MgkXlsbRecord *record)
{
    const guint8 *p = record->data;
    if (record->id == MGK_XLSB_ROW && record->size >= 13) {
        reading->row = mgk_xlsb_u32(p);
        if (p[11] & ROW_HIDDEN)
            mgk_grid_hide_row(reading->grid, reading->row);
    } else if (record->id == 60 && record->size >= 18 && (p[16] & COLUMN_HIDDEN)) {
        mgk_grid_hide_columns(reading->grid, mgk_xlsb_u32(p), mgk_xlsb_u32(p + 4));
    } else if (record->id == 62 && record->size > CELL_HEAD) {
        g_autofree char *text = rich_text(record, CELL_HEAD);
        mgk_grid_text(reading->grid, (MgkGridCell){reading->row, mgk_xlsb_u32(p), mgk_xlsb_u32(p + 4) & 0xffffff},
                      text);
    } else if (record->id > 1 && record->id < 12) {
        read_cell(reading, record);
    }
}

static void read_comments(Reading *reading, const MgkXlsbRecord *record)
{
    if (record->id == 635 && record->size >= 20) {
        reading->row = mgk_xlsb_u32(record->data + 4);
        reading->column = mgk_xlsb_u32(record->data + 12);
    } else if (record->id == 637) {
        g_autofree char *text = rich_text(record, 0);
        mgk_grid_remark(reading->grid, reading->row, reading->column, text ? text : "");
    }
}

static gboolean read_sheets(MgkZip *zip, const char *main, Reading *reading, GError **error)
{
    g_autoptr(GHashTable) members = mgk_xml_events_relationships(zip, main, FALSE, error);
    for (guint i = 0; members && i + 1 < reading->sheets->len; i += 2) {
        const char *member = g_hash_table_lookup(members, g_ptr_array_index(reading->sheets, i));
        if (!member)
            continue;
        mgk_grid_sheet(reading->grid, g_ptr_array_index(reading->sheets, i + 1));
        g_autoptr(GHashTable) by_type = mgk_xml_events_relationships(zip, member, TRUE, error);
        const char *comments = by_type ? g_hash_table_lookup(by_type, "comments") : NULL;
        if (!by_type || !read_part(zip, member, read_sheet, reading, error) ||
            (comments && !read_part(zip, comments, read_comments, reading, error)))
            return FALSE;
    }
    return members != NULL;
}

static gboolean read_all(MgkZip *zip, const char *main, Reading *reading, GError **error)
{
    g_autoptr(GHashTable) by_type = mgk_xml_events_relationships(zip, main, TRUE, error);
    const char *strings = by_type ? g_hash_table_lookup(by_type, "sharedStrings") : NULL;
    const char *styles = by_type ? g_hash_table_lookup(by_type, "styles") : NULL;
    return by_type && read_part(zip, main, read_book, reading, error) &&
           (!strings || read_part(zip, strings, read_strings, reading, error)) &&
           (!styles || read_part(zip, styles, read_styles, reading, error)) && read_sheets(zip, main, reading, error);
}

gboolean mgk_xlsb_sheet_text(MgkJob *job, GError **error)
{
    g_autoptr(MgkZip) zip = mgk_zip_open(job->data, job->size, &job->policy->limits, error);
    g_autoptr(GHashTable) package = zip ? mgk_xml_events_relationships(zip, "", TRUE, error) : NULL;
    const char *main = package ? g_hash_table_lookup(package, "officeDocument") : NULL;
    if (!main)
        return package ? mgk_job_hold(job, MGK_REASON_NO_TEXT, "no main part") : FALSE;
    g_autoptr(MgkGrid) grid = mgk_grid_new(job);
    g_autoptr(GPtrArray) sheets = g_ptr_array_new_with_free_func(g_free);
    Reading reading = {.grid = grid, .sheets = sheets};
    return read_all(zip, main, &reading, error) && mgk_grid_finish(grid, error);
}
