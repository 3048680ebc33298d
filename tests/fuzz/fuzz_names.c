/* model/names: what they promise of any bytes. */
#include "model/names.h"

#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name = g_strndup((const char *)data, size);
    g_autofree char *utf8 = mgk_names_to_utf8((const char *)data, (gssize)size);
    g_autofree char *shown = mgk_names_display((const char *)data, (gssize)size, 40);
    g_autofree char *typed = mgk_names_with_extension(name, "docx");
    g_autofree char *second = mgk_names_numbered(name, 2);
    g_autofree char *extension = mgk_names_extension(name);
    g_autofree char *safe = mgk_names_safe_component(name);
    g_autofree char *again = mgk_names_safe_component(safe);
    g_assert(g_utf8_validate(utf8, -1, NULL) && g_utf8_validate(shown, -1, NULL) && g_utf8_validate(safe, -1, NULL));
    g_assert(strlen(typed) <= 255 && strlen(second) <= 255 && strlen(safe) <= 255);
    g_assert(*safe && !strpbrk(safe, "/\\:*?\"<>|\n\r\t") && extension && strcmp(safe, again) == 0);
    return 0;
}
