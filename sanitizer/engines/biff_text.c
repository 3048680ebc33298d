#include "engines/biff_text.h"

#include <string.h>

#include "engines/biff_internal.h"
#include "engines/cfb_read.h"
#include "engines/grid_text.h"

enum {
    END = 0x0a,
    CONTINUE = 0x3c,
    DATES = 0x22,
    SHEET = 0x85,
    XF = 0xe0,
    SST = 0xfc,
    FORMAT = 0x41e,
    FORMULA = 0x06,
    COLUMNS = 0x7d,
    MANY_RK = 0xbd,
    RICH = 0xd6,
    SHARED = 0xfd,
    NUMBER = 0x203,
    LABEL = 0x204,
    TRUTH = 0x205,
    STRING = 0x207,
    ROW = 0x208,
    RK = 0x27e,
    WIDE = 1, /* flags of a text */
    READINGS = 4,
    FONTS = 8,
};

typedef struct Stream {
    const guint8 *data; /* borrowed */
    gsize size;
} Stream;

typedef struct Record {
    guint id, size;
    const guint8 *p;
    gsize at; /* behind it */
} Record;

/* The letters of a text that runs over records: at each of them stands anew whether they are wide. */
typedef struct Letters {
    const Stream *stream;
    Record record;
    guint at; /* in the record */
} Letters;

static gboolean read_record(const Stream *stream, gsize at, Record *ret_record)
{
    if (at > stream->size || stream->size - at < 4)
        return FALSE;
    const guint8 *p = stream->data + at;
    *ret_record = (Record){.id = mgk_biff_u16(p), .size = mgk_biff_u16(p + 2), .p = p + 4};
    if (ret_record->size > stream->size - at - 4)
        return FALSE;
    ret_record->at = at + 4 + ret_record->size;
    return TRUE;
}

static gboolean next_piece(Letters *letters)
{
    Record next;
    if (!read_record(letters->stream, letters->record.at, &next) || next.id != CONTINUE)
        return FALSE;
    letters->record = next;
    letters->at = 0;
    return TRUE;
}

/* The next bytes, as far as one record has them; an empty record is left for the next. */
static gboolean take(Letters *letters, guint n, const guint8 **ret_bytes)
{
    if (letters->at == letters->record.size && !next_piece(letters))
        return FALSE;
    if (n > letters->record.size - letters->at)
        return FALSE;
    *ret_bytes = letters->record.p + letters->at;
    letters->at += n;
    return TRUE;
}

/* Fonts and readings, which may run over records, too. */
static gboolean skip(Letters *letters, guint64 n)
{
    while (n > 0) {
        if (letters->at == letters->record.size && !next_piece(letters))
            return FALSE;
        guint step = (guint)MIN(n, letters->record.size - letters->at);
        if (step == 0)
            return FALSE;
        letters->at += step;
        n -= step;
    }
    return TRUE;
}

static char *take_letters(Letters *letters, guint n, gboolean wide)
{
    g_autofree gunichar2 *units = g_new(gunichar2, n + 1);
    const guint8 *p = NULL;
    for (guint i = 0; i < n; i++) {
        if (letters->at == letters->record.size) {
            if (!next_piece(letters) || !take(letters, 1, &p))
                return NULL;
            wide = p[0] & WIDE;
        }
        if (!take(letters, wide ? 2 : 1, &p))
            return NULL;
        units[i] = (gunichar2)(wide ? mgk_biff_u16(p) : p[0]);
    }
    char *text = g_utf16_to_utf8(units, n, NULL, NULL, NULL);
    return text ? text : g_strdup("");
}

/* XLUnicodeRichExtendedString ([MS-XLS] 2.5.293) behind its count. NULL when it is cut off. */
static char *take_text(Letters *letters, guint count)
{
    const guint8 *p = NULL;
    if (!take(letters, 1, &p))
        return NULL;
    guint8 flags = p[0];
    guint fonts = 0;
    guint32 readings = 0;
    if ((flags & FONTS) && take(letters, 2, &p))
        fonts = mgk_biff_u16(p);
    if ((flags & READINGS) && take(letters, 4, &p))
        readings = mgk_biff_u32(p);
    g_autofree char *text = take_letters(letters, count, flags & WIDE);
    return text && skip(letters, (guint64)fonts * 4 + readings) ? g_steal_pointer(&text) : NULL;
}

/* A text behind a count of one or two bytes at a place of a record; owned by the caller. */
static char *text_at(const Stream *stream, const Record *record, guint at, guint counter)
{
    if (record->size < at + counter)
        return NULL;
    Letters letters = {.stream = stream, .record = *record, .at = at + counter};
    return take_text(&letters, counter == 2 ? mgk_biff_u16(record->p + at) : record->p[at]);
}

static void read_strings(MgkGrid *grid, const Stream *stream, const Record *record)
{
    guint32 untrusted_n = record->size >= 8 ? mgk_biff_u32(record->p + 4) : 0;
    Letters letters = {.stream = stream, .record = *record, .at = 8};
    for (guint32 i = 0; i < untrusted_n; i++) {
        const guint8 *p = NULL;
        char *text = take(&letters, 2, &p) ? take_text(&letters, mgk_biff_u16(p)) : NULL;
        if (!text)
            return;
        mgk_grid_string(grid, text);
    }
}

