/* xlsb.c - Excel's binary workbook ([MS-XLSB]: an OPC package whose workbook is xl/workbook.bin): recognised only,
 * held. */
#include "engines/zip_peek.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_auto(GStrv) names = mgk_zip_peek(probe->data, probe->size);
    return mgk_zip_peek_has_suffix(names, "workbook.bin") && mgk_zip_peek_has(names, "[content_types].xml") ? 96 : 0;
}

const MgkHandler mgk_format_xlsb = {.probe = probe};
