/* doc_story.c - the text of a document: paragraphs, tables in tables, runs, fields, references. */
#include "engines/doc_table.h"
#include "engines/doc_write.h"

#include <string.h>

enum { FIELD_BEGIN = 0x13, FIELD_SEPARATOR = 0x14, FIELD_END = 0x15, MAX_TABLE_DEPTH = 12, MAX_REPEATED = 4096 };

typedef struct Paragraph {
    guint32 start, end; /* the mark at end - 1 */
    guint depth;
    gboolean ends_cell, ends_row;
} Paragraph;

typedef struct Story {
    MgkDocWriter *writer;
    MgkDocPart *part;
    GArray *paragraphs; /* owned; of Paragraph */
    const char *mark;
    GString *run;  /* owned; properties of the open run, "" when none is open */
    char revision; /* 'd', 'i' or 0: what the open run is wrapped in */
    char text;     /* 't', 'i' or 0: the open text element */
    guint64 codes; /* one bit a level: still in the instruction */
    guint levels;
} Story;

/* ---- survey ---- */

static void survey_fields(MgkDocWriter *writer, guint32 start, guint32 end)
{
    const gunichar2 *text = writer->file->text;
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32) * 2);
    for (guint32 at = start; at < end; at++) {
        guint32 pair[2] = {at, 0};
        if (text[at] == FIELD_BEGIN) {
            g_array_append_vals(open, pair, 1);
        } else if (text[at] == FIELD_SEPARATOR && open->len) {
            guint32 *last = (guint32 *)(void *)open->data + 2 * (gsize)(open->len - 1);
            last[1] = last[1] ? last[1] : at;
        } else if (text[at] == FIELD_END && open->len) {
            const guint32 *last = (const guint32 *)(const void *)open->data + 2 * (gsize)(open->len - 1);
            g_hash_table_add(writer->fields, GUINT_TO_POINTER(last[0]));
            if (last[1])
                g_hash_table_add(writer->fields, GUINT_TO_POINTER(last[1]));
            g_hash_table_add(writer->fields, GUINT_TO_POINTER(at));
            g_array_set_size(open, open->len - 1);
        }
    }
}

static void survey_notes(MgkDocWriter *writer, guint which, gsize element, const char *reference, guint first)
{
    MgkDocBytes plc = mgk_doc_structure(writer->file, which);
    guint n = mgk_doc_plc_count(plc, element);
    for (guint i = 0; i < n; i++) {
        MgkDocNote *note = g_new(MgkDocNote, 1);
        *note = (MgkDocNote){reference, first + i};
        g_hash_table_insert(writer->notes, GUINT_TO_POINTER(mgk_doc_u32(plc, 4 * (gsize)i)), note);
    }
}

static void add_bookmark(MgkDocWriter *writer, guint32 position, const char *markup)
{
    GString *known = g_hash_table_lookup(writer->bookmarks, GUINT_TO_POINTER(position));
    if (!known) {
        known = g_string_new(NULL);
        g_hash_table_insert(writer->bookmarks, GUINT_TO_POINTER(position), known);
    }
    g_string_append(known, markup);
}

/* SttbfBkmk, PlcfBkf, PlcfBkl (2.9.287, 2.8.10, 2.8.12). */
static void survey_bookmarks(MgkDocWriter *writer)
{
    MgkDocBytes names = mgk_doc_structure(writer->file, 21), starts = mgk_doc_structure(writer->file, 22),
                ends = mgk_doc_structure(writer->file, 23);
    guint n = MIN(mgk_doc_plc_count(starts, 4), mgk_doc_u16(names, 2));
    gsize at = 6, entries = 4 * ((gsize)mgk_doc_plc_count(starts, 4) + 1);
    for (guint i = 0; i < n && mgk_doc_u16(names, 0) == 0xffff; i++) {
        gsize length = mgk_doc_u16(names, at);
        g_autoptr(GString) start = g_string_new(NULL);
        g_string_append_printf(start, "<w:bookmarkStart w:id=\"%u\" w:name=\"", i);
        for (gsize k = 0; k < MIN(length, 40); k++)
            mgk_doc_put_char(start, mgk_doc_u16(names, at + 2 + 2 * k));
        g_string_append(start, "\"/>");
        g_autofree char *end = g_strdup_printf("<w:bookmarkEnd w:id=\"%u\"/>", i);
        guint32 from = mgk_doc_u32(starts, 4 * (gsize)i);
        guint32 to = mgk_doc_u32(ends, 4 * (gsize)mgk_doc_u16(starts, entries + 4 * (gsize)i));
        if (length && from <= to && to < writer->file->story[1]) {
            add_bookmark(writer, from, start->str);
            add_bookmark(writer, to, end);
        }
        at += 2 + 2 * length;
    }
}

