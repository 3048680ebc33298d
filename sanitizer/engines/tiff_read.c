#include "engines/tiff_read.h"

#include "engines/icc.h"
#include "engines/tiff_memory.h"
#include "engines/turn.h"

#include <math.h>
#include <string.h>

/* A lossy page leaves as JPEG of this quality: the tables of its strips may differ, so there is none to estimate. */
#define LOSSY_QUALITY 88
#define MAX_TAGS 400
/* A page of which less than this part can be read is not worth showing. */
#define HOPELESS_PART 8

typedef struct Page {
    MgkRaster raster;
    guint16 bits, samples, photometric, planar, compression, format, orientation;
    gboolean tiled, alpha;
    gboolean direct; /* rows can be taken as they are */
} Page;

typedef struct Reader {
    MgkJob *job; /* borrowed */
    MgkTiffMemory memory;
    TIFF *tiff; /* owned */
    MgkRasterBudget budget;
    guint pages;
} Reader;

static void reader_clear(Reader *reader)
{
    if (reader->tiff)
        TIFFClose(reader->tiff);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

/* ---- what is no picture ---- */

static void see_tag(MgkJob *job, guint32 tag)
{
    static const struct {
        guint32 tag;
        MgkKind kind;
        const char *where;
    } known[] = {
        {TIFFTAG_IMAGEDESCRIPTION, MGK_KIND_METADATA, "description"},
        {TIFFTAG_MAKE, MGK_KIND_METADATA, "camera"},
        {TIFFTAG_MODEL, MGK_KIND_METADATA, "camera"},
        {TIFFTAG_SOFTWARE, MGK_KIND_METADATA, "software"},
        {TIFFTAG_DATETIME, MGK_KIND_METADATA, "date"},
        {TIFFTAG_ARTIST, MGK_KIND_METADATA, "artist"},
        {TIFFTAG_HOSTCOMPUTER, MGK_KIND_METADATA, "computer"},
        {TIFFTAG_COPYRIGHT, MGK_KIND_METADATA, "copyright"},
        {TIFFTAG_DOCUMENTNAME, MGK_KIND_METADATA, "name"},
        {TIFFTAG_PAGENAME, MGK_KIND_METADATA, "name"},
        {TIFFTAG_XMLPACKET, MGK_KIND_METADATA, "XMP"},
        {TIFFTAG_RICHTIFFIPTC, MGK_KIND_METADATA, "IPTC"},
        {TIFFTAG_PHOTOSHOP, MGK_KIND_METADATA, "Photoshop"},
        {TIFFTAG_EXIFIFD, MGK_KIND_METADATA, "EXIF"},
        {TIFFTAG_GPSIFD, MGK_KIND_IMAGE_GPS, "EXIF"},
        {TIFFTAG_SUBIFD, MGK_KIND_IMAGE_THUMBNAIL, "SubIFD"},
        {TIFFTAG_ICCPROFILE, MGK_KIND_IMAGE_PROFILE, "ICC"},
    };
    static const guint32 picture[] = {TIFFTAG_JPEGTABLES,
                                      TIFFTAG_PREDICTOR,
                                      TIFFTAG_REFERENCEBLACKWHITE,
                                      TIFFTAG_YCBCRSUBSAMPLING,
                                      TIFFTAG_GROUP3OPTIONS,
                                      TIFFTAG_GROUP4OPTIONS,
                                      TIFFTAG_YCBCRCOEFFICIENTS,
                                      TIFFTAG_PAGENUMBER,
                                      TIFFTAG_INKSET,
                                      TIFFTAG_WHITEPOINT,
                                      TIFFTAG_PRIMARYCHROMATICITIES,
                                      TIFFTAG_BADFAXLINES,
                                      TIFFTAG_CLEANFAXDATA,
                                      TIFFTAG_CONSECUTIVEBADFAXLINES,
                                      TIFFTAG_DOTRANGE,
                                      TIFFTAG_NUMBEROFINKS,
                                      TIFFTAG_INKNAMES};
    for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].tag == tag) {
            mgk_job_find(job, known[i].kind, known[i].where, NULL);
            return;
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(picture); i++) {
        if (picture[i] == tag)
            return;
    }
    g_autofree char *where = g_strdup_printf("tag %u", tag);
    mgk_job_find(job, MGK_KIND_METADATA, where, NULL);
}

