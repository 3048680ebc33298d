/* ppt_sheet.c - what slides and the document say of themselves ([MS-PPT] 2.4, 2.5), effects (2.8) and comments. Numbers
 * of objects become new ones, sounds and orders to objects go. */
#include "engines/ppt_internal.h"

#include <string.h>

enum {
    TYPE_VBA_ATOM = 1024,
    TYPE_PERSIST = 1011,
    TYPE_TEXT = 4026,
    TYPE_BLOB = 5003,
    TYPE_SHAPE_TARGET = 11003,
    TYPE_COMMAND = 0xf132,
    TYPE_TIME = 0xf144,
    TYPE_SUB_TIME = 0xf145,
};

static void set16(guint8 *p, guint value)
{
    p[0] = (guint8)value;
    p[1] = (guint8)(value >> 8);
}

static void set32(guint8 *p, guint32 value)
{
    set16(p, value);
    set16(p + 2, value >> 16);
}

/* DocumentAtom (2.4.2): the numbers of two masters are new ones, no fonts are saved with it. */
static void put_document_atom(MgkPpt *ppt, const MgkPptRecord *record)
{
    guint8 atom[40];
    memcpy(atom, record->data, sizeof atom);
    set32(atom + 24, mgk_ppt_number(ppt, mgk_recognise_u32le(atom + 24)));
    set32(atom + 28, mgk_ppt_number(ppt, mgk_recognise_u32le(atom + 28)));
    for (guint at = 24; at <= 28; at += 4)
        g_hash_table_add(ppt->named, GUINT_TO_POINTER(mgk_recognise_u32le(atom + at)));
    atom[36] = 0;
    mgk_ppt_put(ppt, record, atom, sizeof atom);
}

/* SlideAtom, NotesAtom (2.5.10, 2.5.14): the last two bytes mean nothing. */
static void put_sheet_atom(MgkPpt *ppt, const MgkPptRecord *record)
{
    guint8 atom[24];
    memcpy(atom, record->data, record->size);
    set16(atom + record->size - 2, 0);
    mgk_ppt_put(ppt, record, atom, record->size);
}

/* SlideShowSlideInfoAtom (2.6.6): how one slide follows another; without a sound. */
static void put_show(MgkPpt *ppt, const MgkPptRecord *record)
{
    enum { MANUAL = 1 << 0, HIDDEN = 1 << 2, SOUND = 1 << 4, STOP = 1 << 8, AUTOMATIC = 1 << 10, CURSOR = 1 << 12 };
    guint8 atom[16] = {0};
    memcpy(atom, record->data, 13);
    guint flags = mgk_recognise_u16le(atom + 10);
    if (flags & HIDDEN)
        mgk_ppt_find(ppt, MGK_KIND_HIDDEN_SLIDE, NULL);
    if ((flags & SOUND) && mgk_recognise_u32le(atom + 4))
        mgk_ppt_find(ppt, MGK_KIND_MEDIA, NULL);
    set32(atom + 4, 0);
    set16(atom + 10, flags & (MANUAL | HIDDEN | STOP | AUTOMATIC | CURSOR));
    mgk_ppt_put(ppt, record, atom, sizeof atom);
}

/* AnimationInfoAtom (2.8.5): no sound, no order to an object. */
static void put_effect(MgkPpt *ppt, const MgkPptRecord *record)
{
    enum { SOUND = 1 << 4, PLAY = 1 << 8 };
    guint8 atom[28];
    memcpy(atom, record->data, sizeof atom);
    set32(atom + 4, mgk_recognise_u32le(atom + 4) & ~(guint32)(SOUND | PLAY));
    set32(atom + 8, 0);
    atom[25] = 0;
    set16(atom + 26, 0);
    mgk_ppt_put(ppt, record, atom, sizeof atom);
}

/* SlidePersistAtom (2.4.14.5): which object a slide is; its texts follow. */
static void put_persist(MgkPpt *ppt, const MgkPptRecord *record)
{
    guint8 atom[20];
    memcpy(atom, record->data, sizeof atom);
    guint32 number = mgk_ppt_number(ppt, mgk_recognise_u32le(atom));
    ppt->text_gone = number == 0 || !g_hash_table_add(ppt->named, GUINT_TO_POINTER(number));
    ppt->letters = 0;
    set32(atom, number);
    set32(atom + 16, 0);
    if (!ppt->text_gone)
        mgk_ppt_put(ppt, record, atom, sizeof atom);
}

static void put_slide_list(MgkPpt *ppt, const MgkPptRecord *record)
{
    ppt->text_gone = FALSE;
    mgk_ppt_tree(ppt, record, 15, MGK_PPT_IN_TEXTS);
    ppt->text_gone = FALSE;
}

/* VBAInfo (2.4.11): every newer file has one; it matters when it names a project. */
static void find_macros(MgkPpt *ppt, const MgkPptRecord *record)
{
    MgkPptRecord atom;
    if (mgk_ppt_child(record, TYPE_VBA_ATOM, &atom) && atom.size >= 8 &&
        (mgk_recognise_u32le(atom.data) || mgk_recognise_u32le(atom.data + 4)))
        mgk_ppt_find(ppt, MGK_KIND_MACRO_VBA, NULL);
}

/* Atoms with a name of fixed length, behind whose end anything may stand: of a font (2.9.8), which is not in the file,
 * of a show (2.6.1), of how a date looks (2.9.53). */
