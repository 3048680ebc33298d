#include "engines/doc_props.h"

#include <string.h>

enum { MAX_DEPTH = 16, NO_STYLE = 0xfff, STYLE_PARAGRAPH = 1, STYLE_CHARACTER = 2 };
/* Bytes of properties, all applications together: each run may name the same 64 KiB again. */
#define MAX_SPENT (256 * MGK_MIB)
enum { HUGE_PAPX = 0x6646, CHARACTER_STYLE = 0x4a30 };

typedef enum { TYPE_TOGGLE, TYPE_U8, TYPE_U16, TYPE_S16, TYPE_U32 } Type;

static const struct {
    guint16 code;
    guint8 property;
    guint8 type;
} table[] = {
#define MGK_SPRM(code, property, type) {code, MGK_DOC_##property, TYPE_##type},
#include "rules/doc_sprms.def"
#undef MGK_SPRM
};

static const gint32 unsaid[MGK_DOC_N_PROPERTIES] = {
#define MGK_DOC_PROPERTY(name, value) value,
#include "rules/doc_properties.def"
#undef MGK_DOC_PROPERTY
};

typedef struct Style {
    guint kind, base;
    MgkDocBytes paragraph, run;
    MgkDocProps *known; /* owned; NULL until asked for */
} Style;

struct MgkDocStyles {
    const MgkDocFile *file; /* borrowed */
    Style *styles;          /* owned */
    guint n;
    gint32 fonts[3];              /* ASCII, East Asian, other */
    const MgkDocProps *paragraph; /* what "as the style" means for toggles */
    gboolean inside;              /* of what another property names */
    guint64 spent;                /* bytes of properties applied */
};

void mgk_doc_props_init(MgkDocProps *props)
{
    memset(props, 0, sizeof *props);
    memcpy(props->v, unsaid, sizeof unsaid);
}

/* ---- single properties (2.2.5) ---- */

static gsize variable_size(MgkDocBytes rest, guint16 code, gsize *ret_head)
{
    *ret_head = 1;
    if (code == 0xd608) { /* sprmTDefTable counts in two bytes, and itself */
        *ret_head = 2;
        guint16 size = mgk_doc_u16(rest, 0);
        return size ? size - 1u : 0;
    }
    gsize size = rest.size ? rest.data[0] : 0;
    if (code != 0xc615 || size != 255)
        return size;
    gsize deleted = rest.size > 1 ? rest.data[1] : 0, at = 2 + 4 * deleted;
    return 2 + 4 * deleted + 3 * (gsize)(rest.size > at ? rest.data[at] : 0);
}

gboolean mgk_doc_sprm_next(MgkDocBytes *grpprl, MgkDocSprm *ret_sprm)
{
    static const guint8 sizes[8] = {1, 1, 2, 4, 2, 2, 0, 3};
    if (grpprl->size < 3)
        return FALSE;
    ret_sprm->code = mgk_doc_u16(*grpprl, 0);
    gsize head = 0, size = sizes[ret_sprm->code >> 13];
    MgkDocBytes rest = {grpprl->data + 2, grpprl->size - 2};
    if (size == 0)
        size = variable_size(rest, ret_sprm->code, &head);
    if (head > rest.size || size > rest.size - head)
        return FALSE;
    ret_sprm->operand = (MgkDocBytes){rest.data + head, size};
    *grpprl = (MgkDocBytes){rest.data + head + size, rest.size - head - size};
    return TRUE;
}

gint32 mgk_doc_color(guint32 colorref)
{
    if (colorref >> 24)
        return -1;
    return (gint32)((colorref & 0xff) << 16 | (colorref & 0xff00) | (colorref >> 16 & 0xff));
}

gint32 mgk_doc_color_index(guint index)
{
    static const gint32 colors[17] = {-1,       0x000000, 0x0000ff, 0x00ffff, 0x00ff00, 0xff00ff,
                                      0xff0000, 0xffff00, 0xffffff, 0x000080, 0x008080, 0x008000,
                                      0x800080, 0x800000, 0x808000, 0x808080, 0xc0c0c0};
    return index < G_N_ELEMENTS(colors) ? colors[index] : -1;
}

