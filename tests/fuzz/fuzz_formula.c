/* engines/formula: any text is judged, in either spelling alike. */
#include "engines/formula.h"

#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MgkFormula plain, marked;
    g_autofree char *text = g_malloc(size + 1);
    text[0] = '=';
    if (size > 0)
        memcpy(text + 1, data, size);
    guint flags = mgk_formula_read(text + 1, size, NULL, &plain);
    g_assert(flags == plain.flags && plain.n_indices <= MGK_FORMULA_MAX_INDICES);
    g_assert(memchr(plain.name, 0, sizeof plain.name));
    if (g_utf8_validate((const char *)data, (gssize)size, NULL)) /* XML gives nothing else */
        g_assert(g_utf8_validate(plain.name, -1, NULL));
    if (size > 0 && text[1] != '=')
        g_assert(mgk_formula_read(text, size + 1, NULL, &marked) == flags);
    g_autofree char *key = mgk_formula_name_key(text + 1, (gssize)size);
    g_assert(key);
    return 0;
}
