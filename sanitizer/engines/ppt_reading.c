#include "engines/ppt_reading.h"

#include "engines/ppt_file.h"
#include "engines/recognise.h"
#include "engines/text_out.h"

#define MOST_DEPTH 40
#define LIST_SLIDES 0
#define LIST_NOTES 2
#define HIDDEN 4

enum {
    TYPE_SLIDE_ATOM = 1007,
    TYPE_PERSIST = 1011,
    TYPE_SHOW = 1017,
    TYPE_OUTLINE = 3998,
    TYPE_HEADER = 3999,
    TYPE_CHARS = 4000,
    TYPE_BYTES = 4008,
    TYPE_LIST = 4080,
    TYPE_TEXT_BOX = 0xf00d,
};

typedef struct Reading {
    const MgkPptFile *file; /* borrowed */
    MgkTextOut *out;        /* borrowed */
    const guint8 *texts; /* those of the present slide that its list holds: what stands up to the next slide's atom */
    gsize texts_size;
} Reading;

/* A text in 16 or in 8 bits a letter; paragraphs end with CR, lines with VT. */
static void put_text(Reading *reading, const MgkPptRecord *record)
{
    gboolean wide = record->type == TYPE_CHARS;
    gsize n = wide ? record->size / 2 : record->size;
    g_autofree gunichar2 *units = g_new(gunichar2, n + 1);
    for (gsize i = 0; i < n; i++) {
        gunichar2 unit = wide ? mgk_recognise_u16le(record->data + 2 * i) : record->data[i];
        units[i] = unit == '\r' || unit == 0 ? '\n' : unit;
    }
    g_autofree char *text = g_utf16_to_utf8(units, (glong)n, NULL, NULL, NULL);
    if (text)
        mgk_text_out_add(reading->out, text, -1);
    mgk_text_out_break(reading->out);
}

/* The text of this number (from 0) among those that the list holds for the slide. */
static void put_listed(Reading *reading, guint32 number)
{
    const guint8 *at = reading->texts;
    gsize left = reading->texts_size;
    MgkPptRecord record;
    guint32 headers = 0;
    while (mgk_ppt_next(&at, &left, &record) && record.type != TYPE_PERSIST && headers <= number + 1) {
        headers += record.type == TYPE_HEADER;
        if (headers == number + 1 && (record.type == TYPE_CHARS || record.type == TYPE_BYTES))
            put_text(reading, &record);
    }
}

static void put_box(Reading *reading, const MgkPptRecord *box)
{
    const guint8 *at = box->data;
    gsize left = box->size;
    MgkPptRecord record;
    while (mgk_ppt_next(&at, &left, &record)) {
        if (record.type == TYPE_CHARS || record.type == TYPE_BYTES)
            put_text(reading, &record);
        else if (record.type == TYPE_OUTLINE && record.size >= 4 && mgk_recognise_u32le(record.data) < G_MAXUINT16)
            put_listed(reading, mgk_recognise_u32le(record.data));
    }
}

static void put_boxes(Reading *reading, const MgkPptRecord *parent, guint depth)
{
    const guint8 *at = parent->data;
    gsize left = parent->size;
    MgkPptRecord record;
    while (mgk_ppt_next(&at, &left, &record)) {
        if (record.type == TYPE_TEXT_BOX)
            put_box(reading, &record);
        else if (record.version == 15 && depth < MOST_DEPTH)
            put_boxes(reading, &record, depth + 1);
    }
}

/* The list of slides or of notes in the document. */
static gboolean find_list(const MgkPptRecord *document, guint which, MgkPptRecord *ret_list)
{
    const guint8 *at = document->data;
    gsize left = document->size;
    while (mgk_ppt_next(&at, &left, ret_list)) {
        if (ret_list->type == TYPE_LIST && ret_list->instance == which)
            return TRUE;
    }
    return FALSE;
}

/* The notes of a slide, by the number that it has for them. */
static void put_notes(Reading *reading, const MgkPptRecord *document, guint32 wanted)
{
    MgkPptRecord list, atom, notes;
    if (wanted == 0 || !find_list(document, LIST_NOTES, &list))
        return;
    const guint8 *at = list.data;
    gsize left = list.size;
    while (mgk_ppt_next(&at, &left, &atom)) {
        if (atom.type != TYPE_PERSIST || atom.size < 16 || mgk_recognise_u32le(atom.data + 12) != wanted)
            continue;
        reading->texts_size = 0;
        mgk_text_out_gap(reading->out);
        if (mgk_ppt_object(reading->file, mgk_recognise_u32le(atom.data), &notes))
            put_boxes(reading, &notes, 0);
        return;
    }
}

static void put_slide(Reading *reading, const MgkPptRecord *document, const MgkPptRecord *slide, guint number)
{
    MgkPptRecord show, atom;
    if (mgk_ppt_child(slide, TYPE_SHOW, &show) && show.size >= 16 && (mgk_recognise_u16le(show.data + 10) & HIDDEN))
        return;
    g_autofree char *head = g_strdup_printf("【%u】", number);
    mgk_text_out_gap(reading->out);
    mgk_text_out_add(reading->out, head, -1);
    mgk_text_out_break(reading->out);
    put_boxes(reading, slide, 0);
    if (mgk_ppt_child(slide, TYPE_SLIDE_ATOM, &atom) && atom.size >= 20)
        put_notes(reading, document, mgk_recognise_u32le(atom.data + 16));
}

gboolean mgk_ppt_reading(MgkJob *job, GError **error)
{
    g_autoptr(MgkPptFile) file = mgk_ppt_file_open(job->data, job->size, NULL, error);
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    MgkPptRecord document, list, atom, slide;
    if (!file)
        return FALSE;
    if (!mgk_ppt_object(file, file->document, &document) || !find_list(&document, LIST_SLIDES, &list))
        return mgk_job_hold(job, MGK_REASON_NO_TEXT, "no slides");
    const guint8 *at = list.data;
    gsize left = list.size;
    guint number = 0;
    while (mgk_ppt_next(&at, &left, &atom)) {
        Reading reading = {.file = file, .out = out, .texts = at, .texts_size = left};
        if (atom.type != TYPE_PERSIST || atom.size < 16)
            continue;
        number++;
        if (mgk_ppt_object(file, mgk_recognise_u32le(atom.data), &slide))
            put_slide(&reading, &document, &slide, number);
    }
    return mgk_text_out_finish(out, error);
}
