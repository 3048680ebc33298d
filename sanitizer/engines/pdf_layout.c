#include "engines/pdf_layout.h"

#include <math.h>
#include <string.h>

#define CELL 16.0          /* points: glyphs are looked up by cells of this size */
#define BUCKETS 4096       /* a power of two */
#define MAX_CELLS 8        /* looked through in each direction for one character */
#define VERTICAL_RISE 0.88 /* of the em: a vertical cell's top above its glyph's origin */
#define START_SLACK 0.12   /* of the em: between a glyph's origin and its character's edge */

/* A glyph in points. */
typedef struct Place {
    double x, y;                     /* origin */
    double left, top, right, bottom; /* ink */
    double ax, ay, em, width;
    gint32 next; /* of the same bucket, -1 at the end */
} Place;

typedef struct Map {
    GArray *glyphs; /* borrowed */
    Place *places;  /* owned, one a glyph */
    gint32 bucket[BUCKETS];
} Map;

/* A character of the page's text. */
typedef struct Letter {
    gunichar character;
    PopplerRectangle box;
} Letter;

static guint bucket_of(gint column, gint row)
{
    return ((guint)column * 73856093u ^ (guint)row * 19349663u) % BUCKETS;
}

static gint cell(double points)
{
    return (gint)floor(CLAMP(points, -1e6, 1e6) / CELL);
}

static Place place_of(const MgkGlyph *glyph, const MgkPdfScale *scale)
{
    double sx = scale->x / 1000, sy = scale->y / 1000, left = scale->left / 1000, top = scale->top / 1000;
    Place place = {.x = left + glyph->x * sx,
                   .y = top + glyph->y * sy,
                   .left = left + glyph->box[0] * sx,
                   .top = top + glyph->box[1] * sy,
                   .right = left + glyph->box[2] * sx,
                   .bottom = top + glyph->box[3] * sy,
                   .ax = glyph->along_x * sx,
                   .ay = glyph->along_y * sy,
                   .em = glyph->em * sy,
                   .width = glyph->width * sx};
    return place;
}

static void fill_map(Map *map, const MgkPdfScale *scale)
{
    memset(map->bucket, 0xff, sizeof map->bucket);
    for (guint i = map->glyphs->len; i-- > 0;) {
        map->places[i] = place_of(&g_array_index(map->glyphs, MgkGlyph, i), scale);
        guint bucket = bucket_of(cell(map->places[i].x), cell(map->places[i].y));
        map->places[i].next = map->bucket[bucket];
        map->bucket[bucket] = (gint32)i;
    }
}

/* How far a glyph's origin is from where its character begins, in ems; large when it is not its glyph at all. */
static double start_distance(const Place *place, const PopplerRectangle *box)
{
    double slack = 0.1 * place->em, edge;
    gboolean level = fabs(place->ax) >= fabs(place->ay);
    if (level ? place->y < box->y1 - slack || place->y > box->y2 + slack
              : place->x < box->x1 - slack || place->x > box->x2 + slack)
        return G_MAXDOUBLE;
    if (level)
        edge = place->x - (place->ax >= 0 ? box->x1 : box->x2);
    else
        edge = place->y - (place->ay >= 0 ? box->y1 : box->y2);
    return fabs(edge) / MAX(place->em, 0.1);
}

/* The same for vertical writing, where the page's text puts a letter beside and above its glyph: its box begins at the
 * middle of the cell and ends at the cell's top. */
static double cell_distance(const Place *place, const PopplerRectangle *box)
{
    double em = MAX(place->em, 0.1);
    if (place->ax <= 0 || fabs(place->ay) > 0.01 * em || fabs(box->y2 - box->y1 - em) > 0.2 * em)
        return G_MAXDOUBLE;
    return (fabs(place->x + place->width / 2 - box->x1) + fabs(place->y - VERTICAL_RISE * em - box->y2)) / em;
}

/* Slices of a ligature, and vertical writing, where origins are elsewhere. */
static gboolean shares_place(const Place *place, const PopplerRectangle *box)
{
    double x = (box->x1 + box->x2) / 2, y = (box->y1 + box->y2) / 2, slack = 0.05 * place->em;
    double middle_x = (place->left + place->right) / 2, middle_y = (place->top + place->bottom) / 2;
    gboolean letter_in_glyph = x >= MIN(place->left, place->x) - slack &&
                               x <= MAX(place->right, place->x + place->width) + slack && y >= place->top - slack &&
                               y <= place->bottom + slack;
    gboolean glyph_in_letter = middle_x >= box->x1 - slack && middle_x <= box->x2 + slack &&
                               middle_y >= box->y1 - slack && middle_y <= box->y2 + slack;
    return letter_in_glyph || glyph_in_letter;
}