static void see_tags(Reader *reader)
{
    gpointer value = NULL, more = NULL;
    int n = TIFFGetTagListCount(reader->tiff);
    for (int i = 0; i < MIN(n, MAX_TAGS); i++)
        see_tag(reader->job, TIFFGetTagListEntry(reader->tiff, i));
    if (TIFFGetField(reader->tiff, TIFFTAG_SUBIFD, &value, &more)) /* kept apart from the list */
        see_tag(reader->job, TIFFTAG_SUBIFD);
}

/* ---- what the page is ---- */

static guint32 per_metre(float value, guint16 unit)
{
    double scaled = value * (unit == RESUNIT_CENTIMETER ? 100.0 : 1 / 0.0254);
    return isfinite(scaled) && scaled >= 1 && scaled < G_MAXINT32 ? (guint32)lround(scaled) : 0;
}

static void take_density(Reader *reader, MgkRaster *raster)
{
    float x = 0, y = 0;
    guint16 unit = RESUNIT_INCH;
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
    if (!TIFFGetField(reader->tiff, TIFFTAG_XRESOLUTION, &x) || !TIFFGetField(reader->tiff, TIFFTAG_YRESOLUTION, &y) ||
        unit == RESUNIT_NONE)
        return;
    raster->density_x = per_metre(x, unit);
    raster->density_y = per_metre(y, unit);
    if (!raster->density_x || !raster->density_y)
        raster->density_x = raster->density_y = 0;
}

static void take_palette(Reader *reader, Page *page)
{
    guint16 *colors[3] = {NULL, NULL, NULL};
    guint n = 1u << page->bits, most = 0;
    if (!TIFFGetField(reader->tiff, TIFFTAG_COLORMAP, &colors[0], &colors[1], &colors[2]))
        return;
    for (guint i = 0; i < 3 * n; i++)
        most = MAX(most, colors[i / n][i % n]);
    for (guint i = 0; i < n; i++) {
        for (guint c = 0; c < 3; c++)
            page->raster.palette[i][c] = (guint8)(most > 255 ? colors[c][i] >> 8 : colors[c][i]); /* some write bytes */
        page->raster.palette[i][3] = 255;
    }
    page->raster.n_colors = (guint16)n;
}

static gboolean gray(const Page *page)
{
    return page->photometric == PHOTOMETRIC_MINISBLACK || page->photometric == PHOTOMETRIC_MINISWHITE;
}

/* Whether libtiff's rows are rows of a raster as they stand (but for byte order and black and white). */
static gboolean can_take_rows(const Page *page)
{
    gboolean small = page->bits == 1 || page->bits == 2 || page->bits == 4, eight = page->bits == 8;
    if (page->tiled || page->format != SAMPLEFORMAT_UINT || page->orientation > 8 ||
        (page->samples > 1 && page->planar != PLANARCONFIG_CONTIG) || page->compression == COMPRESSION_OJPEG)
        return FALSE;
    if (page->photometric == PHOTOMETRIC_PALETTE)
        return page->samples == 1 && (small || eight);
    if (gray(page))
        return page->samples == 1 ? small || eight || page->bits == 16 : FALSE;
    return page->photometric == PHOTOMETRIC_RGB && page->samples == (page->alpha ? 4 : 3) &&
           (eight || page->bits == 16);
}

static void choose_model(Reader *reader, Page *page)
{
    MgkRaster *raster = &page->raster;
    guint16 n_extra = 0, *extra = NULL;
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_EXTRASAMPLES, &n_extra, &extra);
    page->alpha = n_extra == 1 && extra[0] == EXTRASAMPLE_UNASSALPHA;
    page->direct = can_take_rows(page);
    raster->depth = (guint8)(page->direct ? page->bits : 8);
    if (page->direct && page->photometric == PHOTOMETRIC_PALETTE) {
        raster->model = MGK_RASTER_PALETTE;
        take_palette(reader, page);
        return;
    }
    gboolean alpha = n_extra >= 1 && (extra[0] == EXTRASAMPLE_UNASSALPHA || extra[0] == EXTRASAMPLE_ASSOCALPHA);
    raster->model = gray(page) && !alpha ? MGK_RASTER_GRAY : alpha ? MGK_RASTER_RGBA : MGK_RASTER_RGB;
}

