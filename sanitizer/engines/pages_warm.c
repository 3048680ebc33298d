#include "engines/pages_warm.h"

#include "engines/pdf_warm.h"
#include "engines/warm.h"

#include <archive.h>
#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <gmime/gmime.h>
#include <gnutls/gnutls.h>
#include <isa-l.h>
#include <jpeglib.h>
#include <libdeflate.h>
#include <libxml/xmlversion.h>
#include <magic.h>
#include <png.h>
#include <poppler.h>
#include <qpdf/qpdf-c.h>
#include <zlib.h>

void mgk_pages_warm(void)
{
    FcInit();
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
