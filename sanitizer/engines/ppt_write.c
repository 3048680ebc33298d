/* ppt_write.c - which objects of a presentation are alive, and the streams that hold them afresh ([MS-PPT] 2.1): each
 * once, one directory, one edit. */
#include "engines/ppt_internal.h"
#include "model/error.h"

#include <string.h>

#define MOST_OBJECTS 20000
#define RUN 4095 /* objects that one entry of the directory can count */
#define USER "mugaika"

enum { TYPE_DOCUMENT = 1000, TYPE_ATOM = 1001, TYPE_SLIDE = 1006, TYPE_NOTES = 1008, TYPE_PERSIST = 1011 };
enum { TYPE_MASTER = 1016, TYPE_HANDOUT = 4041, TYPE_LIST = 4080, TYPE_OBJECT = 4113 };

/* The lists of SlideListWithText (2.4.14), and what may be in them. */
static const struct {
    guint instance, type, other;
    const char *label;
    gboolean needed;
} lists[] = {{1, TYPE_MASTER, TYPE_SLIDE, "master", TRUE},
             {0, TYPE_SLIDE, TYPE_SLIDE, "slide", TRUE},
             {2, TYPE_NOTES, TYPE_NOTES, "notes", FALSE}};

typedef struct Live {
    guint32 number; /* as it was; its new one is its index and 1 */
    char label[24];
    guint32 place; /* in the new stream */
} Live;

typedef struct Plan {
    MgkPpt *ppt;
    GArray *live; /* Live; the Document first */
    gsize bytes;
    guint masters;
} Plan;

guint32 mgk_ppt_number(const MgkPpt *ppt, guint32 number)
{
    guint32 fresh = GPOINTER_TO_UINT(g_hash_table_lookup(ppt->numbers, GUINT_TO_POINTER(number)));
    return fresh > 1 ? fresh : 0; /* 1 is the document, which nothing names */
}

/* Takes an object into the plan; FALSE when it is not there, of another type, or there already. */
static gboolean take(Plan *plan, guint32 number, guint type, guint other, const char *label)
{
    MgkPptRecord record;
    MgkPpt *ppt = plan->ppt;
    if (!mgk_ppt_object(ppt->file, number, &record) || (record.type != type && record.type != other) ||
        mgk_ppt_number(ppt, number))
        return FALSE;
    plan->bytes += record.size;
    if (plan->bytes > ppt->file->size || plan->live->len == MOST_OBJECTS) { /* objects that lie in one another */
        ppt->failed = "more objects than bytes";
        return FALSE;
    }
    Live live = {.number = number};
    g_strlcpy(live.label, label, sizeof live.label);
    g_array_append_val(plan->live, live);
    g_hash_table_insert(ppt->numbers, GUINT_TO_POINTER(number), GUINT_TO_POINTER(plan->live->len));
    return TRUE;
}

static void take_list(Plan *plan, const MgkPptRecord *list)
{
    guint row = 0, n = 0;
    while (row < G_N_ELEMENTS(lists) && lists[row].instance != list->instance)
        row++;
    if (row == G_N_ELEMENTS(lists))
        return;
    const guint8 *at = list->data;
    gsize left = list->size;
    MgkPptRecord atom;
    while (mgk_ppt_next(&at, &left, &atom) && !plan->ppt->failed) {
        if (atom.type != TYPE_PERSIST || atom.size != 20)
            continue;
        g_autofree char *label = g_strdup_printf("%s %u", lists[row].label, ++n);
        gboolean taken = take(plan, mgk_recognise_u32le(atom.data), lists[row].type, lists[row].other, label);
        plan->masters += taken && row == 0;
        if (!taken && lists[row].needed && !plan->ppt->failed)
            plan->ppt->failed = "a slide or master is not where it should be";
        else if (!taken)
            mgk_ppt_find(plan->ppt, MGK_KIND_UNKNOWN_PART, "notes that are not there");
    }
}

/* Everything that the document names: slides first by their lists, then the masters of notes and handouts. */
static gboolean take_all(Plan *plan, MgkPptRecord *ret_document)
{
    MgkPpt *ppt = plan->ppt;
    MgkPptRecord record, atom;
    if (!take(plan, ppt->file->document, TYPE_DOCUMENT, TYPE_DOCUMENT, "document") ||
        !mgk_ppt_object(ppt->file, ppt->file->document, ret_document) ||
        !mgk_ppt_child(ret_document, TYPE_ATOM, &atom) || atom.size != 40) {
        ppt->failed = "no document";
        return FALSE;
    }
    const guint8 *at = ret_document->data;
    gsize left = ret_document->size;
    take(plan, mgk_recognise_u32le(atom.data + 24), TYPE_NOTES, TYPE_NOTES, "notes master");
    take(plan, mgk_recognise_u32le(atom.data + 28), TYPE_HANDOUT, TYPE_HANDOUT, "handout");
    while (mgk_ppt_next(&at, &left, &record) && !ppt->failed) {
        if (record.type == TYPE_LIST)
            take_list(plan, &record);
    }
    return !ppt->failed;
}

/* The document last: it says which pictures are used. */
static void put_objects(Plan *plan)
{
    MgkPpt *ppt = plan->ppt;
    for (guint i = 1; i <= plan->live->len && !ppt->failed && !ppt->error; i++) {
        Live *live = &g_array_index(plan->live, Live, i % plan->live->len);
        MgkPptRecord record;
        live->place = ppt->out->len;
        memcpy(ppt->label, live->label, sizeof ppt->label);
        if (mgk_ppt_object(ppt->file, live->number, &record))
            mgk_ppt_filter(ppt, &record, MGK_PPT_IN_TOP);
    }
}