void mgk_doc_survey(MgkDocWriter *writer)
{
    for (guint i = 0; i < MGK_DOC_N_STORIES; i++)
        survey_fields(writer, writer->file->story[i], writer->file->story[i + 1]);
    survey_notes(writer, MGK_DOC_FOOTNOTE_REFS, 2, "footnoteReference", 2);
    survey_notes(writer, MGK_DOC_ENDNOTE_REFS, 2, "endnoteReference", 2);
    survey_notes(writer, MGK_DOC_COMMENT_REFS, 30, "commentReference", 0);
    survey_bookmarks(writer);
}

/* ---- runs ---- */

static void close_text(Story *story)
{
    static const char *const names[2][2] = {{"</w:t>", "</w:instrText>"}, {"</w:delText>", "</w:delInstrText>"}};
    if (story->text)
        g_string_append(story->part->xml, names[story->revision == 'd'][story->text == 'i']);
    story->text = 0;
}

static void close_run(Story *story)
{
    close_text(story);
    if (story->run->len)
        g_string_append(story->part->xml, "</w:r>");
    if (story->run->len && story->revision)
        g_string_append(story->part->xml, story->revision == 'd' ? "</w:del>" : "</w:ins>");
    g_string_truncate(story->run, 0);
    story->revision = 0;
}

static void open_run(Story *story, const MgkDocProps *props)
{
    char revision = props->v[MGK_DOC_DELETED] ? 'd' : props->v[MGK_DOC_INSERTED] ? 'i' : 0;
    g_autoptr(GString) wanted = g_string_new(NULL);
    mgk_doc_put_run_props(wanted, props, story->writer->fonts);
    if (story->run->len && story->revision == revision && g_string_equal(wanted, story->run))
        return;
    close_run(story);
    story->revision = revision;
    if (revision)
        g_string_append_printf(story->part->xml, "<w:%s w:id=\"%u\" w:author=\"\">", revision == 'd' ? "del" : "ins",
                               100000 + story->writer->next_id++);
    g_string_append(story->part->xml, "<w:r>");
    g_string_append(story->part->xml, wanted->str);
    g_string_assign(story->run, wanted->str);
}

static gboolean in_code(const Story *story)
{
    return story->codes != 0;
}

static void put_character(Story *story, gunichar c)
{
    static const char *const names[2][2] = {
        {"<w:t xml:space=\"preserve\">", "<w:instrText xml:space=\"preserve\">"},
        {"<w:delText xml:space=\"preserve\">", "<w:delInstrText xml:space=\"preserve\">"}};
    char wanted = in_code(story) ? 'i' : 't';
    if (story->text != wanted) {
        close_text(story);
        g_string_append(story->part->xml, names[story->revision == 'd'][wanted == 'i']);
        story->text = wanted;
    }
    mgk_doc_put_char(story->part->xml, c);
}

static void put_element(Story *story, const char *element)
{
    if (in_code(story)) {
        put_character(story, ' ');
        return;
    }
    close_text(story);
    g_string_append(story->part->xml, element);
}

static void put_field_mark(Story *story, guint32 at, gunichar2 c)
{
    if (!g_hash_table_contains(story->writer->fields, GUINT_TO_POINTER(at)))
        return;
    close_text(story);
    if (c == FIELD_BEGIN && story->levels < 63)
        story->codes |= (guint64)1 << story->levels;
    guint level = story->levels ? story->levels - 1 : 0;
    if (c != FIELD_BEGIN && level < 63)
        story->codes &= ~((guint64)1 << level);
    story->levels = c == FIELD_BEGIN ? story->levels + 1 : c == FIELD_END ? level : story->levels;
    const char *type = c == FIELD_BEGIN ? "begin" : c == FIELD_END ? "end" : "separate";
    g_string_append_printf(story->part->xml, "<w:fldChar w:fldCharType=\"%s\"/>", type);
}

