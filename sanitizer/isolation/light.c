/* light.c - what stands in the light worker for the engines that make pages and pictures.
 *
 * A fork costs what its parent has mapped, and a start what it links: without poppler, cairo, fonts and the picture
 * libraries both cost half. The light worker detects every format, cleans those that need none of these, and hands the
 * others over (port.c). The linker takes these functions in place of the engines' own, so that nothing refers to the
 * libraries. No job comes here by the rules of session.c; one that does fails, and its object is held. */
#include "checks/checks.h"
#include "engines/heif_read.h"
#include "engines/icc.h"
#include "engines/jp2_read.h"
#include "engines/pages_warm.h"
#include "engines/pdf_page_text.h"
#include "engines/pdf_password.h"
#include "engines/pdf_render.h"
#include "engines/pdf_walk.h"
#include "engines/png_read.h"
#include "engines/tiff_read.h"
#include "engines/tiff_write.h"
#include "engines/warm.h"
#include "engines/webp_read.h"
#include "engines/webp_write.h"
#include "isolation/resfs.h"

void mgk_pages_warm(void) {}

char *mgk_engines_libraries(void)
{
    return g_strdup("");
}

/* No library here opens anything by itself; the sandbox refuses it in any case. */
void mgk_resfs_load(void) {}

void mgk_resfs_serve(void) {}

static gboolean absent(GError **error)
{
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "the light worker makes no pages and no pictures");
    return FALSE;
}

#define ABSENT_JOB(name) \
    gboolean name(MgkJob *job, GError **error) \
    { \
        (void)job; \
        return absent(error); \
    }

ABSENT_JOB(mgk_check_tiff)
ABSENT_JOB(mgk_check_webp)
ABSENT_JOB(mgk_heif_read)
ABSENT_JOB(mgk_jp2_read)
ABSENT_JOB(mgk_pdf_page_text)
ABSENT_JOB(mgk_pdf_walk)
ABSENT_JOB(mgk_tiff_read)
ABSENT_JOB(mgk_webp_read)

gboolean mgk_pdf_render(MgkJob *job, gboolean own, GError **error)
{
    (void)job, (void)own;
    return absent(error);
}

gboolean mgk_pdf_password_opens(const MgkJob *job)
{
    (void)job;
    return FALSE;
}

gboolean mgk_png_read(MgkJob *job, const MgkPngScan *scan, GError **error)
{
    (void)job, (void)scan;
    return absent(error);
}

MgkTiffWriter *mgk_tiff_writer_new(MgkSink sink, gpointer user)
{
    (void)sink, (void)user;
    return NULL;
}

void mgk_tiff_writer_free(MgkTiffWriter *writer)
{
    (void)writer;
}

gboolean mgk_tiff_writer_add(MgkTiffWriter *writer, const MgkRaster *raster, guint8 *rows, GError **error)
{
    (void)writer, (void)raster, (void)rows;
    return absent(error);
}

gboolean mgk_tiff_writer_finish(MgkTiffWriter *writer, GError **error)
{
    (void)writer;
    return absent(error);
}

MgkWebpWriter *mgk_webp_writer_new(MgkSink sink, gpointer user)
{
    (void)sink, (void)user;
    return NULL;
}

void mgk_webp_writer_free(MgkWebpWriter *writer)
{
    (void)writer;
}

gboolean mgk_webp_writer_add(MgkWebpWriter *writer, const MgkRaster *raster, guint8 *pixels, GError **error)
{
    (void)writer, (void)raster;
    g_free(pixels);
    return absent(error);
}

gboolean mgk_webp_writer_finish(MgkWebpWriter *writer, GError **error)
{
    (void)writer;
    return absent(error);
}

MgkIcc *mgk_icc_new(const guint8 *profile, gsize size, MgkIccInk ink, guint depth, gboolean alpha)
{
    (void)profile, (void)size, (void)ink, (void)depth, (void)alpha;
    return NULL;
}

void mgk_icc_free(MgkIcc *icc)
{
    (void)icc;
}

void mgk_icc_apply(MgkIcc *icc, const guint8 *in, guint8 *out, guint32 pixels)
{
    (void)icc, (void)in, (void)out, (void)pixels;
}
