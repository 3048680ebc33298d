/* checks/xml_walk: what it accepts libxml2 accepts too and reads alike, however the bytes were cut. */
#include "fuzz.h"
#include "xml_twin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GString *whole = mgk_xml_twin_walk((const char *)data, size, MAX(size, 1));
    GString *pieces = mgk_xml_twin_walk((const char *)data, size, 7);
    g_assert((whole == NULL) == (pieces == NULL));
    g_assert(!whole || g_string_equal(whole, pieces));
    if (whole) {
        GString *other = mgk_xml_twin_libxml2((const char *)data, size);
        if (!other || !g_string_equal(whole, other))
            g_error("the walk read %s, libxml2 %s", whole->str, other ? other->str : "refuses");
        mgk_xml_twin_free(other);
    }
    mgk_xml_twin_free(whole);
    mgk_xml_twin_free(pieces);
    return 0;
}
