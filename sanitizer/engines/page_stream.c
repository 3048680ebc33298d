#include "engines/page_stream.h"

#include <string.h>

#define MAX_TEXT 4096
#define MAX_OUTLINE 20000
#define MAX_DEPTH 64
#define MAX_LINKS_A_PAGE 20000
#define MAX_GLYPHS_A_PAGE 400000
#define MILLION 1000000

struct MgkPageReader {
    MgkJob *job;        /* borrowed */
    guint8 *block;      /* owned: the last record */
    GByteArray *pixels; /* owned: of the band being received */
    guint32 palette[256];
    char text[MAX_TEXT + 1];
    MgkPageDocument document;
    MgkPageHead page;
    guint next_page, outlines, links, glyphs, depth;
    guint64 area; /* pixels of the page's bands so far, or of its images */
    gboolean begun, in_page;
    gboolean banded, drawn; /* what the page is made of */
    MgkDrawState drawing;
};

gboolean mgk_page_stream_send(MgkJob *job, MgkPageRecordType type, gconstpointer head, gsize head_size,
                              gconstpointer tail, gsize tail_size, GError **error)
{
    if (!tail_size)
        return job->send(job, type, head, head_size, error);
    g_autofree guint8 *block = g_malloc(head_size + tail_size);
    if (head_size)
        memcpy(block, head, head_size);
    memcpy(block + head_size, tail, tail_size);
    return job->send(job, type, block, head_size + tail_size, error);
}

gsize mgk_page_stream_row_bytes(const MgkPageBand *band)
{
    return ((gsize)band->width * band->bits + 7) / 8;
}

gboolean mgk_page_stream_uri_ok(const char *uri)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    gboolean known = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++)
        known = known || g_ascii_strncasecmp(uri, schemes[i], strlen(schemes[i])) == 0;
    if (!known)
        return FALSE;
    for (const char *at = uri; *at; at++) {
        if (!g_ascii_isalnum(*at) && !strchr("-._~:/?#[]@!$&'()*+,;=%", *at))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_page_stream_character_ok(guint32 character)
{
    if (character < 0x20 || (character >= 0x7f && character < 0xa0) || character > 0x10ffff)
        return FALSE;
    if ((character >= 0xd800 && character < 0xe000) || (character & 0xfffe) == 0xfffe ||
        (character >= 0xfdd0 && character < 0xfdf0))
        return FALSE;
    if ((character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x206f) ||
        character == 0x200e || character == 0x200f || character == 0x2028 || character == 0x2029)
        return FALSE;
    return character < 0xe0000 || character > 0xe007f;
}

static gboolean broken(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "page stream: %s", what);
    return FALSE;
}

static gboolean over(GError **error, const char *limit)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "%s: page stream", limit);
    return FALSE;
}

static gboolean length_ok(gint32 untrusted_length, gint32 maximum)
{
    return untrusted_length >= -maximum && untrusted_length <= maximum;
}

static gboolean position_ok(gint32 untrusted)
{
    return untrusted == MGK_PAGE_NO_POSITION || length_ok(untrusted, MGK_PAGE_MAX_LENGTH);
}

static gboolean dpi_ok(guint32 untrusted_millidpi)
{
    return untrusted_millidpi >= 1 && untrusted_millidpi <= 5000000;
}

static gboolean target_ok(const MgkPageReader *reader, guint32 untrusted_page)
{
    return untrusted_page == MGK_PAGE_NO_PAGE || untrusted_page < reader->document.pages;
}

