#include "engines/pdf_layout.h"

#include <math.h>
#include <string.h>

#define CELL 16.0          /* points: glyphs are looked up by cells of this size */
#define BUCKETS 4096       /* a power of two */
#define MAX_CELLS 8        /* looked through in each direction for one character */
#define VERTICAL_RISE 0.88 /* of the em: a vertical cell's top above its glyph's origin */
#define START_SLACK \
    0.03 /* of the em: between a glyph's origin and its character's edge, both from the same numbers \
          */
#define CELL_SLACK 0.08
#define SURE_SLACK 0.001  /* with its baseline and size where the letter has them */
#define BLANK_SLACK 0.015 /* a letter is rather that of a glyph with ink */
#define BASE 0.22         /* of a letter's height: from its lower edge to the base line */

#define NO_GLYPH (-1)
#define REPLACED (-2) /* the letter stands where a glyph says otherwise */

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

/* Of two glyphs at one edge, the one nearer to the letter's base line and size is its own: lines of different sizes
 * overlap. Small, since it only decides between equals. */
static double off_line(const Place *place, const PopplerRectangle *box)
{
    gboolean level = fabs(place->ax) >= fabs(place->ay);
    double em = MAX(place->em, 0.1), height = level ? box->y2 - box->y1 : box->x2 - box->x1;
    double base = level ? (place->ax >= 0 ? box->y2 - BASE * height : box->y1 + BASE * height)
                        : (place->ay >= 0 ? box->x1 + BASE * height : box->x2 - BASE * height);
    double off = fabs((level ? place->y : place->x) - base) / em + fabs(height / em - 1);
    return 0.001 * MIN(off, 2);
}

/* The same for vertical writing, where the page's text puts a letter beside and above its glyph: its box begins at the
 * middle of the cell and ends at the cell's top. */
static double cell_distance(const Place *place, const PopplerRectangle *box)
{
    double em = MAX(place->em, 0.1);
    if (place->ax <= 0 || fabs(place->ay) > 0.01 * em || fabs(box->y2 - box->y1 - em) > 0.2 * em)
        return G_MAXDOUBLE;
    /* The cell is as wide as the file says, which is an em or what the glyph needs. */
    double aside = MIN(fabs(place->x + place->width / 2 - box->x1), fabs(place->x + em / 2 - box->x1));
    return (aside + fabs(place->y - VERTICAL_RISE * em - box->y2)) / em;
}

/* The letter lies where the glyph is: replacement text, and slices of a ligature. */
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

/* How badly a glyph suits a letter, in ems; large: not at all. First round: it begins where the letter begins. Second
 * round, for what is left: it is a vertical letter's glyph, or has a name already and shares the letter's place. */
static double misfit(const MgkGlyph *glyph, const Place *place, const MgkPdfLetter *letter, gboolean second_round)
{
    gboolean same = has_character(glyph, letter->character);
    if (!second_round) {
        double distance = start_distance(place, &letter->box);
        if (glyph->state == MGK_GLYPH_BLANK)
            distance += BLANK_SLACK;
        return distance < START_SLACK ? distance + off_line(place, &letter->box) - (same ? 0.001 : 0) : G_MAXDOUBLE;
    }
    if (glyph->state == MGK_GLYPH_BLANK)
        return G_MAXDOUBLE;
    double distance = glyph->n_characters && !same ? G_MAXDOUBLE : cell_distance(place, &letter->box);
    if (distance < CELL_SLACK)
        return distance;
    return glyph->n_characters && shares_place(place, &letter->box) ? (same ? 0.8 : 0.9) : G_MAXDOUBLE;
}

/* Is the glyph drawn after the last one this letter's, beyond doubt? It nearly always is. */
static gboolean is_next(const Map *map, gint glyph, const MgkPdfLetter *letter)
{
    if (glyph < 0 || (guint)glyph >= map->glyphs->len)
        return FALSE;
    const MgkGlyph *next = &g_array_index(map->glyphs, MgkGlyph, (guint)glyph);
    return (!next->n_characters || has_character(next, letter->character)) &&
           misfit(next, &map->places[glyph], letter, FALSE) < SURE_SLACK;
}

/* The glyph that suits a letter best, -1 for none. */
static gint find_glyph(const Map *map, const MgkPdfLetter *letter, gboolean second_round)
{
    const PopplerRectangle *box = &letter->box;
    double reach = MAX(box->x2 - box->x1, box->y2 - box->y1), best = 1;
    gint found = -1, left = cell(box->x1 - reach), right = cell(box->x2 + 1), top = cell(box->y1 - 1);
    gint bottom = cell(box->y2 + (second_round ? 1.5 * reach : 1));
    for (gint row = top; row <= MIN(bottom, top + MAX_CELLS); row++) {
        for (gint column = left; column <= MIN(right, left + MAX_CELLS); column++) {
            for (gint32 i = map->bucket[bucket_of(column, row)]; i >= 0; i = map->places[i].next) {
                double bad =
                    misfit(&g_array_index(map->glyphs, MgkGlyph, (guint)i), &map->places[i], letter, second_round);
                if (bad < best) {
                    best = bad;
                    found = i;
                }
            }
        }
    }
    return found;
}

/* A letter begins where the glyph does. A second one there that is another character: one of the two is not seen. */
static void name(MgkGlyph *glyph, gunichar character)
{
    if (has_character(glyph, character) || (glyph->n_characters && !glyph->named))
        return; /* a glyph that came with its characters: they are the truth */
    if (glyph->n_characters)
        glyph->ambiguous = TRUE;
    else
        glyph->characters[glyph->n_characters++] = character;
    glyph->named = TRUE;
}

