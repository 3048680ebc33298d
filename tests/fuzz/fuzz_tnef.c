/* engines/tnef: winmail.dat. */
#include "engines/mail_render.h"
#include "engines/tnef.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(mgk_mail_file_free);
    g_autofree char *body = NULL;
    (void)mgk_tnef_read(bytes, files, &body);
    g_assert(!body || g_utf8_validate(body, -1, NULL));
    return 0;
}