/* The text after a head, as a string of harmless characters. */
static gboolean take_text(MgkPageReader *reader, gsize head, gsize size, MgkPageRecord *record, GError **error)
{
    gsize length = size - head;
    if (length > MAX_TEXT)
        return over(error, "text");
    if (length)
        memcpy(reader->text, reader->block + head, length);
    reader->text[length] = '\0';
    if (strlen(reader->text) != length || !g_utf8_validate(reader->text, (gssize)length, NULL))
        return broken(error, "text is no UTF-8");
    for (const char *at = reader->text; *at; at = g_utf8_next_char(at)) {
        if (!mgk_page_stream_character_ok(g_utf8_get_char(at)))
            return broken(error, "control character in a text");
    }
    record->text = reader->text;
    return TRUE;
}

static gboolean take_document(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    const MgkPageDocument *untrusted = &record->document;
    if (reader->begun)
        return broken(error, "two documents");
    if (!untrusted->pages || untrusted->pages > reader->job->policy->limits.pages)
        return over(error, "pages");
    reader->document = *untrusted;
    reader->begun = TRUE;
    return take_text(reader, sizeof *untrusted, size, record, error);
}

static gboolean take_outline(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    const MgkPageOutline *untrusted = &record->outline;
    guint deepest = reader->outlines ? reader->depth + 1 : 0;
    if (reader->in_page || untrusted->depth > MIN(deepest, MAX_DEPTH) || untrusted->open > 1 ||
        !target_ok(reader, untrusted->page) || !position_ok(untrusted->x) || !position_ok(untrusted->y))
        return broken(error, "outline item");
    if (reader->outlines++ >= MAX_OUTLINE)
        return over(error, "outline");
    reader->depth = untrusted->depth;
    return take_text(reader, sizeof *untrusted, size, record, error);
}

static gboolean take_page(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    const MgkPageHead *untrusted = &record->page;
    guint64 pixels = (guint64)untrusted->px_width * untrusted->px_height;
    if (reader->in_page || untrusted->index != reader->next_page || untrusted->index >= reader->document.pages)
        return broken(error, "page out of turn");
    if (untrusted->width < 1 || untrusted->width > MGK_PAGE_MAX_LENGTH || untrusted->height < 1 ||
        untrusted->height > MGK_PAGE_MAX_LENGTH || !dpi_ok(untrusted->millidpi_x) || !dpi_ok(untrusted->millidpi_y) ||
        !length_ok(untrusted->left, 100000) || !length_ok(untrusted->top, 100000))
        return broken(error, "page size");
    if (!untrusted->px_width || !untrusted->px_height || untrusted->px_width > G_MAXINT32 ||
        untrusted->px_height > G_MAXINT32 || pixels > reader->job->policy->limits.page_pixels)
        return over(error, "page_pixels");
    reader->page = *untrusted;
    reader->in_page = TRUE;
    reader->links = reader->glyphs = 0;
    reader->area = 0;
    reader->banded = reader->drawn = FALSE;
    reader->drawing = (MgkDrawState){0};
    return take_text(reader, sizeof *untrusted, size, record, error);
}

static gboolean coding_ok(const MgkPageBand *untrusted)
{
    guint bits = untrusted->bits, n = untrusted->n_colors;
    switch ((MgkCoding)untrusted->coding) {
    case MGK_CODING_FILL:
        return bits == 0 && n == 1;
    case MGK_CODING_PALETTE:
        return (bits == 1 || bits == 2 || bits == 4 || bits == 8) && n >= 1 && n <= 1u << bits;
    case MGK_CODING_GRAY:
        return bits == 8 && n == 0;
    case MGK_CODING_RGB:
        return bits == 24 && n == 0;
    }
    return FALSE;
}

static gboolean receive_pixels(MgkPageReader *reader, gsize expected, GError **error)
{
    g_byte_array_set_size(reader->pixels, 0);
    while (reader->pixels->len < expected) {
        guint32 type = 0;
        gsize size = 0;
        g_autofree guint8 *block = NULL;
        if (!reader->job->receive(reader->job, MGK_PAGE_RECORD_BYTES, &type, &block, &size, error))
            return FALSE;
        if (type != MGK_PAGE_PIXELS || !size || size > expected - reader->pixels->len)
            return broken(error, "pixels");
        g_byte_array_append(reader->pixels, block, (guint)size);
    }
    return TRUE;
}