static gboolean has_character(const MgkGlyph *glyph, gunichar character)
{
    for (guint i = 0; i < glyph->n_characters; i++) {
        if (glyph->characters[i] == character)
            return TRUE;
    }
    return FALSE;
}

/* The glyph for a letter: one that begins where it begins, best one that is known to be it; else one that is in its
 * place. -1: none. */
static gint find_glyph(const Map *map, const Letter *letter, gboolean *ret_starts)
{
    const PopplerRectangle *box = &letter->box;
    double reach = MAX(box->x2 - box->x1, box->y2 - box->y1), best = START_SLACK;
    gint found = -1, shared = -1;
    gint left = cell(box->x1 - reach), right = cell(box->x2 + 1), top = cell(box->y1 - 1),
         bottom = cell(box->y2 + 1.5 * reach);
    for (gint row = top; row <= MIN(bottom, top + MAX_CELLS); row++) {
        for (gint column = left; column <= MIN(right, left + MAX_CELLS); column++) {
            for (gint32 i = map->bucket[bucket_of(column, row)]; i >= 0; i = map->places[i].next) {
                const MgkGlyph *glyph = &g_array_index(map->glyphs, MgkGlyph, (guint)i);
                const Place *place = &map->places[i];
                gboolean same = has_character(glyph, letter->character);
                double distance =
                    MIN(start_distance(place, box), cell_distance(place, box) + 0.02) - (same ? 0.001 : 0);
                if (distance < best) {
                    best = distance;
                    found = i;
                }
                if (found < 0 && (shared < 0 || same) && glyph->state != MGK_GLYPH_BLANK && shares_place(place, box))
                    shared = i;
            }
        }
    }
    *ret_starts = found >= 0;
    return found >= 0 ? found : shared;
}

static void name(MgkGlyph *glyph, gunichar character, gboolean starts)
{
    if (has_character(glyph, character) && (starts || !glyph->named))
        return;
    if (glyph->n_characters && !glyph->named)
        return; /* the glyph came with its characters: they are the truth */
    if (starts && glyph->n_characters) {
        glyph->ambiguous = TRUE;
        return;
    }
    glyph->named = TRUE;
    if (glyph->n_characters < MGK_GLYPH_CHARACTERS)
        glyph->characters[glyph->n_characters++] = character;
    else
        glyph->overlong = TRUE;
}

/* How far the page's text says a letter reaches, which counts for where words end: the font that stands in for a
 * missing one has widths of its own. */
static void widen(MgkGlyph *glyph, const Place *place, const Letter *letter, const MgkPdfScale *scale, gboolean starts)
{
    gboolean level = fabs(place->ax) >= fabs(place->ay);
    double reach = level ? (letter->box.x2 - letter->box.x1) * 1000 / scale->x
                         : (letter->box.y2 - letter->box.y1) * 1000 / scale->y;
    if ((!starts && !glyph->measured) || cell_distance(place, &letter->box) < START_SLACK)
        return;
    glyph->width = starts ? reach : glyph->width + reach;
    glyph->measured = TRUE;
}

static gboolean is_mark(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || c == 0x200e || c == 0x200f;
}

static guint name_all(const Map *map, const char *text, const PopplerRectangle *boxes, guint n,
                      const MgkPdfScale *scale)
{
    guint undrawn = 0, i = 0;
    for (; *text && i < n; text = g_utf8_next_char(text)) {
        Letter letter = {.character = g_utf8_get_char(text), .box = boxes[i]};
        if (is_mark(letter.character))
            continue;
        i++;
        if (g_unichar_isspace(letter.character) || !mgk_page_stream_character_ok(letter.character))
            continue;
        gboolean starts = FALSE;
        gint found = find_glyph(map, &letter, &starts);
        if (found < 0) {
            undrawn++;
            continue;
        }
        MgkGlyph *glyph = &g_array_index(map->glyphs, MgkGlyph, (guint)found);
        widen(glyph, &map->places[found], &letter, scale, starts);
        name(glyph, letter.character, starts);
    }
    return undrawn;
}

guint mgk_pdf_layout_name(PopplerPage *page, GArray *glyphs, const MgkPdfScale *scale)
{
    g_autofree char *text = poppler_page_get_text(page);
    g_autofree PopplerRectangle *boxes = NULL;
    guint n = 0;
    if (!text || !text[0] || !poppler_page_get_text_layout(page, &boxes, &n))
        return 0;
    g_autofree Place *places = g_new0(Place, glyphs->len + 1);
    g_autofree Map *map = g_new0(Map, 1);
    map->glyphs = glyphs;
    map->places = places;
    fill_map(map, scale);
    return name_all(map, text, boxes, n, scale);
}
