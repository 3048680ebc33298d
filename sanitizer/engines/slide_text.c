#include "engines/slide_text.h"

#include "engines/chart_text.h"
#include "engines/text_out.h"
#include "engines/xml_events.h"

#include <string.h>

typedef struct Show {
    MgkZip *zip;                  /* borrowed */
    MgkTextOut *out;              /* borrowed */
    GPtrArray *slides;            /* borrowed; relationship ids in the order of the show */
    GHashTable *members;          /* borrowed; of the part being read */
    GPtrArray *diagrams, *charts; /* borrowed; members of the present slide */
    gboolean characters;          /* in a:t */
    gboolean hidden;              /* the slide is not shown */
    guint cell;                   /* open a:tc */
    guint depth, skip;            /* skip: depth of the element whose content is left out */
    gboolean notes;               /* only the body of notes, not the slide's picture, number and date */
    gboolean blank_due;
    guint64 branches; /* bit per open AlternateContent: a branch was taken */
} Show;

static gboolean is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

static void put(Show *show, const char *text, gssize size)
{
    if (show->blank_due && !mgk_text_out_at_start(show->out))
        mgk_text_out_add(show->out, " ", 1);
    show->blank_due = FALSE;
    mgk_text_out_add(show->out, text, size);
}

static gboolean says_no(const char *const *attributes, const char *name)
{
    const char *value = mgk_xml_events_get(attributes, name);
    return value && (is(value, "0") || is(value, "false"));
}

/* Number, date and picture of the slide say nothing on a page of notes. */
static gboolean is_furniture(const Show *show, const char *const *attributes)
{
    static const char *const always[] = {"sldNum", "dt", NULL}, *const in_notes[] = {"sldImg", "hdr", "ftr", NULL};
    const char *type = mgk_xml_events_get(attributes, "type");
    return type && (g_strv_contains(always, type) || (show->notes && g_strv_contains(in_notes, type)));
}

static void start_branch(Show *show)
{
    if (show->branches & 1)
        show->skip = show->depth;
    show->branches |= 1;
}

static void note_member(Show *show, GPtrArray *list, const char *id)
{
    const char *member = id ? g_hash_table_lookup(show->members, id) : NULL;
    if (member)
        g_ptr_array_add(list, g_strdup(member));
}

static void on_start(gpointer user, const char *name, const char *const *attributes)
{
    Show *show = user;
    show->depth++;
    if (show->skip)
        return;
    if (is(name, "a:t"))
        show->characters = TRUE;
    else if (is(name, "a:br"))
        put(show, show->cell ? " " : "\n", 1);
    else if (is(name, "a:tc"))
        show->cell++;
    else if (is(name, "p:sld") && says_no(attributes, "show"))
        show->skip = show->depth;
    else if (is(name, "p:ph") && is_furniture(show, attributes))
        show->skip = show->depth - 3; /* p:sp, p:nvSpPr, p:nvPr, p:ph */
    else if (is(name, "p:cNvPr") && mgk_xml_events_get(attributes, "hidden") && !says_no(attributes, "hidden"))
        show->skip = show->depth - 2; /* the shape */
    else if (is(name, "mc:AlternateContent"))
        show->branches <<= 1;
    else if (is(name, "mc:Choice") || is(name, "mc:Fallback"))
        start_branch(show);
    else if (is(name, "dgm:relIds"))
        note_member(show, show->diagrams, mgk_xml_events_get(attributes, "r:dm"));
    else if (is(name, "c:chart"))
        note_member(show, show->charts, mgk_xml_events_get(attributes, "r:id"));
}

static void on_end(gpointer user, const char *name)
{
    Show *show = user;
    if (show->skip == show->depth)
        show->skip = 0;
    show->depth--;
    if (show->skip)
        return;
    if (is(name, "a:t")) {
        show->characters = FALSE;
    } else if (is(name, "a:p")) {
        show->blank_due = show->cell > 0;
        if (!show->cell)
            mgk_text_out_break(show->out);
    } else if (is(name, "a:tc")) {
        show->cell--;
        show->blank_due = FALSE;
        mgk_text_out_add(show->out, "\t", 1);
    } else if (is(name, "a:tr")) {
        mgk_text_out_break(show->out);
    } else if (is(name, "mc:AlternateContent")) {
        show->branches >>= 1;
    }
}