/* A reference to a note or comment; a note whose mark the author chose is followed by that mark. */
static gboolean put_reference(Story *story, guint32 at, gunichar2 c)
{
    const MgkDocNote *note =
        story->part->story == MGK_DOC_MAIN ? g_hash_table_lookup(story->writer->notes, GUINT_TO_POINTER(at)) : NULL;
    if (!note)
        return FALSE;
    close_text(story);
    g_string_append_printf(story->part->xml, "<w:%s%s w:id=\"%u\"/>", note->reference,
                           c == 2 || c == 5 ? "" : " w:customMarkFollows=\"1\"", note->id);
    return c == 2 || c == 5;
}

static void put_symbol(Story *story, const MgkDocProps *props)
{
    guint font = (guint)props->v[MGK_DOC_SYMBOL_FONT];
    close_text(story);
    g_string_append(story->part->xml, "<w:sym w:font=\"");
    if (font < story->writer->fonts->len)
        mgk_doc_put_text(story->part->xml, g_ptr_array_index(story->writer->fonts, font));
    g_string_append_printf(story->part->xml, "\" w:char=\"%04X\"/>", (guint)props->v[MGK_DOC_SYMBOL] & 0xffff);
}

/* FFData (2.9.78) of a check box: iRes, or the state it starts with. */
static gboolean is_checked(const Story *story, guint32 offset)
{
    MgkDocBytes data = story->writer->file->data;
    gsize at = (gsize)offset + mgk_doc_u16(data, (gsize)offset + 4);
    guint state = mgk_doc_u16(data, at + 4) >> 2 & 31u;
    gsize name = mgk_doc_u16(data, at + 10);
    return (state == 25 ? mgk_doc_u16(data, at + 10 + 2 * (name + 2)) : state) != 0;
}

static void put_object_mark(Story *story, const MgkDocProps *props)
{
    gint32 offset = props->v[MGK_DOC_PICTURE];
    if (offset < 0 || props->v[MGK_DOC_OLE])
        return;
    if (props->v[MGK_DOC_DATA])
        return;
    if (in_code(story))
        return;
    close_text(story);
    mgk_doc_put_picture(story->writer, story->part, (guint32)offset);
}

static void put_special(Story *story, guint32 at, gunichar2 c, const MgkDocProps *props)
{
    switch (c) {
    case 0x01:
        put_object_mark(story, props);
        break;
    case 0x02:
        if (story->mark)
            put_element(story, story->mark);
        break;
    case 0x08:
        if (!in_code(story)) {
            close_text(story);
            mgk_doc_put_shape(story->writer, story->part, at);
        }
        break;
    case 0x09:
        put_element(story, "<w:tab/>");
        break;
    case 0x0b:
        put_element(story, "<w:br/>");
        break;
    case 0x0c:
        put_element(story, "<w:br w:type=\"page\"/>");
        break;
    case 0x0e:
        put_element(story, "<w:br w:type=\"column\"/>");
        break;
    case FIELD_BEGIN:
    case FIELD_SEPARATOR:
    case FIELD_END:
        put_field_mark(story, at, c);
        break;
    case 0x1e:
        put_element(story, "<w:noBreakHyphen/>");
        break;
    case 0x1f:
        put_element(story, "<w:softHyphen/>");
        break;
    default:
        break;
    }
}

/* Whether the field that begins at `at` starts with this word; *ret_from is the word's place. */
static gboolean field_says(const Story *story, guint32 at, guint32 end, const char *word, guint32 *ret_from)
{
    const gunichar2 *text = story->writer->file->text;
    guint32 from = at + 1;
    while (from < end && text[from] == ' ')
        from++;
    for (guint32 i = 0; word[i]; i++) {
        if (from + i >= end || text[from + i] != (gunichar2)word[i])
            return FALSE;
    }
    *ret_from = from;
    return TRUE;
}

