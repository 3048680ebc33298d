#include "engines/pdf_text.h"

#include <math.h>
#include <string.h>

#define FLUSH_BYTES (256 * 1024)
#define MAX_RUN 4096       /* glyphs */
#define MAX_SIZES 256      /* of bitmap fonts, looked at on one page */
#define SMALL_EM 4000      /* 1/1000 pt: below, an em may be a bitmap font's */
#define SMALLEST_EM 1500   /* 1/1000 pt: nobody reads letters of less */
#define BLANK_WIDTH 0.1    /* of the em: a blank glyph that has no character and less width is no space */
#define VERTICAL_RISE 0.88 /* of the em: from a vertical glyph's origin up to its cell's edge */
#define VERTICAL_BASE 0.3  /* from a cell's middle back to where our font's base line makes the same cell */

/* A glyph on the page, 1/1000 pt. */
typedef struct Spot {
    double x, y, ax, ay; /* origin; reading direction of its font, a unit vector */
    double em, width, ink_height;
    const MgkGlyph *glyph;
} Spot;

typedef struct Text {
    MgkJob *job;
    GByteArray *buffer; /* owned: finished runs */
    GArray *run;        /* owned: of MgkPageGlyph */
    guint used;         /* up to the last glyph that is no space */
    Spot first, last;
    gboolean vertical;
    gint last_n; /* characters of the last glyph */
} Text;

static Spot spot_of(const MgkGlyph *glyph, const MgkPdfScale *scale)
{
    Spot spot = {.glyph = glyph, .x = scale->left + glyph->x * scale->x, .y = scale->top + glyph->y * scale->y};
    double ax = glyph->along_x * scale->x, ay = glyph->along_y * scale->y, length = hypot(ax, ay);
    spot.ax = length > 0 ? ax / length : 1;
    spot.ay = length > 0 ? ay / length : 0;
    double mean = (scale->x + scale->y) / 2;
    spot.em = glyph->em * mean;
    spot.width = MAX(glyph->width * mean, 0);
    spot.ink_height = MAX(glyph->box[3] - glyph->box[1], glyph->box[2] - glyph->box[0]) * mean;
    return spot;
}

/* Bitmap fonts count in units of their own, so their em says nothing: the tallest glyph of all fonts of that em does.
 */
typedef struct Tallest {
    double em, ink;
} Tallest;

static void measure(GArray *fonts, const Spot *spot)
{
    for (guint i = 0; i < fonts->len; i++) {
        Tallest *font = &g_array_index(fonts, Tallest, i);
        if (fabs(font->em - spot->em) <= 0.001 * spot->em) {
            font->ink = MAX(font->ink, spot->ink_height);
            return;
        }
    }
    Tallest font = {.em = spot->em, .ink = spot->ink_height};
    if (fonts->len < MAX_SIZES)
        g_array_append_val(fonts, font);
}

static double true_em(const GArray *fonts, double em)
{
    for (guint i = 0; i < fonts->len; i++) {
        const Tallest *font = &g_array_index(fonts, Tallest, i);
        if (fabs(font->em - em) <= 0.001 * em)
            return font->ink > 1.8 * em ? font->ink : em;
    }
    return em;
}

static gint32 milli(double value)
{
    return (gint32)CLAMP(lround(value), -MGK_PAGE_MAX_LENGTH, MGK_PAGE_MAX_LENGTH);
}

static gboolean flush(Text *text, GError **error)
{
    if (!text->buffer->len)
        return TRUE;
    gboolean ok = text->job->send(text->job, MGK_PAGE_TEXT, text->buffer->data, text->buffer->len, error);
    g_byte_array_set_size(text->buffer, 0);
    return ok;
}

static gboolean end_run(Text *text, GError **error)
{
    guint n = text->used;
    if (n) {
        const Spot *first = &text->first;
        double x = first->x, y = first->y, cx = first->ax, cy = first->ay;
        if (text->vertical) {
            double aside = first->width / 2 - VERTICAL_BASE * first->em, back = VERTICAL_RISE * first->em;
            x += aside * first->ax + back * first->ay;
            y += aside * first->ay - back * first->ax;
            cx = -first->ay;
            cy = first->ax;
        }
        MgkPageRun run = {.x = milli(x),
                          .y = milli(y),
                          .cos = (gint32)lround(cx * 1e6),
                          .sin = (gint32)lround(cy * 1e6),
                          .size = MAX(milli(first->em), 1),
                          .n = n};
        g_byte_array_append(text->buffer, (const guint8 *)&run, sizeof run);
        g_byte_array_append(text->buffer, (const guint8 *)text->run->data, n * (guint)sizeof(MgkPageGlyph));
    }
    g_array_set_size(text->run, 0);
    text->used = 0;
    text->vertical = FALSE;
    return text->buffer->len < FLUSH_BYTES || flush(text, error);
}

