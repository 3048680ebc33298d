/* ppt_link.c - what a click or pointing at something does ([MS-PPT] 2.6.2, 2.10): jumps between slides and links to web
 * and mail addresses stay, written anew; macros, programs, objects, sounds and other files go. */
#include "engines/ppt_internal.h"
#include "engines/xml_hook.h"

#include <string.h>

#define MOST_LETTERS 4096

enum { TYPE_TEXT = 4026, TYPE_LINK_ATOM = 4051, TYPE_LINK = 4055, TYPE_SEED = 1034, TYPE_ACTION = 4083 };
enum { STRING_NAME = 0, STRING_TARGET = 1, STRING_PLACE = 3 };

/* What stands behind a number in the list of objects (2.10.1), beside links. */
static const struct {
    guint type;
    MgkKind kind;
} objects[] = {
    {4044, MGK_KIND_OLE_OBJECT}, {4046, MGK_KIND_EXTERNAL_CONTENT},
    {4078, MGK_KIND_ACTIVEX},    {4101, MGK_KIND_MEDIA},
    {4102, MGK_KIND_MEDIA},      {4103, MGK_KIND_MEDIA},
    {4109, MGK_KIND_MEDIA},      {4110, MGK_KIND_MEDIA},
    {4111, MGK_KIND_MEDIA},      {4112, MGK_KIND_MEDIA},
};

typedef struct Link {
    guint32 number;
    MgkPptRecord name, target, place; /* data NULL when it has none */
} Link;

/* A text up to its end, behind which anything may stand; nothing when it is empty. */
static MgkPptRecord cut_string(const MgkPptRecord *record)
{
    MgkPptRecord string = *record;
    string.size = 0;
    while (string.size + 2 <= record->size && mgk_recognise_u16le(record->data + string.size))
        string.size += 2;
    return string.size ? string : (MgkPptRecord){0};
}

static gboolean read_link(const MgkPptRecord *record, Link *ret_link)
{
    const guint8 *at = record->data;
    gsize left = record->size;
    MgkPptRecord child, atom;
    memset(ret_link, 0, sizeof *ret_link);
    if (!mgk_ppt_child(record, TYPE_LINK_ATOM, &atom) || atom.size != 4)
        return FALSE;
    ret_link->number = mgk_recognise_u32le(atom.data);
    while (mgk_ppt_next(&at, &left, &child)) {
        MgkPptRecord *string = child.instance == STRING_NAME     ? &ret_link->name
                               : child.instance == STRING_TARGET ? &ret_link->target
                               : child.instance == STRING_PLACE  ? &ret_link->place
                                                                 : NULL;
        if (child.type == TYPE_TEXT && string && !string->data && child.size > 0 && child.size % 2 == 0 &&
            child.size <= 2 * MOST_LETTERS)
            *string = cut_string(&child);
    }
    return TRUE;
}

/* A text in UTF-8; NULL when it is none. Owned by the caller. */
static char *text_of(const MgkPptRecord *string)
{
    if (!string->data)
        return NULL;
    g_autofree gunichar2 *units = g_new(gunichar2, string->size / 2);
    for (gsize i = 0; i < string->size / 2; i++)
        units[i] = mgk_recognise_u16le(string->data + 2 * i);
    return g_utf16_to_utf8(units, (glong)(string->size / 2), NULL, NULL, NULL);
}

/* "256,1,Title": a slide's number, its place, its title (2.10.17); for the next one, the first and so on "1,-1,NEXT".
 */
static gboolean is_slide(const char *text)
{
    for (guint i = 0; i < 2; i++) {
        gsize digits = strspn(text, "-0123456789");
        if (digits == 0 || digits > 11 || text[digits] != ',')
            return FALSE;
        text += digits + 1;
    }
    return TRUE;
}

/* Whether a link stays; *ret_slide: it leads to a slide. */
static gboolean link_stays(MgkPpt *ppt, Link *link, gboolean *ret_slide)
{
    g_autofree char *target = text_of(&link->target), *place = text_of(&link->place);
    *ret_slide = !target && place && is_slide(place);
    if (*ret_slide || (!target && !place))
        return *ret_slide;
    if (!target || target[0] == '#' || !g_str_is_ascii(target) || !mgk_xml_url_is_harmless(target, strlen(target))) {
        mgk_ppt_find(ppt, MGK_KIND_LINK_DANGEROUS, target);
        return FALSE;
    }
    return mgk_job_find(ppt->job, MGK_KIND_LINK_EXTERNAL, ppt->label, target) == MGK_ACTION_KEEP;
}

void mgk_ppt_survey_links(MgkPpt *ppt, const MgkPptRecord *document)
{
    MgkPptRecord list, record;
    if (!mgk_ppt_child(document, 1033, &list))
        return;
    const guint8 *at = list.data;
    gsize left = list.size;
    while (mgk_ppt_next(&at, &left, &record)) {
        Link link;
        gboolean slide = FALSE;
        if (record.type == TYPE_LINK && read_link(&record, &link) &&
            !g_hash_table_contains(ppt->links, GUINT_TO_POINTER(link.number)) && link_stays(ppt, &link, &slide)) {
            g_hash_table_insert(ppt->links, GUINT_TO_POINTER(link.number), (gpointer)(gsize)record.data);
            if (slide)
                g_hash_table_add(ppt->slides, GUINT_TO_POINTER(link.number));
        }
        for (guint i = 0; i < G_N_ELEMENTS(objects); i++) {
            if (objects[i].type == record.type)
                mgk_ppt_find(ppt, objects[i].kind, NULL);
        }
    }
}