static void take_compression(Reader *reader, Page *page)
{
    guint16 h = 2, v = 2;
    if (page->compression != COMPRESSION_JPEG && page->compression != COMPRESSION_OJPEG)
        return;
    page->raster.quality = LOSSY_QUALITY;
    if (page->photometric != PHOTOMETRIC_YCBCR)
        return;
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_YCBCRSUBSAMPLING, &h, &v);
    page->raster.sample_h = (guint8)CLAMP(h, 1, 2);
    page->raster.sample_v = (guint8)CLAMP(v, 1, 2);
}

static gboolean describe(Reader *reader, Page *page, GError **error)
{
    TIFF *tiff = reader->tiff;
    *page = (Page){.format = SAMPLEFORMAT_UINT};
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page->raster.width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page->raster.height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &page->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &page->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &page->planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &page->compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &page->format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &page->orientation);
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &page->photometric))
        page->photometric = page->samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISWHITE;
    page->tiled = TIFFIsTiled(tiff);
    if (page->orientation < 1 || page->orientation > 8)
        page->orientation = 1;
    choose_model(reader, page);
    take_density(reader, &page->raster);
    take_compression(reader, page);
    const MgkLimits *limits = &reader->job->policy->limits;
    return mgk_raster_validate(&page->raster, limits, error) &&
           mgk_raster_budget_take(&reader->budget, &page->raster, limits, error);
}

/* ---- pixels ---- */

static MgkIcc *take_profile(Reader *reader, const Page *page)
{
    guint32 size = 0;
    const guint8 *profile = NULL;
    const MgkRaster *raster = &page->raster;
    if (raster->depth < 8 || raster->model == MGK_RASTER_PALETTE || page->photometric == PHOTOMETRIC_SEPARATED ||
        !TIFFGetField(reader->tiff, TIFFTAG_ICCPROFILE, &size, &profile))
        return NULL;
    return mgk_icc_new(profile, size, raster->model == MGK_RASTER_GRAY ? MGK_ICC_GRAY : MGK_ICC_RGB, raster->depth,
                       raster->model == MGK_RASTER_RGBA);
}

static gboolean put_row(MgkTurn *turn, MgkIcc *icc, guint8 *row, const MgkRaster *raster, GError **error)
{
    if (icc)
        mgk_icc_apply(icc, row, row, raster->width);
    return mgk_turn_row(turn, row, error);
}

/* libtiff gives samples of 16 bits in the machine's order, and 0 as white where the file says so. */
static void straighten(const Page *page, guint8 *row, gsize size)
{
    for (gsize i = 0; page->bits == 16 && i + 1 < size; i += 2) {
        guint16 sample;
        memcpy(&sample, row + i, 2);
        sample = GUINT16_TO_BE(sample);
        memcpy(row + i, &sample, 2);
    }
    for (gsize i = 0; page->photometric == PHOTOMETRIC_MINISWHITE && i < size; i++)
        row[i] = (guint8)~row[i];
}

/* Sends rows until libtiff gives up. */
static gboolean send_rows(Reader *reader, const Page *page, MgkTurn *turn, MgkIcc *icc, GError **error)
{
    gsize size = mgk_raster_row_bytes(&page->raster);
    if ((gsize)TIFFScanlineSize(reader->tiff) != size) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "TIFF: rows of another length");
        return FALSE;
    }
    g_autofree guint8 *row = g_malloc(size);
    for (guint32 y = 0; y < page->raster.height && TIFFReadScanline(reader->tiff, row, y, 0) >= 0; y++) {
        straighten(page, row, size);
        if (!put_row(turn, icc, row, &page->raster, error))
            return FALSE;
    }
    return TRUE;
}

static guint8 unmultiplied(guint value, guint alpha)
{
    return (guint8)(alpha == 0 ? 0 : MIN(255, (value * 255 + alpha / 2) / alpha));
}

static void unpack(const guint32 *pixels, const MgkRaster *raster, guint8 *out)
{
    guint channels = mgk_raster_channels(raster);
    for (guint32 x = 0; x < raster->width; x++, out += channels) {
        guint8 color[4] = {(guint8)TIFFGetR(pixels[x]), (guint8)TIFFGetG(pixels[x]), (guint8)TIFFGetB(pixels[x]),
                           (guint8)TIFFGetA(pixels[x])};
        for (guint c = 0; channels == 4 && color[3] < 255 && c < 3; c++)
            color[c] = unmultiplied(color[c], color[3]);
        memcpy(out, color, channels);
    }
}