static void read_global(MgkGrid *grid, const Stream *stream, const Record *record)
{
    if (record->id == DATES && record->size >= 2 && record->p[0] == 1)
        mgk_grid_dates_from_1904(grid);
    else if (record->id == FORMAT && record->size >= 2)
        mgk_grid_format(grid, mgk_biff_u16(record->p), text_at(stream, record, 2, 2));
    else if (record->id == XF && record->size >= 4)
        mgk_grid_style(grid, mgk_biff_u16(record->p + 2));
    else if (record->id == SST)
        read_strings(grid, stream, record);
}

/* ---- cells ---- */

static void put_double(MgkGrid *grid, MgkGridCell cell, const guint8 *p)
{
    double number = 0;
    memcpy(&number, p, sizeof number);
    mgk_grid_number(grid, cell, number);
}

static void put_truth(MgkGrid *grid, MgkGridCell cell, guint8 value, gboolean error)
{
    if (error)
        mgk_grid_error(grid, cell, value);
    else
        mgk_grid_truth(grid, cell, value);
}

static void put_label(MgkGrid *grid, const Stream *stream, const Record *record, MgkGridCell cell)
{
    g_autofree char *text = text_at(stream, record, 6, 2);
    mgk_grid_text(grid, cell, text);
}

/* What a formula shows ([MS-XLS] 2.5.133); a text stands in the String behind it. */
static void put_formula(MgkGrid *grid, const Stream *stream, const Record *record, MgkGridCell cell)
{
    const guint8 *value = record->p + 6;
    if (record->size < 14)
        return;
    if (mgk_biff_u16(value + 6) != 0xffff) {
        put_double(grid, cell, value);
    } else if (value[0] == 1 || value[0] == 2) {
        put_truth(grid, cell, value[2], value[0] == 2);
    } else if (value[0] == 0) {
        Record string = *record;
        for (guint i = 0; i < 3 && read_record(stream, string.at, &string) && string.id != STRING; i++)
            continue;
        g_autofree char *text = string.id == STRING ? text_at(stream, &string, 0, 2) : NULL;
        mgk_grid_text(grid, cell, text);
    }
}

static void put_many(MgkGrid *grid, const Record *record, MgkGridCell cell)
{
    for (guint at = 4; at + 8 <= record->size; at += 6, cell.column++) {
        cell.style = mgk_biff_u16(record->p + at);
        mgk_grid_number(grid, cell, mgk_grid_rk(mgk_biff_u32(record->p + at + 2)));
    }
}

static void read_cell(MgkGrid *grid, const Stream *stream, const Record *record)
{
    const guint8 *p = record->p;
    MgkGridCell cell = {mgk_biff_u16(p), mgk_biff_u16(p + 2), mgk_biff_u16(p + 4)};
    switch (record->id) {
    case FORMULA:
        put_formula(grid, stream, record, cell);
        break;
    case MANY_RK:
        put_many(grid, record, cell);
        break;
    case RICH:
    case LABEL:
        put_label(grid, stream, record, cell);
        break;
    case SHARED:
        if (record->size >= 10)
            mgk_grid_shared(grid, cell, mgk_biff_u32(p + 6));
        break;
    case NUMBER:
        if (record->size >= 14)
            put_double(grid, cell, p + 6);
        break;
    case TRUTH:
        if (record->size >= 8)
            put_truth(grid, cell, p[6], p[7]);
        break;
    case RK:
        if (record->size >= 10)
            mgk_grid_number(grid, cell, mgk_grid_rk(mgk_biff_u32(p + 6)));
        break;
    default:
        break;
    }
}

/* Rows and columns say before the first cell, or among the cells, whether they are seen. */
static void read_sheet(MgkGrid *grid, const Stream *stream, gsize from)
{
    Record record;
    for (gsize at = from; read_record(stream, at, &record) && record.id != END; at = record.at) {
        if (record.id == ROW && record.size >= 16 && (record.p[12] & 0x20))
            mgk_grid_hide_row(grid, mgk_biff_u16(record.p));
        else if (record.id == COLUMNS && record.size >= 10 && (record.p[8] & 1))
            mgk_grid_hide_columns(grid, mgk_biff_u16(record.p), mgk_biff_u16(record.p + 2));
    }
    for (gsize at = from; read_record(stream, at, &record) && record.id != END; at = record.at) {
        if (record.size >= 6)
            read_cell(grid, stream, &record);
    }
}

/* Sheets that are seen come in the order of their rows, wherever they stand. */
static void read_book(MgkGrid *grid, const Stream *stream)
{
    Record record;
    for (gsize at = 0; read_record(stream, at, &record) && record.id != END; at = record.at)
        read_global(grid, stream, &record);
    for (gsize at = 0; read_record(stream, at, &record) && record.id != END; at = record.at) {
        if (record.id != SHEET || record.size < 8 || record.p[4] != 0)
            continue;
        g_autofree char *name = text_at(stream, &record, 6, 1);
        mgk_grid_sheet(grid, name ? name : "");
        read_sheet(grid, stream, mgk_biff_u32(record.p));
    }
}

gboolean mgk_biff_text(MgkJob *job, GError **error)
{
    g_autoptr(MgkCfb) cfb = mgk_cfb_open(job->data, job->size, error);
    gint index = cfb ? mgk_cfb_find(cfb, "Workbook") : -1;
    if (index < 0)
        return cfb ? mgk_job_hold(job, MGK_REASON_NO_TEXT, "no workbook") : FALSE;
    Stream stream = {0};
    g_autofree guint8 *data = mgk_cfb_read(cfb, (guint)index, &stream.size);
    stream.data = data;
    g_autoptr(MgkGrid) grid = mgk_grid_new(job);
    if (data)
        read_book(grid, &stream);
    return mgk_grid_finish(grid, error);
}
