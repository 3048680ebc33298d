/* cpio.c - cpio in its binary, odc, newc and crc forms (cpio(5)). Kept, gone, output: as tar.c. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "070701"), MGK_MAGIC(0, "070702"), MGK_MAGIC(0, "070707")};
    static const MgkMagic binary[] = {MGK_MAGIC(0, "\xc7\x71"), MGK_MAGIC(0, "\x71\xc7")};
    gboolean digits = probe->size >= 76;
    for (guint i = 6; digits && i < 76; i++)
        digits = g_ascii_isxdigit(probe->data[i]);
    if (digits && MGK_MAGIC_ANY(probe, table))
        return 90;
    gboolean name = probe->size > 26 && MGK_MAGIC_ANY(probe, binary) && memchr(probe->data, 0, 26) != NULL;
    return name && strcmp(probe->media_type, "application/x-cpio") == 0 ? 85 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean(job, MGK_ARCHIVE_CPIO, job->data, job->size, error);
}

const MgkHandler mgk_format_cpio = {.probe = probe, .clean = clean, .check = mgk_check_zip};