static gboolean take_band(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    const MgkPageBand *untrusted = &record->band;
    const MgkPageHead *page = &reader->page;
    if (!reader->in_page || reader->drawn || !coding_ok(untrusted) || untrusted->smooth > 1 ||
        size - sizeof *untrusted != untrusted->n_colors * sizeof(guint32))
        return broken(error, "band");
    if (!untrusted->width || !untrusted->height || untrusted->x >= page->px_width || untrusted->y >= page->px_height ||
        untrusted->width > page->px_width - untrusted->x || untrusted->height > page->px_height - untrusted->y)
        return broken(error, "band outside its page");
    reader->banded = TRUE;
    reader->area += (guint64)untrusted->width * untrusted->height;
    gsize bytes = 0;
    if (reader->area > 2 * (guint64)page->px_width * page->px_height ||
        !g_size_checked_mul(&bytes, mgk_page_stream_row_bytes(untrusted), untrusted->height) ||
        bytes > MGK_PAGE_BAND_BYTES)
        return over(error, "page_pixels");
    memcpy(reader->palette, reader->block + sizeof *untrusted, untrusted->n_colors * sizeof(guint32));
    for (guint i = 0; i < untrusted->n_colors; i++)
        reader->palette[i] &= 0xffffff;
    if (!receive_pixels(reader, bytes, error))
        return FALSE;
    record->colors = reader->palette;
    record->data = reader->pixels->data;
    record->size = bytes;
    return TRUE;
}

MgkPageBand mgk_page_stream_image_band(const MgkPageImage *image)
{
    return (MgkPageBand){.width = image->width,
                         .height = image->height,
                         .coding = image->coding,
                         .bits = image->bits,
                         .n_colors = image->n_colors,
                         .smooth = image->smooth};
}

static gboolean may_draw(MgkPageReader *reader, GError **error)
{
    if (!reader->in_page || reader->banded)
        return broken(error, "a drawing in its wrong place");
    reader->drawn = TRUE;
    return TRUE;
}

static gboolean take_image(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    const MgkPageImage *untrusted = &record->image;
    MgkPageBand band = mgk_page_stream_image_band(untrusted);
    guint64 most = reader->job->policy->limits.page_pixels, area = (guint64)untrusted->width * untrusted->height;
    if (!may_draw(reader, error))
        return FALSE;
    if (!coding_ok(&band) || untrusted->smooth > 1 || untrusted->mask > 1 ||
        (untrusted->coding == MGK_CODING_FILL && !untrusted->mask) || !untrusted->width || !untrusted->height ||
        untrusted->width > MGK_DRAW_MAX_SIDE || untrusted->height > MGK_DRAW_MAX_SIDE ||
        size - sizeof *untrusted != untrusted->n_colors * sizeof(guint32))
        return broken(error, "image");
    gsize bytes = mgk_page_stream_row_bytes(&band) * untrusted->height + (untrusted->mask ? area : 0);
    reader->area += area;
    if (area > most || reader->area > 4 * most || bytes > MGK_PAGE_BAND_BYTES ||
        reader->drawing.images++ >= MGK_DRAW_MAX_IMAGES)
        return over(error, "page_pixels");
    memcpy(reader->palette, reader->block + sizeof *untrusted, untrusted->n_colors * sizeof(guint32));
    for (guint i = 0; i < untrusted->n_colors; i++)
        reader->palette[i] &= 0xffffff;
    if (!receive_pixels(reader, bytes, error))
        return FALSE;
    record->colors = reader->palette;
    record->data = reader->pixels->data;
    record->size = bytes;
    return TRUE;
}

static gboolean take_shapes(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    record->data = reader->block;
    record->size = size;
    return may_draw(reader, error) && mgk_draw_check_shapes(&reader->drawing, reader->block, size, error);
}

