/* engines/html_text: any bytes become a clean text, in time that grows with their number and no faster. */
#include "engines/html_text.h"

#include "fuzz.h"

#define STEPS_PER_BYTE 400 /* far above what an honest page takes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const MgkHtmlOptions options[] = {{0}, {.width = 20, .links = MGK_LINKS_DEFANG, .japanese = TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
        g_auto(MgkHtmlResult) result = {0};
        g_autoptr(GError) error = NULL;
        gboolean ok = mgk_html_to_text(data, size, i ? "shift_jis" : NULL, &options[i], &result, &error);
        g_assert(ok == (error == NULL));
        g_assert(!ok || g_utf8_validate_len(result.text, result.length, NULL));
        g_assert(!ok || result.length == 0 || result.text[result.length - 1] == '\n');
        g_assert(result.steps <= (guint64)(size + 100) * STEPS_PER_BYTE);
    }
    return 0;
}