static void put_named(MgkPpt *ppt, const MgkPptRecord *record)
{
    static const struct {
        guint type, from, to;
    } names[] = {{4023, 0, 64}, {1025, 12, 76}, {4117, 4, 132}};
    enum { EMBEDDED = 1 };
    guint8 atom[132];
    memcpy(atom, record->data, record->size);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        guint at = names[i].from;
        if (names[i].type != record->type)
            continue;
        while (at < names[i].to && (atom[at] || atom[at + 1]))
            at += 2;
        memset(atom + at, 0, names[i].to - at);
    }
    if (record->type == 4023)
        atom[65] &= (guint8)~EMBEDDED;
    mgk_ppt_put(ppt, record, atom, record->size);
}

/* ---- tags ---- */

/* A name in UTF-16 that says ASCII. */
static gboolean is_name(const MgkPptRecord *record, const char *name)
{
    gsize n = strlen(name);
    if (record->size != 2 * n)
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        if (record->data[2 * i] != (guint8)name[i] || record->data[2 * i + 1] != 0)
            return FALSE;
    }
    return TRUE;
}

/* ProgBinaryTag: what versions 2000, 2002 and 2007 add; of any other program's data nothing stays. */
static void put_tag(MgkPpt *ppt, const MgkPptRecord *record)
{
    static const char *const kept[] = {"___PPT9", "___PPT10", "___PPT12"};
    static const char *const quiet[] = {"___PPT11", "___PPTMac11", "___PPT2001"};
    MgkPptRecord name, blob;
    if (!mgk_ppt_child(record, TYPE_TEXT, &name) || !mgk_ppt_child(record, TYPE_BLOB, &blob))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(quiet); i++) {
        if (is_name(&name, quiet[i]))
            return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
        if (!is_name(&name, kept[i]))
            continue;
        guint whole = ppt->out->len, start = mgk_ppt_begin(ppt, record, 15);
        mgk_ppt_put(ppt, &name, name.data, name.size);
        guint inner = ppt->out->len + 8;
        mgk_ppt_tree(ppt, &blob, 0, MGK_PPT_IN_BLOB);
        mgk_ppt_end(ppt, start);
        if (ppt->out->len == inner)
            g_byte_array_set_size(ppt->out, whole);
        return;
    }
    mgk_ppt_find(ppt, MGK_KIND_DOCUMENT_VARIABLES, NULL);
}

/* ---- comments ---- */

static void put_comment(MgkPpt *ppt, const MgkPptRecord *record)
{
    gboolean authors = record->type == 12004;
    if (!authors && !ppt->found[MGK_KIND_COMMENT]) {
        ppt->found[MGK_KIND_COMMENT] = TRUE;
        ppt->comments = mgk_job_find(ppt->job, MGK_KIND_COMMENT, ppt->label, NULL) == MGK_ACTION_KEEP;
    }
    if (ppt->comments) /* slides are written before the document with the authors */
        mgk_ppt_tree(ppt, record, 15, authors ? MGK_PPT_IN_REMARKS : MGK_PPT_IN_REMARK);
}

/* ---- times ---- */

/* Whether an effect plays a sound or a film, or gives an object an order; effects inside it answer for themselves. */
static gboolean plays(const MgkPptRecord *record, guint depth)
{
    enum { SOUND = 3, FILM = 4 };
    const guint8 *at = record->data;
    gsize left = record->size;
    MgkPptRecord child;
    while (mgk_ppt_next(&at, &left, &child)) {
        if (child.type == TYPE_COMMAND)
            return TRUE;
        if (child.type == TYPE_SHAPE_TARGET && child.size >= 8 &&
            (mgk_recognise_u32le(child.data + 4) == SOUND || mgk_recognise_u32le(child.data + 4) == FILM))
            return TRUE;
        if (child.version == 15 && child.type != TYPE_TIME && child.type != TYPE_SUB_TIME && depth < 8 &&
            plays(&child, depth + 1))
            return TRUE;
    }
    return FALSE;
}

static void put_time(MgkPpt *ppt, const MgkPptRecord *record)
{
    if (plays(record, 0))
        mgk_ppt_find(ppt, MGK_KIND_MEDIA, NULL);
    else
        mgk_ppt_tree(ppt, record, 15, MGK_PPT_IN_TIME);
}

/* TimeVariant (2.8.79): a truth, a whole number, a real one, or a text. */
static void put_variant(MgkPpt *ppt, const MgkPptRecord *record)
{
    static const guint8 sizes[] = {2, 5, 5};
    guint8 sort = record->data[0];
    if (sort < G_N_ELEMENTS(sizes) ? record->size == sizes[sort] : sort == 3 && record->size % 2 == 1)
        mgk_ppt_put(ppt, record, record->data, record->size);
    else
        mgk_ppt_find(ppt, MGK_KIND_UNKNOWN_PART, "a value of an effect");
}

void mgk_ppt_sheet(MgkPpt *ppt, const MgkPptRecord *record)
{
    static const struct {
        guint type;
        void (*put)(MgkPpt *ppt, const MgkPptRecord *record);
    } puts[] = {{1001, put_document_atom}, {1007, put_sheet_atom}, {1009, put_sheet_atom}, {TYPE_PERSIST, put_persist},
                {1017, put_show},          {1023, find_macros},    {4080, put_slide_list}, {4081, put_effect},
                {1025, put_named},         {4023, put_named},      {4117, put_named},      {5002, put_tag},
                {12000, put_comment},      {12004, put_comment},   {0xf142, put_variant},  {TYPE_TIME, put_time},
                {TYPE_SUB_TIME, put_time}};
    for (guint i = 0; i < G_N_ELEMENTS(puts); i++) {
        if (puts[i].type == record->type) {
            puts[i].put(ppt, record);
            return;
        }
    }
}