static void put_string(MgkPpt *ppt, const MgkPptRecord *string)
{
    if (string->data)
        mgk_ppt_put(ppt, string, string->data, string->size);
}

/* A place in a page of the web, if it is one word. */
static gboolean is_fragment(const MgkPptRecord *string)
{
    g_autofree char *place = text_of(string);
    g_autofree char *url = place ? g_strconcat("#", place, NULL) : NULL;
    return url && g_str_is_ascii(url) && mgk_xml_url_is_harmless(url, strlen(url));
}

static void put_link(MgkPpt *ppt, const MgkPptRecord *record, const Link *link, gboolean slide)
{
    static const MgkPptRecord atom = {.type = TYPE_LINK_ATOM};
    guint8 number[4];
    guint start = mgk_ppt_begin(ppt, record, 15);
    for (guint i = 0; i < 4; i++)
        number[i] = (guint8)(link->number >> 8 * i);
    mgk_ppt_put(ppt, &atom, number, sizeof number);
    put_string(ppt, &link->name);
    put_string(ppt, &link->target); /* none in a link to a slide */
    if (slide || is_fragment(&link->place))
        put_string(ppt, &link->place);
    mgk_ppt_end(ppt, start);
}

/* ExObjList: of all objects the links that stay, each number once. */
static void put_list(MgkPpt *ppt, const MgkPptRecord *record)
{
    const guint8 *at = record->data;
    gsize left = record->size;
    MgkPptRecord child;
    if (g_hash_table_size(ppt->links) == 0)
        return;
    guint start = mgk_ppt_begin(ppt, record, 15);
    while (mgk_ppt_next(&at, &left, &child)) {
        Link link;
        if (child.type == TYPE_SEED && child.size == 4)
            mgk_ppt_put(ppt, &child, child.data, child.size);
        if (child.type == TYPE_LINK && read_link(&child, &link) &&
            g_hash_table_lookup(ppt->links, GUINT_TO_POINTER(link.number)) == child.data)
            put_link(ppt, &child, &link, g_hash_table_contains(ppt->slides, GUINT_TO_POINTER(link.number)));
    }
    mgk_ppt_end(ppt, start);
}

/* InteractiveInfoAtom (2.6.2.1): FALSE when what it does may not stay. */
static gboolean take_action(MgkPpt *ppt, const guint8 *p, guint8 *ret_atom)
{
    enum { MACRO = 1, PROGRAM = 2, JUMP = 3, LINK = 4, OBJECT = 5, CUSTOM_SHOW = 7 };
    enum { TO_SHOW = 6, TO_SLIDE = 7, TO_URL = 8 };
    enum { ANIMATED = 1, RETURN = 4 };
    guint8 action = p[8], jump = p[10], flags = p[11], kind = p[12];
    gpointer link = GUINT_TO_POINTER(mgk_recognise_u32le(p + 4));
    gboolean known = g_hash_table_contains(ppt->links, link);
    memset(ret_atom, 0, 16);
    if (action == MACRO || action == PROGRAM || action == OBJECT)
        mgk_ppt_find(ppt, MGK_KIND_MACRO_ACTION, NULL);
    if (mgk_recognise_u32le(p) != 0)
        mgk_ppt_find(ppt, MGK_KIND_MEDIA, NULL);
    if ((action != JUMP && action != LINK && action != CUSTOM_SHOW) || (action == LINK && !known) || jump > 6)
        return FALSE;
    if (known)
        memcpy(ret_atom + 4, p + 4, 4);
    ret_atom[8] = action;
    ret_atom[10] = jump;
    ret_atom[11] = flags & (ANIMATED | RETURN);
    if (action == LINK)
        kind = g_hash_table_contains(ppt->slides, link) ? TO_SLIDE : TO_URL;
    ret_atom[12] = kind <= 3 || kind == TO_SHOW || kind == TO_SLIDE || kind == TO_URL ? kind : 0xff;
    return TRUE;
}

static void put_action(MgkPpt *ppt, const MgkPptRecord *record)
{
    MgkPptRecord atom;
    guint8 fresh[16];
    ppt->link_stays = mgk_ppt_child(record, TYPE_ACTION, &atom) && atom.size == 16 && record->instance <= 1 &&
                      take_action(ppt, atom.data, fresh);
    if (!ppt->link_stays)
        return;
    guint start = mgk_ppt_begin(ppt, record, 15);
    mgk_ppt_put(ppt, &atom, fresh, sizeof fresh);
    mgk_ppt_end(ppt, start);
}

void mgk_ppt_link(MgkPpt *ppt, const MgkPptRecord *record)
{
    switch (record->type) {
    case 1033:
        put_list(ppt, record);
        break;
    case 4063: /* which letters the action before it is for */
        if (ppt->link_stays)
            mgk_ppt_put(ppt, record, record->data, record->size);
        ppt->link_stays = FALSE;
        break;
    default:
        put_action(ppt, record);
    }
}