/* PersistDirectoryAtom, UserEditAtom (2.3.4, 2.3.3). Returns the place of the latter. */
static guint32 put_directory(const Plan *plan)
{
    static const MgkPptRecord directory = {.type = 6002}, edit = {.type = 4085};
    MgkPpt *ppt = plan->ppt;
    guint32 place = ppt->out->len;
    guint start = mgk_ppt_begin(ppt, &directory, 0);
    for (guint i = 0; i < plan->live->len; i++) {
        if (i % RUN == 0)
            mgk_meta_put32(ppt->out, (i + 1) | MIN(plan->live->len - i, RUN) << 20);
        mgk_meta_put32(ppt->out, g_array_index(plan->live, Live, i).place);
    }
    mgk_ppt_end(ppt, start);
    guint32 last = ppt->out->len;
    start = mgk_ppt_begin(ppt, &edit, 0);
    mgk_meta_put32(ppt->out, 0);          /* the slide last looked at */
    mgk_meta_put32(ppt->out, 0x03000000); /* version 3.0 */
    mgk_meta_put32(ppt->out, 0);          /* no edit before */
    mgk_meta_put32(ppt->out, place);
    mgk_meta_put32(ppt->out, 1); /* the Document */
    mgk_meta_put32(ppt->out, plan->live->len);
    mgk_meta_put32(ppt->out, 1); /* seen slide by slide */
    mgk_ppt_end(ppt, start);
    return last;
}

/* CurrentUserAtom (2.3.2), with a name that is nobody's. */
static GByteArray *user_stream(const Plan *plan, guint32 edit)
{
    GByteArray *out = g_byte_array_new();
    gsize n = strlen(USER);
    mgk_meta_put32(out, 4086u << 16);
    mgk_meta_put32(out, (guint32)(24 + 3 * n));
    mgk_meta_put32(out, 20);
    mgk_meta_put32(out, 0xe391c05fu);
    mgk_meta_put32(out, edit);
    mgk_meta_put32(out, (guint32)n | 0x03f40000u);
    mgk_meta_put32(out, 3);
    g_byte_array_append(out, (const guint8 *)USER, (guint)n);
    mgk_meta_put32(out, plan->masters > 1 ? 9 : 8);
    for (gsize i = 0; i < n; i++)
        mgk_meta_put16(out, (guint)USER[i]);
    return out;
}

/* Objects that no slide names: of an edit before, or macros and objects whose list is gone. */
static void find_dead(MgkPpt *ppt)
{
    gpointer number = NULL;
    GHashTableIter iter;
    MgkPptRecord record;
    if (ppt->file->edits > 1)
        mgk_ppt_find(ppt, MGK_KIND_OLD_VERSION, NULL);
    g_hash_table_iter_init(&iter, ppt->file->objects);
    while (g_hash_table_iter_next(&iter, &number, NULL)) {
        gboolean storage = mgk_ppt_object(ppt->file, GPOINTER_TO_UINT(number), &record) && record.type == TYPE_OBJECT;
        if (storage && !ppt->found[MGK_KIND_MACRO_VBA] && !ppt->found[MGK_KIND_ACTIVEX])
            mgk_ppt_find(ppt, MGK_KIND_OLE_OBJECT, "a storage that nothing names");
    }
}

static gboolean write_all(Plan *plan, GByteArray **ret_user, GError **error)
{
    MgkPpt *ppt = plan->ppt;
    MgkPptRecord document;
    if (take_all(plan, &document)) {
        g_strlcpy(ppt->label, "document", sizeof ppt->label);
        mgk_ppt_survey_links(ppt, &document);
        mgk_ppt_survey_pictures(ppt, &document);
        put_objects(plan);
    }
    if (ppt->error) {
        g_propagate_error(error, g_steal_pointer(&ppt->error));
        return FALSE;
    }
    if (ppt->failed) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, ppt->failed);
        return FALSE;
    }
    find_dead(ppt);
    *ret_user = user_stream(plan, put_directory(plan));
    return TRUE;
}

static void clear(MgkPpt *ppt)
{
    g_clear_pointer(&ppt->out, g_byte_array_unref);
    g_clear_pointer(&ppt->store, g_byte_array_unref);
    g_array_unref(ppt->pictures);
    g_hash_table_unref(ppt->numbers);
    g_hash_table_unref(ppt->named);
    g_hash_table_unref(ppt->links);
    g_hash_table_unref(ppt->slides);
}

gboolean mgk_ppt_rebuild(MgkJob *job, const MgkPptFile *file, GByteArray **ret_document, GByteArray **ret_pictures,
                         GByteArray **ret_user, GError **error)
{
    g_autoptr(GArray) live = g_array_new(FALSE, FALSE, sizeof(Live));
    MgkPpt ppt = {.job = job,
                  .file = file,
                  .out = g_byte_array_new(),
                  .store = g_byte_array_new(),
                  .pictures = g_array_new(FALSE, FALSE, sizeof(MgkPptPicture)),
                  .numbers = g_hash_table_new(NULL, NULL),
                  .named = g_hash_table_new(NULL, NULL),
                  .links = g_hash_table_new(NULL, NULL),
                  .slides = g_hash_table_new(NULL, NULL)};
    Plan plan = {.ppt = &ppt, .live = live};
    gboolean fine = write_all(&plan, ret_user, error);
    if (fine) {
        *ret_document = g_steal_pointer(&ppt.out);
        *ret_pictures = ppt.store->len ? g_steal_pointer(&ppt.store) : NULL;
    }
    clear(&ppt);
    return fine;
}