/* Does the glyph go on where the run stands? *ret_step: from the last origin to its own, along the run. */
static gboolean continues(Text *text, const Spot *spot, double *ret_step)
{
    const Spot *last = &text->last;
    if (!last->glyph || !text->run->len || text->run->len >= MAX_RUN || fabs(spot->em - last->em) > 0.02 * last->em ||
        spot->ax * last->ax + spot->ay * last->ay < 0.9995)
        return FALSE;
    double dx = spot->x - last->x, dy = spot->y - last->y, em = last->em;
    double along = dx * last->ax + dy * last->ay, across = dy * last->ax - dx * last->ay; /* across: downwards */
    if (!text->vertical && fabs(across) <= 0.01 * em + 20) {
        *ret_step = along;
        return along > -0.05 * em && along < last->width + 3 * em && along > last->width - 0.6 * em;
    }
    /* No line of horizontal writing runs downwards, and lines of one letter each are set wider than an em. */
    gboolean turns = spot->glyph->string == last->glyph->string || fabs(across - em) <= 0.05 * em;
    gboolean may_turn = text->vertical || (text->last_n == (gint)text->run->len && text->last_n == 1 && turns);
    double middle = along + (spot->width - last->width) / 2;
    gboolean below = fabs(middle) <= 0.1 * em || fabs(along) <= 0.02 * em;
    if (!may_turn || !below || across < 0.2 * em || across > 3 * em)
        return FALSE;
    if (!text->vertical) {
        text->vertical = TRUE;
        g_array_index(text->run, MgkPageGlyph, 0).width = milli(em);
    }
    *ret_step = across;
    return TRUE;
}

static gboolean is_space(guint32 c)
{
    return c == 0x20 || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200b);
}

static gboolean all_spaces(const MgkGlyph *glyph)
{
    for (guint i = 0; i < glyph->n_characters; i++) {
        if (!is_space(glyph->characters[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean add(Text *text, const Spot *spot, GError **error)
{
    double step = 0;
    const MgkGlyph *glyph = spot->glyph;
    gboolean space = all_spaces(glyph), joined = continues(text, spot, &step);
    if (!joined && !end_run(text, error))
        return FALSE;
    if (!joined && space)
        return TRUE; /* no run begins with a space */
    if (joined) {
        MgkPageGlyph *before = &g_array_index(text->run, MgkPageGlyph, text->run->len - 1);
        gint32 so_far = 0;
        for (gint i = 1; i < text->last_n; i++)
            so_far += g_array_index(text->run, MgkPageGlyph, text->run->len - 1 - (guint)i).advance;
        before->advance = milli(step) - so_far;
    } else {
        text->first = *spot;
    }
    double cell = text->vertical ? (joined ? MIN(spot->em, fabs(step) * 1.2) : spot->em) : spot->width;
    guint n = 0;
    for (guint i = 0; i < glyph->n_characters; i++)
        n += mgk_page_stream_character_ok(glyph->characters[i]);
    for (guint i = 0; i < glyph->n_characters; i++) {
        if (!mgk_page_stream_character_ok(glyph->characters[i]))
            continue;
        MgkPageGlyph out = {.character = glyph->characters[i], .width = milli(cell / n), .advance = milli(cell / n)};
        g_array_append_val(text->run, out);
    }
    text->last = *spot;
    text->last_n = (gint)n;
    if (!space)
        text->used = text->run->len;
    return TRUE;
}

static gboolean wanted(const Spot *spot, MgkPdfTextCount *count)
{
    const MgkGlyph *glyph = spot->glyph;
    guint n = 0;
    for (guint i = 0; i < glyph->n_characters; i++)
        n += mgk_page_stream_character_ok(glyph->characters[i]);
    if (!n)
        return FALSE;
    if (all_spaces(glyph))
        return TRUE;
    gboolean seen = glyph->state == MGK_GLYPH_SEEN && spot->em >= SMALLEST_EM;
    if (seen && (glyph->overlong || glyph->ambiguous)) {
        count->overlong++;
        return FALSE;
    }
    if (seen)
        count->seen += n;
    else
        count->hidden += n;
    return seen;
}

gboolean mgk_pdf_text_send(MgkJob *job, const GArray *glyphs, const MgkPdfScale *scale, MgkPdfTextCount *ret_count,
                           GError **error)
{
    g_autoptr(GByteArray) buffer = g_byte_array_new();
    g_autoptr(GArray) run = g_array_new(FALSE, FALSE, sizeof(MgkPageGlyph));
    g_autoptr(GArray) fonts = g_array_new(FALSE, FALSE, sizeof(Tallest));
    Text text = {.job = job, .buffer = buffer, .run = run};
    for (guint i = 0; i < glyphs->len; i++) {
        Spot spot = spot_of(&g_array_index(glyphs, MgkGlyph, i), scale);
        if (spot.em < SMALL_EM)
            measure(fonts, &spot);
    }
    for (guint i = 0; i < glyphs->len; i++) {
        MgkGlyph *glyph = &g_array_index(glyphs, MgkGlyph, i);
        if (glyph->state == MGK_GLYPH_BLANK && !glyph->n_characters && glyph->width > BLANK_WIDTH * glyph->em)
            glyph->characters[glyph->n_characters++] = ' ';
        Spot spot = spot_of(glyph, scale);
        if (spot.em < SMALL_EM)
            spot.em = true_em(fonts, spot.em);
        if (wanted(&spot, ret_count) && !add(&text, &spot, error))
            return FALSE;
    }
    return end_run(&text, error) && flush(&text, error);
}

static double pixels_needed(guint32 c)
{
    if ((c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff))
        return 16;
    return (c >= 0x3040 && c <= 0x30ff) || (c >= 0xac00 && c <= 0xd7a3) ? 12 : 10;
}

double mgk_pdf_text_needs_dpi(const GArray *glyphs, double dpi)
{
    double most = 0;
    for (guint i = 0; i < glyphs->len; i++) {
        const MgkGlyph *glyph = &g_array_index(glyphs, MgkGlyph, i);
        if (glyph->state != MGK_GLYPH_SEEN || !glyph->n_characters)
            continue;
        double height = MAX(glyph->em, glyph->box[3] - glyph->box[1]);
        most = MAX(most, pixels_needed(glyph->characters[0]) / MAX(height, 0.5) * dpi);
    }
    return most;
}