static gboolean take_drawing(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    record->data = reader->block;
    record->size = size;
    return may_draw(reader, error) && mgk_draw_check(&reader->drawing, reader->block, size, error);
}

static gboolean run_ok(const MgkPageRun *untrusted)
{
    gint64 norm = (gint64)untrusted->cos * untrusted->cos + (gint64)untrusted->sin * untrusted->sin;
    return length_ok(untrusted->x, 2 * MGK_PAGE_MAX_LENGTH) && length_ok(untrusted->y, 2 * MGK_PAGE_MAX_LENGTH) &&
           length_ok(untrusted->cos, 2 * MILLION) && length_ok(untrusted->sin, 2 * MILLION) &&
           norm > (gint64)MILLION * MILLION / 2 && norm < (gint64)MILLION * MILLION * 2 && untrusted->size > 0 &&
           untrusted->size <= MGK_PAGE_MAX_LENGTH && untrusted->n > 0;
}

static gboolean glyph_ok(const MgkPageGlyph *untrusted)
{
    return mgk_page_stream_character_ok(untrusted->character) && untrusted->width >= 0 &&
           untrusted->width <= MGK_PAGE_MAX_LENGTH && length_ok(untrusted->advance, 2 * MGK_PAGE_MAX_LENGTH);
}

static gboolean take_run(MgkPageReader *reader, const guint8 *data, gsize size, gsize *ret_taken, GError **error)
{
    MgkPageRun run;
    if (size < sizeof run)
        return broken(error, "text run");
    memcpy(&run, data, sizeof run);
    if (!run_ok(&run) || run.n > (size - sizeof run) / sizeof(MgkPageGlyph))
        return broken(error, "text run");
    if (run.n > MAX_GLYPHS_A_PAGE - reader->glyphs)
        return over(error, "glyphs");
    reader->glyphs += run.n;
    for (guint i = 0; i < run.n; i++) {
        MgkPageGlyph glyph;
        memcpy(&glyph, data + sizeof run + i * sizeof glyph, sizeof glyph);
        if (!glyph_ok(&glyph))
            return broken(error, "glyph");
    }
    *ret_taken = sizeof run + run.n * sizeof(MgkPageGlyph);
    return TRUE;
}

static gboolean take_runs(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    if (!reader->in_page)
        return broken(error, "text outside a page");
    for (gsize at = 0, taken = 0; at < size; at += taken) {
        if (!take_run(reader, reader->block + at, size - at, &taken, error))
            return FALSE;
    }
    record->data = reader->block;
    record->size = size;
    return TRUE;
}

gboolean mgk_page_stream_run(const MgkPageRecord *record, gsize *offset, MgkPageRun *ret_run,
                             const MgkPageGlyph **ret_glyphs)
{
    if (*offset >= record->size)
        return FALSE;
    memcpy(ret_run, record->data + *offset, sizeof *ret_run);
    *offset += sizeof *ret_run;
    *ret_glyphs = (const MgkPageGlyph *)(gconstpointer)(record->data + *offset); /* all members are 4 bytes wide */
    *offset += ret_run->n * sizeof(MgkPageGlyph);
    return TRUE;
}

static gboolean take_link(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    const MgkPageLink *untrusted = &record->link;
    if (!reader->in_page || !length_ok(untrusted->x1, MGK_PAGE_MAX_LENGTH) ||
        !length_ok(untrusted->y1, MGK_PAGE_MAX_LENGTH) || !length_ok(untrusted->x2, MGK_PAGE_MAX_LENGTH) ||
        !length_ok(untrusted->y2, MGK_PAGE_MAX_LENGTH) || !target_ok(reader, untrusted->page) ||
        !position_ok(untrusted->x) || !position_ok(untrusted->y))
        return broken(error, "link");
    if (reader->links++ >= MAX_LINKS_A_PAGE)
        return over(error, "links");
    if (!take_text(reader, sizeof *untrusted, size, record, error))
        return FALSE;
    gboolean uri = untrusted->page == MGK_PAGE_NO_PAGE;
    if (uri ? !mgk_page_stream_uri_ok(record->text) : record->text[0] != '\0')
        return broken(error, "link target");
    return TRUE;
}

