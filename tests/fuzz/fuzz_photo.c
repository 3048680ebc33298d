/* engines/exif and engines/icc: what pictures carry about themselves. */
#include "engines/exif.h"
#include "engines/icc.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MgkExif exif;
    mgk_exif_read(data, size, &exif);
    g_assert(exif.orientation >= 1 && exif.orientation <= 8);
    for (MgkIccInk ink = MGK_ICC_GRAY; ink <= MGK_ICC_CMYK_INVERTED; ink++) {
        g_autoptr(MgkIcc) icc = mgk_icc_new(data, size, ink, 8, FALSE);
        guint8 in[64], out[64];
        memset(in, 100, sizeof in);
        if (icc)
            mgk_icc_apply(icc, in, out, 16);
    }
    return 0;
}