void mgk_doc_border(MgkDocBytes brc, gboolean old, gint32 *ret_look, gint32 *ret_color)
{
    *ret_look = 0;
    *ret_color = -1;
    if (brc.size < (old ? 4 : 8) || mgk_doc_u32(brc, old ? 0 : 4) == 0xffffffff)
        return;
    const guint8 *p = brc.data + (old ? 0 : 4);
    guint8 width = p[0], type = p[1], space = (old ? p[3] : p[2]) & 0x1f;
    *ret_look = type | width << 8 | space << 16;
    *ret_color = old ? mgk_doc_color_index(p[2]) : mgk_doc_color(mgk_doc_u32(brc, 0));
}

static gint32 shade(MgkDocBytes shd)
{
    if (shd.size < 10)
        return -1;
    guint16 pattern = mgk_doc_u16(shd, 8);
    gint32 fore = mgk_doc_color(mgk_doc_u32(shd, 0)), back = mgk_doc_color(mgk_doc_u32(shd, 4));
    return pattern == 1 ? MAX(fore, 0) : back;
}

static gint32 shade_old(MgkDocBytes shd)
{
    guint16 value = mgk_doc_u16(shd, 0);
    return mgk_doc_color_index(value >> 10 == 1 ? value & 31u : value >> 5 & 31u);
}

static void toggle(const MgkDocStyles *styles, MgkDocProps *props, MgkDocProperty property, guint8 value)
{
    gint32 base = styles->paragraph ? styles->paragraph->v[property] : 0;
    props->v[property] = value == 0x80 ? base : value == 0x81 ? !base : value != 0;
}

static void remove_tab(MgkDocProps *props, gint16 position)
{
    for (guint i = 0; i < props->n_tabs; i++) {
        if (props->tabs[i].position == position)
            props->tabs[i] = props->tabs[--props->n_tabs];
    }
}

/* PChgTabsPapxOperand and PChgTabsOperand (2.9.181, 2.9.180): stops to forget, stops to add. */
static void change_tabs(MgkDocProps *props, MgkDocBytes operand, gboolean with_tolerance)
{
    gsize n = operand.size ? operand.data[0] : 0, at = 1 + n * (with_tolerance ? 4 : 2);
    for (gsize i = 0; i < n; i++)
        remove_tab(props, (gint16)mgk_doc_u16(operand, 1 + 2 * i));
    gsize added = at < operand.size ? operand.data[at++] : 0;
    for (gsize i = 0; i < added && at + 2 * added + i < operand.size; i++) {
        MgkDocTab tab = {(gint16)mgk_doc_u16(operand, at + 2 * i), operand.data[at + 2 * added + i]};
        remove_tab(props, tab.position);
        if (props->n_tabs < MGK_DOC_MAX_TABS)
            props->tabs[props->n_tabs++] = tab;
    }
}

static void apply_border(MgkDocProps *props, guint side, MgkDocBytes brc, gboolean old)
{
    mgk_doc_border(brc, old, &props->v[MGK_DOC_BORDER_TOP + side], &props->v[MGK_DOC_COLOR_TOP + side]);
}

static const Style *style_of(const MgkDocStyles *styles, guint number)
{
    return number < styles->n ? &styles->styles[number] : NULL;
}

/* A character style lies between the paragraph's style and the run's own words. */
static void apply_character_style(MgkDocStyles *styles, guint number, guint depth, MgkDocProps *props)
{
    const Style *style = style_of(styles, number);
    if (!style || style->kind != STYLE_CHARACTER || depth >= MAX_DEPTH)
        return;
    if (style->base != NO_STYLE)
        apply_character_style(styles, style->base, depth + 1, props);
    mgk_doc_props_apply(styles, style->run, props);
}

/* Properties that name others are heard once: a list that names itself, and often, would never end. */
static void apply_named(MgkDocStyles *styles, const MgkDocSprm *sprm, MgkDocProps *props)
{
    MgkDocBytes data = styles->file->data;
    gsize offset = mgk_doc_u32(sprm->operand, 0);
    if (styles->inside)
        return;
    styles->inside = TRUE;
    if (sprm->code == HUGE_PAPX)
        mgk_doc_props_apply(styles, mgk_doc_slice(data, offset + 2, mgk_doc_u16(data, offset)), props);
    else
        apply_character_style(styles, mgk_doc_u16(sprm->operand, 0), 0, props);
    styles->inside = FALSE;
}

