#include "engines/ppt_internal.h"

#define MANY G_MAXUINT32
#define MOST_DEPTH 40 /* groups in groups, times in times */

typedef enum { KEEP, TREE, DROP, CALL } Action;

#define NO_KIND (-1)
enum {
#define MGK_KIND(id, name, level, def, allowed, label, text) KIND_##id = MGK_KIND_##id,
#include "model/kinds.def"
#undef MGK_KIND
    KIND_NONE = NO_KIND,
};

enum {
    TOP = MGK_PPT_IN_TOP,
    DOCUMENT = MGK_PPT_IN_DOCUMENT,
    SETTINGS = MGK_PPT_IN_SETTINGS,
    LIST = MGK_PPT_IN_LIST,
    SHEET = MGK_PPT_IN_SHEET,
    FOOTERS = MGK_PPT_IN_FOOTERS,
    SHOWS = MGK_PPT_IN_SHOWS,
    SHOW = MGK_PPT_IN_SHOW,
    FONTS = MGK_PPT_IN_FONTS,
    KINSOKU = MGK_PPT_IN_KINSOKU,
    GROUP = MGK_PPT_IN_GROUP,
    DRAWING = MGK_PPT_IN_DRAWING,
    SHAPE = MGK_PPT_IN_SHAPE,
    SOLVER = MGK_PPT_IN_SOLVER,
    CLIENT = MGK_PPT_IN_CLIENT,
    EFFECT = MGK_PPT_IN_EFFECT,
    TEXT = MGK_PPT_IN_TEXT,
    TEXTS = MGK_PPT_IN_TEXTS,
    TAGS = MGK_PPT_IN_TAGS,
    BLOB = MGK_PPT_IN_BLOB,
    OUTLINE = MGK_PPT_IN_OUTLINE,
    REMARK = MGK_PPT_IN_REMARK,
    REMARKS = MGK_PPT_IN_REMARKS,
    BUILDS = MGK_PPT_IN_BUILDS,
    TIME = MGK_PPT_IN_TIME,
    NOWHERE = MGK_PPT_IN_NOWHERE,
};

typedef struct Row {
    guint type;
    Action action;
    gint kind;
    guint32 least, most;
    guint where, inside;
} Row;

static const Row rows[] = {
#define MGK_PPT(type, action, kind, least, most, where, inside) {type, action, KIND_##kind, least, most, where, inside},
#include "rules/ppt.def"
#undef MGK_PPT
};

/* Who looks at a CALL row. */
static const struct {
    guint first, last;
    void (*call)(MgkPpt *ppt, const MgkPptRecord *record);
} calls[] = {
    {1001, 1025, mgk_ppt_sheet},     {1033, 1033, mgk_ppt_link},      {2040, 2040, mgk_ppt_store},
    {3999, 4020, mgk_ppt_text},      {4023, 4023, mgk_ppt_sheet},     {4063, 4063, mgk_ppt_link},
    {4080, 4081, mgk_ppt_sheet},     {4082, 4082, mgk_ppt_link},      {4117, 4117, mgk_ppt_sheet},
    {5002, 5002, mgk_ppt_sheet},     {12000, 12004, mgk_ppt_sheet},   {0xf001, 0xf001, mgk_ppt_store},
    {0xf004, 0xf00b, mgk_ppt_shape}, {0xf00d, 0xf00d, mgk_ppt_shape}, {0xf121, 0xf122, mgk_ppt_shape},
    {0xf142, 0xf145, mgk_ppt_sheet},
};

void mgk_ppt_find(MgkPpt *ppt, MgkKind kind, const char *detail)
{
    if (!ppt->found[kind])
        mgk_job_find(ppt->job, kind, ppt->label, detail);
    ppt->found[kind] = TRUE;
}

guint mgk_ppt_begin(MgkPpt *ppt, const MgkPptRecord *record, guint version)
{
    mgk_meta_put16(ppt->out, record->instance << 4 | version);
    mgk_meta_put16(ppt->out, record->type);
    mgk_meta_put32(ppt->out, 0);
    return ppt->out->len;
}

void mgk_ppt_end(MgkPpt *ppt, guint start)
{
    mgk_meta_set32(ppt->out, start - 4, ppt->out->len - start);
}

void mgk_ppt_put(MgkPpt *ppt, const MgkPptRecord *record, const guint8 *data, gsize size)
{
    guint start = mgk_ppt_begin(ppt, record, record->version == 15 ? 0 : record->version);
    g_byte_array_append(ppt->out, data, (guint)size);
    mgk_ppt_end(ppt, start);
}

void mgk_ppt_children(MgkPpt *ppt, const MgkPptRecord *record, MgkPptPlace place)
{
    const guint8 *at = record->data;
    gsize left = record->size;
    MgkPptRecord child;
    if (ppt->depth == MOST_DEPTH) {
        ppt->failed = "records in records too deeply";
        return;
    }
    ppt->depth++;
    while (mgk_ppt_next(&at, &left, &child))
        mgk_ppt_filter(ppt, &child, place);
    ppt->depth--;
    if (left)
        mgk_ppt_find(ppt, MGK_KIND_UNKNOWN_PART, "a record is cut off");
}

void mgk_ppt_tree(MgkPpt *ppt, const MgkPptRecord *record, guint version, MgkPptPlace inside)
{
    guint start = mgk_ppt_begin(ppt, record, version);
    mgk_ppt_children(ppt, record, inside);
    mgk_ppt_end(ppt, start);
}

static const Row *row_of(guint type, MgkPptPlace place)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].type == type && (rows[i].where & place))
            return &rows[i];
    }
    return NULL;
}

static void call(MgkPpt *ppt, const MgkPptRecord *record)
{
    for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
        if (record->type >= calls[i].first && record->type <= calls[i].last) {
            calls[i].call(ppt, record);
            return;
        }
    }
}

static gboolean fits(const Row *row, gsize size)
{
    return size >= row->least && size <= row->most &&
           (row->least == 0 || row->most == row->least || row->action != KEEP || size % row->least == 0);
}

static void tell_unknown(MgkPpt *ppt, const MgkPptRecord *record, const char *what)
{
    g_autofree char *detail =
        g_strdup_printf("%s, record %u of %" G_GSIZE_FORMAT " bytes", what, record->type, record->size);
    mgk_ppt_find(ppt, MGK_KIND_UNKNOWN_PART, detail);
}

void mgk_ppt_filter(MgkPpt *ppt, const MgkPptRecord *record, MgkPptPlace place)
{
    const Row *row = row_of(record->type, place);
    if (!row || !fits(row, record->size)) {
        if (!row || record->size > 0) /* an empty text is no loss */
            tell_unknown(ppt, record, row ? "size" : "no rule");
        return;
    }
    if (ppt->text_gone && place == MGK_PPT_IN_TEXTS && record->type != 1011)
        return;
    switch (row->action) {
    case KEEP:
        mgk_ppt_put(ppt, record, record->data, record->size);
        break;
    case TREE:
        mgk_ppt_tree(ppt, record, 15, (MgkPptPlace)row->inside);
        break;
    case DROP:
        if (row->kind != NO_KIND)
            mgk_ppt_find(ppt, (MgkKind)row->kind, NULL);
        break;
    case CALL:
        call(ppt, record);
        break;
    }
}
