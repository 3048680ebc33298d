#include "engines/warm.h"

#include "engines/archive_read.h"
#include "engines/charset_world.h"
#include "engines/mime_tree.h"
#include "engines/pdf_warm.h"

#include "rules/xml_rules.h"

#include <archive.h>
#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <gmime/gmime.h>
#include <gnutls/gnutls.h>
#include <isa-l.h>
#include <jpeglib.h>
#include <libdeflate.h>
#include <libxml/parser.h>
#include <magic.h>
#include <png.h>
#include <poppler.h>
#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <zlib.h>

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* glibc's qsort asks for the size of memory once; let it ask while it may. */
static void warm_qsort(void)
{
    int numbers[2] = {2, 1};
    qsort(numbers, 2, sizeof *numbers, compare_ints);
}

void mgk_engines_warm(void)
{
    warm_qsort();
    FcInit();
    xmlInitParser();
    mgk_xml_rules_warm();
    mgk_mime_warm();
    mgk_archive_warm(NULL); /* without it archives with names of their own are held */
    mgk_charset_world_warm();
    mgk_pdf_warm();
}

char *mgk_engines_libraries(void)
{
    const int magic = magic_version();
    return g_strdup_printf(
        "GLib %u.%u.%u\npoppler %s\nqpdf %s\nlibxml2 %s\n%s\nlibdeflate %s\nISA-L %d.%d.%d\nzlib %s\nlibpng %s\n"
        "libjpeg-turbo API %d\ncairo %s\nfontconfig %d\nlibmagic %d.%02d\nGnuTLS %s\nGMime %u.%u.%u",
        glib_major_version, glib_minor_version, glib_micro_version, poppler_get_version(), qpdf_get_qpdf_version(),
        LIBXML_DOTTED_VERSION, archive_version_string(), LIBDEFLATE_VERSION_STRING, ISAL_MAJOR_VERSION,
        ISAL_MINOR_VERSION, ISAL_PATCH_VERSION, zlibVersion(), png_get_libpng_ver(NULL), JPEG_LIB_VERSION,
        cairo_version_string(), FcGetVersion(), magic / 100, magic % 100, gnutls_check_version(NULL),
        gmime_major_version, gmime_minor_version, gmime_micro_version);
}