/* What is more than one number. */
static void apply_special(MgkDocStyles *styles, const MgkDocSprm *sprm, MgkDocProps *props)
{
    MgkDocBytes operand = sprm->operand;
    switch (sprm->code) {
    case HUGE_PAPX:
    case CHARACTER_STYLE:
        apply_named(styles, sprm, props);
        break;
    case 0x6a09: /* sprmCSymbol */
        props->v[MGK_DOC_SYMBOL_FONT] = mgk_doc_u16(operand, 0);
        props->v[MGK_DOC_SYMBOL] = mgk_doc_u16(operand, 2);
        break;
    case 0xca71:
        props->v[MGK_DOC_RUN_SHADE] = shade(operand);
        break;
    case 0x4866:
        props->v[MGK_DOC_RUN_SHADE] = shade_old(operand);
        break;
    case 0xca76:
        props->v[MGK_DOC_FIT_WIDTH] = (gint32)(mgk_doc_u32(operand, 0) & 0xffff);
        props->v[MGK_DOC_FIT_ID] = (gint32)(mgk_doc_u32(operand, 4) & 0x7fffffff);
        break;
    case 0xca78:
        props->v[MGK_DOC_EAST_LAYOUT] = (gint32)mgk_doc_u16(operand, 0);
        break;
    case 0xc60d:
        change_tabs(props, operand, FALSE);
        break;
    case 0xc615:
        change_tabs(props, operand, TRUE);
        break;
    case 0xc64d:
        props->v[MGK_DOC_SHADE] = shade(operand);
        break;
    case 0x442d:
        props->v[MGK_DOC_SHADE] = shade_old(operand);
        break;
    default:
        if (sprm->code >= 0x6424 && sprm->code <= 0x6427)
            apply_border(props, sprm->code - 0x6424u, operand, TRUE);
        if (sprm->code >= 0xc64e && sprm->code <= 0xc651)
            apply_border(props, sprm->code - 0xc64eu, operand, FALSE);
        break;
    }
}

static gboolean apply_single(const MgkDocStyles *styles, const MgkDocSprm *sprm, MgkDocProps *props)
{
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].code != sprm->code)
            continue;
        gint32 *value = &props->v[table[i].property];
        if (table[i].type == TYPE_TOGGLE)
            toggle(styles, props, table[i].property, sprm->operand.data[0]);
        else if (table[i].type == TYPE_U8)
            *value = sprm->operand.data[0];
        else if (table[i].type == TYPE_U16)
            *value = mgk_doc_u16(sprm->operand, 0);
        else if (table[i].type == TYPE_S16)
            *value = (gint16)mgk_doc_u16(sprm->operand, 0);
        else
            *value = (gint32)mgk_doc_u32(sprm->operand, 0);
        return TRUE;
    }
    return FALSE;
}

void mgk_doc_props_apply(MgkDocStyles *styles, MgkDocBytes grpprl, MgkDocProps *props)
{
    MgkDocSprm sprm = {0};
    styles->spent += grpprl.size;
    while (mgk_doc_sprm_next(&grpprl, &sprm)) {
        if (!apply_single(styles, &sprm, props))
            apply_special(styles, &sprm, props);
        if (sprm.code == 0x6870)
            props->v[MGK_DOC_COLOR] = mgk_doc_color((guint32)props->v[MGK_DOC_COLOR]);
        if (sprm.code == 0x2a42)
            props->v[MGK_DOC_COLOR] = mgk_doc_color_index((guint)props->v[MGK_DOC_COLOR_INDEX]);
        if (sprm.code == 0x2461) /* logical: in text from right to left it counts from there, as docx does */
            props->v[MGK_DOC_ALIGN] &= 0xff;
    }
}

/* ---- styles (2.4.6.5) ---- */

static void read_style(Style *style, MgkDocBytes std, gsize base_size)
{
    guint16 kind = mgk_doc_u16(std, 2), count = mgk_doc_u16(std, 4);
    style->kind = kind & 15u;
    style->base = kind >> 4;
    gsize at = base_size + 2 + 2 * ((gsize)mgk_doc_u16(std, base_size) + 1);
    MgkDocBytes parts[3] = {0};
    for (guint i = 0; i < MIN(count & 15u, 3u); i++) {
        gsize size = mgk_doc_u16(std, at);
        parts[i] = mgk_doc_slice(std, at + 2, size);
        at += 2 + size + (size & 1);
    }
    if (style->kind == STYLE_PARAGRAPH) {
        style->paragraph = parts[0].size > 2 ? mgk_doc_slice(parts[0], 2, parts[0].size - 2) : (MgkDocBytes){0};
        style->run = parts[1];
    } else if (style->kind == STYLE_CHARACTER) {
        style->run = parts[0];
    }
}