static gboolean take_page_end(MgkPageReader *reader, gsize size, MgkPageRecord *record, GError **error)
{
    (void)record;
    if (!reader->in_page || size || reader->drawing.depth)
        return broken(error, "page end");
    reader->in_page = FALSE;
    reader->next_page++;
    return TRUE;
}

enum { FIRST_RECORD = MGK_PAGE_DOCUMENT };

typedef gboolean (*Take)(MgkPageReader *, gsize, MgkPageRecord *, GError **);

static const struct {
    gsize head;
    Take take;
} rules[] = {
    [MGK_PAGE_DOCUMENT - FIRST_RECORD] = {sizeof(MgkPageDocument), take_document},
    [MGK_PAGE_OUTLINE - FIRST_RECORD] = {sizeof(MgkPageOutline), take_outline},
    [MGK_PAGE_PAGE - FIRST_RECORD] = {sizeof(MgkPageHead), take_page},
    [MGK_PAGE_BAND - FIRST_RECORD] = {sizeof(MgkPageBand), take_band},
    [MGK_PAGE_TEXT - FIRST_RECORD] = {0, take_runs},
    [MGK_PAGE_LINK - FIRST_RECORD] = {sizeof(MgkPageLink), take_link},
    [MGK_PAGE_SHAPES - FIRST_RECORD] = {0, take_shapes},
    [MGK_PAGE_IMAGE - FIRST_RECORD] = {sizeof(MgkPageImage), take_image},
    [MGK_PAGE_DRAW - FIRST_RECORD] = {0, take_drawing},
    [MGK_PAGE_PAGE_END - FIRST_RECORD] = {0, take_page_end},
};

MgkPageReader *mgk_page_reader_new(MgkJob *job)
{
    MgkPageReader *reader = g_new0(MgkPageReader, 1);
    reader->job = job;
    reader->pixels = g_byte_array_new();
    return reader;
}

void mgk_page_reader_free(MgkPageReader *reader)
{
    if (!reader)
        return;
    g_free(reader->block);
    g_byte_array_unref(reader->pixels);
    g_free(reader);
}

gboolean mgk_page_reader_next(MgkPageReader *reader, MgkPageRecord *ret_record, GError **error)
{
    guint32 untrusted_type = 0;
    gsize size = 0;
    g_clear_pointer(&reader->block, g_free);
    if (!reader->job->receive(reader->job, MGK_PAGE_RECORD_BYTES, &untrusted_type, &reader->block, &size, error))
        return FALSE;
    gboolean complete = reader->begun && !reader->in_page && reader->next_page == reader->document.pages;
    if (complete && !untrusted_type) {
        *ret_record = (MgkPageRecord){.type = MGK_PAGE_DOCUMENT_END, .text = ""};
        return TRUE;
    }
    if (complete || untrusted_type < MGK_PAGE_DOCUMENT || untrusted_type >= MGK_PAGE_DOCUMENT_END)
        return broken(error, untrusted_type ? "unknown record" : "ended early");
    gsize rule = untrusted_type - MGK_PAGE_DOCUMENT;
    if (!rules[rule].take || size < rules[rule].head || (!reader->begun && rule != 0))
        return broken(error, "record out of turn");
    MgkPageRecord record = {.type = (MgkPageRecordType)untrusted_type, .text = ""};
    if (rules[rule].head)
        memcpy(record.head, reader->block, rules[rule].head);
    if (!rules[rule].take(reader, size, &record, error))
        return FALSE;
    *ret_record = record;
    return TRUE;
}