/* A further slice of a ligature's box follows the slice before. */
static void name_slice(MgkGlyph *glyph, gunichar character)
{
    if (!glyph->named)
        return;
    if (glyph->n_characters < MGK_GLYPH_CHARACTERS)
        glyph->characters[glyph->n_characters++] = character;
    else
        glyph->overlong = TRUE;
}

static gboolean follows(const MgkPdfLetter *before, const MgkPdfLetter *letter)
{
    const PopplerRectangle *a = &before->box, *b = &letter->box;
    gboolean level = fabs(a->y1 - b->y1) < 0.01 && fabs(a->y2 - b->y2) < 0.01;
    gboolean upright = fabs(a->x1 - b->x1) < 0.01 && fabs(a->x2 - b->x2) < 0.01;
    return (level && (fabs(a->x2 - b->x1) < 0.01 || fabs(a->x1 - b->x2) < 0.01)) ||
           (upright && (fabs(a->y2 - b->y1) < 0.01 || fabs(a->y1 - b->y2) < 0.01));
}

/* How far the page's text says a letter reaches, which counts for where words end: the font that stands in for a
 * missing one has widths of its own. */
static void widen(MgkGlyph *glyph, const Place *place, const MgkPdfLetter *letter, const MgkPdfScale *scale,
                  gboolean first)
{
    gboolean level = fabs(place->ax) >= fabs(place->ay);
    double reach = level ? (letter->box.x2 - letter->box.x1) * 1000 / scale->x
                         : (letter->box.y2 - letter->box.y1) * 1000 / scale->y;
    glyph->width = first ? reach : glyph->width + reach;
}

static gboolean is_mark(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || c == 0x200e || c == 0x200f;
}

/* The letters of the page's text that could be drawn. */
static GArray *letters_of(const char *text, const PopplerRectangle *boxes, guint n)
{
    GArray *letters = g_array_new(FALSE, FALSE, sizeof(MgkPdfLetter));
    for (guint i = 0; *text && i < n; text = g_utf8_next_char(text)) {
        MgkPdfLetter letter = {.character = g_utf8_get_char(text), .box = boxes[i], .glyph = NO_GLYPH};
        if (is_mark(letter.character))
            continue; /* has no box */
        i++;
        if (!g_unichar_isspace(letter.character) && mgk_page_stream_character_ok(letter.character))
            g_array_append_val(letters, letter);
    }
    return letters;
}

static void name_starts(const Map *map, GArray *letters, const MgkPdfScale *scale)
{
    gint last = -1;
    for (guint i = 0; i < letters->len; i++) {
        MgkPdfLetter *letter = &g_array_index(letters, MgkPdfLetter, i);
        letter->glyph = is_next(map, last + 1, letter) ? last + 1 : find_glyph(map, letter, FALSE);
        if (letter->glyph < 0)
            continue;
        last = letter->glyph;
        MgkGlyph *glyph = &g_array_index(map->glyphs, MgkGlyph, (guint)letter->glyph);
        widen(glyph, &map->places[letter->glyph], letter, scale, TRUE);
        name(glyph, letter->character);
    }
}

/* Leaves only the letters that no glyph stands for. */
static void name_rest(const Map *map, GArray *letters, const MgkPdfScale *scale)
{
    guint undrawn = 0;
    for (guint i = 0; i < letters->len; i++) {
        MgkPdfLetter *letter = &g_array_index(letters, MgkPdfLetter, i);
        if (letter->glyph >= 0)
            continue;
        letter->glyph = find_glyph(map, letter, TRUE);
        if (letter->glyph < 0)
            continue;
        MgkGlyph *glyph = &g_array_index(map->glyphs, MgkGlyph, (guint)letter->glyph);
        const MgkPdfLetter *before = i ? letter - 1 : NULL;
        if (!glyph->n_characters) {
            name(glyph, letter->character); /* vertical */
        } else if (before && before->glyph == letter->glyph && follows(before, letter)) {
            widen(glyph, &map->places[letter->glyph], letter, scale, FALSE);
            name_slice(glyph, letter->character);
        } else {
            letter->glyph = REPLACED; /* no slice follows a letter that is not the glyph's own */
        }
    }
    for (guint i = 0; i < letters->len; i++) {
        if (g_array_index(letters, MgkPdfLetter, i).glyph == NO_GLYPH)
            g_array_index(letters, MgkPdfLetter, undrawn++) = g_array_index(letters, MgkPdfLetter, i);
    }
    g_array_set_size(letters, undrawn);
}

GArray *mgk_pdf_layout_name(PopplerPage *page, GArray *glyphs, const MgkPdfScale *scale)
{
    g_autofree char *text = poppler_page_get_text(page);
    g_autofree PopplerRectangle *boxes = NULL;
    guint n = 0;
    if (!text || !text[0] || !poppler_page_get_text_layout(page, &boxes, &n))
        return g_array_new(FALSE, FALSE, sizeof(MgkPdfLetter));
    g_autofree Place *places = g_new0(Place, glyphs->len + 1);
    g_autofree Map *map = g_new0(Map, 1);
    map->glyphs = glyphs;
    map->places = places;
    fill_map(map, scale);
    g_autoptr(GArray) letters = letters_of(text, boxes, n);
    name_starts(map, letters, scale);
    name_rest(map, letters, scale);
    return g_steal_pointer(&letters);
}