MgkDocStyles *mgk_doc_styles_new(const MgkDocFile *file)
{
    MgkDocStyles *styles = g_new0(MgkDocStyles, 1);
    MgkDocBytes sheet = mgk_doc_structure(file, MGK_DOC_STYLES);
    styles->file = file;
    gsize at = 2 + (gsize)mgk_doc_u16(sheet, 0), base_size = mgk_doc_u16(sheet, 4);
    guint untrusted_n = mgk_doc_u16(sheet, 2);
    styles->n = MIN(untrusted_n, NO_STYLE);
    styles->styles = g_new0(Style, styles->n + 1);
    for (guint i = 0; i < 3; i++)
        styles->fonts[i] = sheet.size >= 20 ? mgk_doc_u16(sheet, 14 + 2 * (gsize)i) : -1;
    for (guint i = 0; i < styles->n; i++) {
        gsize size = mgk_doc_u16(sheet, at);
        styles->styles[i].base = NO_STYLE;
        MgkDocBytes std = mgk_doc_slice(sheet, at + 2, size);
        if (std.data)
            read_style(&styles->styles[i], std, base_size);
        at += 2 + size;
    }
    return styles;
}

void mgk_doc_styles_free(MgkDocStyles *styles)
{
    if (!styles)
        return;
    for (guint i = 0; i < styles->n; i++)
        g_free(styles->styles[i].known);
    g_free(styles->styles);
    g_free(styles);
}

static void paragraph_style(MgkDocStyles *styles, guint number, guint depth, MgkDocProps *props)
{
    Style *style = number < styles->n ? &styles->styles[number] : NULL;
    if (style && style->known) {
        *props = *style->known;
        return;
    }
    mgk_doc_props_init(props);
    for (guint i = 0; i < 3; i++)
        props->v[MGK_DOC_FONT_ASCII + i] = styles->fonts[i];
    if (!style || style->kind != STYLE_PARAGRAPH)
        return;
    if (style->base != NO_STYLE && depth < MAX_DEPTH)
        paragraph_style(styles, style->base, depth + 1, props);
    MgkDocProps base = *props;
    styles->paragraph = &base;
    mgk_doc_props_apply(styles, style->paragraph, props);
    mgk_doc_props_apply(styles, style->run, props);
    styles->paragraph = NULL;
    if (depth == 0)
        style->known = g_memdup2(props, sizeof *props);
}

gboolean mgk_doc_styles_exhausted(const MgkDocStyles *styles)
{
    return styles->spent > MAX_SPENT;
}

static guint32 place_of(const MgkDocStyles *styles, guint32 position)
{
    return styles->file->place[MIN(position, styles->file->length)];
}

MgkDocBytes mgk_doc_paragraph_bytes(const MgkDocStyles *styles, guint32 position)
{
    const MgkDocSpan *span = mgk_doc_span_at(styles->file->paragraphs, place_of(styles, position));
    return span ? span->grpprl : (MgkDocBytes){0};
}

void mgk_doc_paragraph_props(MgkDocStyles *styles, guint32 position, MgkDocProps *ret_props)
{
    const MgkDocSpan *span = mgk_doc_span_at(styles->file->paragraphs, place_of(styles, position));
    paragraph_style(styles, span ? span->style : 0, 0, ret_props);
    if (span)
        mgk_doc_props_apply(styles, span->grpprl, ret_props);
    mgk_doc_props_apply(styles, mgk_doc_piece_properties(styles->file, position), ret_props);
}

void mgk_doc_run_props(MgkDocStyles *styles, const MgkDocProps *paragraph, guint32 position, MgkDocProps *ret_props,
                       guint32 *ret_end)
{
    const MgkDocFile *file = styles->file;
    const MgkDocSpan *span = mgk_doc_span_at(file->runs, file->place[position]);
    MgkDocBytes piece = mgk_doc_piece_properties(file, position);
    *ret_props = *paragraph;
    styles->paragraph = paragraph;
    if (span)
        mgk_doc_props_apply(styles, span->grpprl, ret_props);
    mgk_doc_props_apply(styles, piece, ret_props);
    styles->paragraph = NULL;
    *ret_end = position + 1;
    while (span && *ret_end < file->length && file->place[*ret_end] > span->start &&
           file->place[*ret_end] < span->end && file->place[*ret_end] > file->place[*ret_end - 1] &&
           file->place[*ret_end] - file->place[*ret_end - 1] <= 2)
        ++*ret_end;
}
