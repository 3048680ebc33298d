/* Detection: every probe sees the same stranger's bytes, under names that make it look closer. */
#include "formats/formats.h"

#include "fake_job.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"名.bin", "a.docx", "a.doc", "a.txt", "a.csv", "a.eml", "a.js"};
    for (guint i = 0; size > 0 && i < G_N_ELEMENTS(names); i++) {
        g_autofree char *media_type = NULL;
        MgkFormatId format = mgk_detect(data, size, names[i], &media_type);
        g_assert(format == MGK_FORMAT_ID_NONE || format < MGK_N_FORMATS);
        g_assert(media_type && g_utf8_validate(media_type, -1, NULL));
    }
    return 0;
}