/* A check box has no result: it becomes the character that it shows. Returns the position after its field, or at. */
static guint32 put_check_box(Story *story, const MgkDocProps *paragraph, guint32 at, guint32 end)
{
    const gunichar2 *text = story->writer->file->text;
    guint32 from = at, last = at;
    if (field_says(story, at, end, "FORMDROPDOWN", &from)) /* nor has a list, and its choice is not read */
        mgk_job_find(story->writer->job, MGK_KIND_UNKNOWN_PART, "drop-down list", NULL);
    if (!field_says(story, at, end, "FORMCHECKBOX", &from))
        return at;
    gboolean checked = FALSE;
    for (last = from; last < end && text[last] != FIELD_END; last++) {
        MgkDocProps props;
        guint32 ignored = 0;
        if (text[last] != 1)
            continue;
        mgk_doc_run_props(story->writer->styles, paragraph, last, &props, &ignored);
        checked = props.v[MGK_DOC_PICTURE] >= 0 && is_checked(story, (guint32)props.v[MGK_DOC_PICTURE]);
    }
    if (last == end)
        return at;
    put_character(story, checked ? 0x2612 : 0x2610);
    return last + 1;
}

static gunichar character_at(const MgkDocFile *file, guint32 *at, guint32 end)
{
    gunichar2 c = file->text[*at], low = *at + 1 < end ? file->text[*at + 1] : 0;
    if (c < 0xd800 || c > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return c;
    ++*at;
    return 0x10000u + ((gunichar)(c - 0xd800) << 10) + (low - 0xdc00u);
}

static void put_bookmarks(Story *story, guint32 at)
{
    const GString *markup =
        story->part->story == MGK_DOC_MAIN ? g_hash_table_lookup(story->writer->bookmarks, GUINT_TO_POINTER(at)) : NULL;
    if (!markup)
        return;
    close_run(story);
    g_string_append(story->part->xml, markup->str);
}

static void put_run(Story *story, const MgkDocProps *paragraph, const MgkDocProps *props, guint32 start, guint32 end)
{
    const MgkDocFile *file = story->writer->file;
    for (guint32 at = start; at < end; at++) {
        put_bookmarks(story, at);
        open_run(story, props);
        gunichar2 c = file->text[at];
        if (c == FIELD_BEGIN && g_hash_table_contains(story->writer->fields, GUINT_TO_POINTER(at))) {
            guint32 after = put_check_box(story, paragraph, at, file->length);
            at = after > at ? after - 1 : at;
            if (after > at)
                continue;
        }
        if (put_reference(story, at, c))
            continue;
        if (c == 0x28 && props->v[MGK_DOC_SYMBOL])
            put_symbol(story, props);
        else if (c < 0x20)
            put_special(story, at, c, props);
        else
            put_character(story, character_at(file, &at, end));
    }
}

/* ---- paragraphs ---- */

static void put_paragraph(Story *story, const Paragraph *paragraph)
{
    MgkDocWriter *writer = story->writer;
    GString *xml = story->part->xml;
    MgkDocProps props, run;
    guint32 mark = paragraph->end - 1, end = 0;
    mgk_doc_paragraph_props(writer->styles, mark, &props);
    g_string_append(xml, "<w:p>");
    mgk_doc_put_paragraph_props(xml, &props);
    mgk_doc_run_props(writer->styles, &props, mark, &run, &end);
    mgk_doc_put_run_props(xml, &run, writer->fonts);
    const char *section = story->part->story == MGK_DOC_MAIN ? mgk_doc_section_at(writer, paragraph->end) : NULL;
    g_string_append(xml, section ? section : "");
    g_string_append(xml, "</w:pPr>");
    gunichar2 last = writer->file->text[mark];
    guint32 stop = last == 0x0d || last == 7 || section ? mark : paragraph->end;
    for (guint32 at = paragraph->start; at < stop && mgk_doc_goes_on(writer); at = end) {
        mgk_doc_run_props(writer->styles, &props, at, &run, &end);
        end = MIN(end, stop);
        put_run(story, &props, &run, at, end);
    }
    put_bookmarks(story, mark);
    close_run(story);
    g_string_append(xml, "</w:p>");
}

static gboolean ends_paragraph(const Story *story, guint32 at)
{
    gunichar2 c = story->writer->file->text[at];
    if (c != 0x0c || story->part->story != MGK_DOC_MAIN)
        return c == 0x0d || c == 7;
    return mgk_doc_section_at(story->writer, at + 1) != NULL;
}

static void judge_paragraph(const Story *story, Paragraph *paragraph)
{
    MgkDocProps props;
    mgk_doc_paragraph_props(story->writer->styles, paragraph->end - 1, &props);
    gint32 depth = props.v[MGK_DOC_TABLE_DEPTH];
    paragraph->depth = props.v[MGK_DOC_IN_TABLE] ? (guint)CLAMP(depth, 1, MAX_TABLE_DEPTH) : 0;
    gunichar2 mark = story->writer->file->text[paragraph->end - 1];
    if (paragraph->depth == 1) {
        paragraph->ends_row = props.v[MGK_DOC_ROW_END] != 0;
        paragraph->ends_cell = mark == 7 && !paragraph->ends_row;
    } else if (paragraph->depth > 1) {
        paragraph->ends_row = props.v[MGK_DOC_INNER_ROW_END] != 0;
        paragraph->ends_cell = props.v[MGK_DOC_INNER_CELL] && !paragraph->ends_row;
    }
}

static void split(Story *story, guint32 start, guint32 end)
{
    for (guint32 at = start; at < end && mgk_doc_goes_on(story->writer); at++) {
        if (!ends_paragraph(story, at) && at + 1 < end)
            continue;
        Paragraph paragraph = {.start = start, .end = at + 1};
        judge_paragraph(story, &paragraph);
        g_array_append_val(story->paragraphs, paragraph);
        start = at + 1;
    }
}

/* ---- tables ---- */

static void put_blocks(Story *story, guint first, guint end, guint depth);

static const Paragraph *paragraph_at(const Story *story, guint index)
{
    return &g_array_index(story->paragraphs, Paragraph, index);
}

static gint by_edge(gconstpointer a, gconstpointer b)
{
    return *(const gint16 *)a - *(const gint16 *)b;
}

/* All edges of all rows: the grid that cells of different rows share. */
static GArray *grid_of(const GPtrArray *rows)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(gint16));
    for (guint i = 0; i < rows->len; i++) {
        const MgkDocRow *row = g_ptr_array_index(rows, i);
        if (row->n)
            g_array_append_vals(edges, row->edges, row->n + 1);
    }
    g_array_sort(edges, by_edge);
    guint kept = 0;
    gint16 *edge = (gint16 *)(void *)edges->data;
    for (guint i = 0; i < edges->len; i++) {
        if (kept == 0 || edge[i] != edge[kept - 1])
            edge[kept++] = edge[i];
    }
    g_array_set_size(edges, kept);
    return edges;
}