/* Everything odd (tiles, planes, YCbCr, CMYK, Lab, associated alpha) through libtiff's own conversion, whole. */
static gboolean send_converted(Reader *reader, const Page *page, MgkTurn *turn, MgkIcc *icc, GError **error)
{
    const MgkRaster *raster = &page->raster;
    char why[1024] = "";
    TIFFRGBAImage image;
    if (!TIFFRGBAImageOK(reader->tiff, why) || !TIFFRGBAImageBegin(&image, reader->tiff, 0, why)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "TIFF: %.80s", why);
        return FALSE;
    }
    g_autofree guint32 *pixels = g_malloc0_n((gsize)raster->width * raster->height, sizeof *pixels);
    image.req_orientation = image.orientation; /* turning is our part */
    gboolean read = TIFFRGBAImageGet(&image, pixels, raster->width, raster->height);
    TIFFRGBAImageEnd(&image);
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    for (guint32 y = 0; read && y < raster->height; y++) {
        unpack(pixels + (gsize)y * raster->width, raster, row);
        if (!put_row(turn, icc, row, raster, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean judge_damage(Reader *reader, const Page *page, guint32 rows, guint errors, GError **error)
{
    if (rows == 0 || rows < page->raster.height / HOPELESS_PART) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "TIFF: page %u: %s", reader->pages, reader->memory.message);
        return FALSE;
    }
    if (rows < page->raster.height || reader->memory.errors > errors)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, reader->memory.message);
    return TRUE;
}

static gboolean send_page(Reader *reader, GError **error)
{
    Page page;
    if (!describe(reader, &page, error))
        return FALSE;
    see_tags(reader);
    reader->pages++;
    if (page.photometric == PHOTOMETRIC_SEPARATED)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_CMYK, NULL, NULL);
    g_autoptr(MgkIcc) icc = take_profile(reader, &page);
    g_autoptr(MgkTurn) turn = mgk_turn_new(reader->job, &page.raster, page.orientation, error);
    guint errors = reader->memory.errors;
    return turn && (page.direct ? send_rows : send_converted)(reader, &page, turn, icc, error) &&
           judge_damage(reader, &page, mgk_turn_rows(turn), errors, error) && mgk_turn_finish(turn, error);
}

/* Previews and masks beside the pages. */
static gboolean is_page(Reader *reader)
{
    guint32 type = 0;
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_SUBFILETYPE, &type);
    if (reader->pages == 0 || !(type & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)))
        return TRUE;
    mgk_job_find(reader->job, type & FILETYPE_MASK ? MGK_KIND_UNKNOWN_PART : MGK_KIND_IMAGE_THUMBNAIL, "TIFF", NULL);
    return FALSE;
}

/* The next directory. FALSE at the end of the chain, which is reported when it is broken off. */
static gboolean next_page(Reader *reader)
{
    guint errors = reader->memory.errors;
    if (TIFFReadDirectory(reader->tiff))
        return TRUE;
    if (reader->memory.errors > errors)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, "TIFF", "no further page can be read");
    return FALSE;
}

static gboolean send_pages(Reader *reader, GError **error)
{
    const MgkJob *job = reader->job;
    guint64 seen = 0;
    do {
        if (++seen > job->policy->limits.image_frames * 4) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "image_frames: too many directories");
            return FALSE;
        }
        if (is_page(reader) && !send_page(reader, error))
            return FALSE;
    } while (job->outcome.format == MGK_FORMAT_ID_tiff && next_page(reader));
    return TRUE;
}

gboolean mgk_tiff_read(MgkJob *job, GError **error)
{
    g_auto(Reader) reader = {.job = job, .memory = {.data = job->data, .size = job->size}};
    gsize most = (gsize)MIN(job->policy->limits.image_pixels, G_MAXINT32) * 8 + MGK_MIB;
    reader.tiff = mgk_tiff_memory_open(&reader.memory, most);
    if (!reader.tiff) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "TIFF: %s", reader.memory.message);
        return FALSE;
    }
    return send_pages(&reader, error);
}