static void on_text(gpointer user, const char *text, gsize size)
{
    Show *show = user;
    if (show->characters && !show->skip)
        put(show, text, (gssize)size);
}

static const MgkXmlEvents slide_events = {.start = on_start, .end = on_end, .text = on_text};

static gboolean read_part(Show *show, const char *member, GHashTable *members, GError **error)
{
    show->members = members;
    show->depth = show->skip = show->cell = 0;
    show->characters = show->blank_due = FALSE;
    return mgk_xml_events_read(show->zip, member, &slide_events, show, error);
}

/* A hidden slide has no text, and its notes none either. */
static void look_for_show(gpointer user, const char *name, const char *const *attributes)
{
    Show *show = user;
    if (is(name, "p:sld"))
        show->hidden = says_no(attributes, "show");
}

static gboolean read_slide(Show *show, const char *member, guint number, GError **error)
{
    static const MgkXmlEvents look = {.start = look_for_show};
    g_autoptr(GHashTable) members = mgk_xml_events_relationships(show->zip, member, FALSE, error);
    g_autoptr(GHashTable) by_type = members ? mgk_xml_events_relationships(show->zip, member, TRUE, error) : NULL;
    if (!by_type || !mgk_xml_events_read(show->zip, member, &look, show, error))
        return FALSE;
    if (show->hidden)
        return TRUE;
    g_autoptr(GPtrArray) diagrams = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) charts = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *head = g_strdup_printf("【%u】", number);
    mgk_text_out_gap(show->out);
    put(show, head, -1);
    mgk_text_out_break(show->out);
    show->diagrams = diagrams;
    show->charts = charts;
    show->notes = FALSE;
    if (!read_part(show, member, members, error))
        return FALSE;
    for (guint i = 0; i < diagrams->len; i++) {
        if (!read_part(show, g_ptr_array_index(diagrams, i), members, error))
            return FALSE;
    }
    for (guint i = 0; i < charts->len; i++) {
        if (!mgk_chart_text(show->zip, g_ptr_array_index(charts, i), show->out, error))
            return FALSE;
    }
    const char *notes = g_hash_table_lookup(by_type, "notesSlide");
    show->notes = TRUE;
    mgk_text_out_gap(show->out);
    return !notes || read_part(show, notes, members, error);
}

static void on_presentation(gpointer user, const char *name, const char *const *attributes)
{
    Show *show = user;
    const char *id = mgk_xml_events_get(attributes, "r:id");
    if (is(name, "p:sldId") && id)
        g_ptr_array_add(show->slides, g_strdup(id));
}

gboolean mgk_slide_text(MgkJob *job, GError **error)
{
    static const MgkXmlEvents events = {.start = on_presentation};
    g_autoptr(MgkZip) zip = mgk_zip_open(job->data, job->size, &job->policy->limits, error);
    g_autoptr(GHashTable) package = zip ? mgk_xml_events_relationships(zip, "", TRUE, error) : NULL;
    const char *main = package ? g_hash_table_lookup(package, "officeDocument") : NULL;
    g_autoptr(GHashTable) members = main ? mgk_xml_events_relationships(zip, main, FALSE, error) : NULL;
    if (!members)
        return package && !main ? mgk_job_hold(job, MGK_REASON_NO_TEXT, "no main part") : FALSE;
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    g_autoptr(GPtrArray) slides = g_ptr_array_new_with_free_func(g_free);
    Show show = {.zip = zip, .out = out, .slides = slides};
    if (!mgk_xml_events_read(zip, main, &events, &show, error))
        return FALSE;
    for (guint i = 0; i < slides->len; i++) {
        const char *member = g_hash_table_lookup(members, g_ptr_array_index(slides, i));
        if (member && !read_slide(&show, member, i + 1, error))
            return FALSE;
    }
    return mgk_text_out_finish(out, error);
}