static guint column_of(const GArray *edges, gint16 edge)
{
    guint i = 0;
    while (i + 1 < edges->len && g_array_index(edges, gint16, i) < edge)
        i++;
    return i;
}

/* The paragraph that ends the n-th cell from `at` on. */
static guint cells_end(const Story *story, guint at, guint end, guint n, guint depth)
{
    for (; at + 1 < end; at++) {
        const Paragraph *paragraph = paragraph_at(story, at);
        if (paragraph->ends_cell && paragraph->depth == depth && --n == 0)
            break;
    }
    return at;
}

static void put_cells(Story *story, const MgkDocRow *row, const GArray *edges, guint first, guint end, guint depth)
{
    for (guint cell = 0; cell < row->n && first < end;) {
        guint last = mgk_doc_row_merged(row, cell);
        guint stop = last + 1 == row->n ? end : cells_end(story, first, end, last - cell + 1, depth) + 1;
        guint span = column_of(edges, row->edges[last + 1]) - column_of(edges, row->edges[cell]);
        mgk_doc_put_cell_start(story->part->xml, row, cell, last, span);
        put_blocks(story, first, stop, depth);
        g_string_append(story->part->xml, "</w:tc>");
        first = stop;
        cell = last + 1;
    }
}

static gboolean row_is_sound(const Story *story, const MgkDocRow *row, guint first, guint end, guint depth)
{
    guint cells = 0;
    for (guint i = first; i < end; i++)
        cells += paragraph_at(story, i)->ends_cell && paragraph_at(story, i)->depth == depth;
    return row->n > 0 && cells == row->n && row->edges[row->n] > row->edges[0];
}

