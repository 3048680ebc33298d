/* tar.c - tar in its v7, ustar, GNU and pax forms, by signature or by the checksum of the first header: recognised
 * only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

/* The header's checksum, an octal number at 148, counts its own field as spaces (POSIX.1-1988 10.1.1). */
static gboolean checksum_fits(const guint8 *p)
{
    guint sum = 0, want = 0, digits = 0;
    for (guint i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : p[i];
    for (guint i = 148; i < 156; i++) {
        gboolean digit = p[i] >= '0' && p[i] <= '7';
        want = digit ? want * 8 + p[i] - '0' : want;
        digits += digit;
        if (!digit && p[i] != ' ' && p[i] != 0)
            return FALSE;
    }
    return digits > 0 && sum == want;
}

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(257, "ustar")};
    if (probe->size < 512)
        return 0;
    return MGK_MAGIC_ANY(probe, table) || (probe->data[0] && checksum_fits(probe->data)) ? 89 : 0;
}

const MgkHandler mgk_format_tar = {.probe = probe};