typedef struct Rows {
    GPtrArray *rows; /* owned; of MgkDocRow */
    GArray *ends;    /* owned; of guint: the paragraph that ends each row */
} Rows;

static Rows read_rows(const Story *story, guint first, guint end, guint depth)
{
    Rows rows = {g_ptr_array_new_with_free_func(g_free), g_array_new(FALSE, FALSE, sizeof(guint))};
    guint start = first;
    for (guint i = first; i < end; i++) {
        const Paragraph *paragraph = paragraph_at(story, i);
        if (!paragraph->ends_row || paragraph->depth != depth)
            continue;
        g_autofree MgkDocRow *row = g_new(MgkDocRow, 1);
        mgk_doc_row_read(row, story->writer->file, mgk_doc_paragraph_bytes(story->writer->styles, paragraph->end - 1));
        if (!row_is_sound(story, row, start, i, depth))
            row->n = 0;
        g_ptr_array_add(rows.rows, g_steal_pointer(&row));
        g_array_append_val(rows.ends, i);
        start = i + 1;
    }
    return rows;
}

static void put_row(Story *story, const MgkDocRow *row, const GArray *edges, guint first, guint end, guint depth)
{
    guint before = column_of(edges, row->edges[0]);
    guint after = edges->len - 1 - column_of(edges, row->edges[row->n]);
    mgk_doc_put_row_start(story->part->xml, row, before, after);
    put_cells(story, row, edges, first, end, depth);
    g_string_append(story->part->xml, "</w:tr>");
}

/* Rows whose end does not fit their cells become plain paragraphs: nothing is lost. */
static void put_table(Story *story, guint first, guint end, guint depth)
{
    Rows rows = read_rows(story, first, end, depth);
    g_autoptr(GArray) edges = grid_of(rows.rows);
    gboolean open = FALSE;
    guint start = first;
    for (guint i = 0; i < rows.rows->len; i++) {
        const MgkDocRow *row = g_ptr_array_index(rows.rows, i);
        guint row_end = g_array_index(rows.ends, guint, i);
        if (row->n && !open)
            mgk_doc_put_table_start(story->part->xml, row, edges);
        if (!row->n && open)
            g_string_append(story->part->xml, "</w:tbl>");
        open = row->n != 0;
        if (open)
            put_row(story, row, edges, start, row_end, depth);
        else
            put_blocks(story, start, row_end, depth);
        start = row_end + 1;
    }
    if (open)
        g_string_append(story->part->xml, "</w:tbl>");
    put_blocks(story, start, end, depth);
    g_array_unref(rows.ends);
    g_ptr_array_unref(rows.rows);
}

/* Paragraphs of this depth, and tables of what lies deeper. */
static void put_blocks(Story *story, guint first, guint end, guint depth)
{
    for (guint i = first; i < end; i++) {
        if (paragraph_at(story, i)->depth <= depth) {
            put_paragraph(story, paragraph_at(story, i));
            continue;
        }
        guint last = i;
        while (last + 1 < end && paragraph_at(story, last + 1)->depth > depth)
            last++;
        put_table(story, i, last + 1, depth + 1);
        i = last;
    }
}

void mgk_doc_put_story(MgkDocWriter *writer, MgkDocPart *part, guint32 start, guint32 end, const char *mark)
{
    /* Notes, headers and boxes may claim the same text again and again. */
    writer->written += end > start ? end - start : 0;
    if (writer->written > 2 * (guint64)writer->file->length + MAX_REPEATED) {
        writer->exceeded = TRUE;
        end = start;
    }
    Story story = {.writer = writer, .part = part, .mark = mark};
    story.run = g_string_new(NULL);
    story.paragraphs = g_array_new(FALSE, FALSE, sizeof(Paragraph));
    end = MIN(end, writer->file->length);
    if (start < end)
        split(&story, start, end);
    put_blocks(&story, 0, story.paragraphs->len, 0);
    if (story.paragraphs->len == 0)
        g_string_append(part->xml, "<w:p/>");
    g_array_unref(story.paragraphs);
    g_string_free(story.run, TRUE);
}
