/* The records of a presentation, without the container that damage would stop at: the input is the stream "PowerPoint
 * Document", wherever its last edit is. What crosses must pass the second look. */
#include "fuzz.h"

#include <string.h>

#include "engines/cfb_write.h"
#include "fake_job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    guint8 user[64] = {0, 0, 0xf6, 0x0f, 24, 0, 0, 0, 20, 0, 0, 0, 0x5f, 0xc0, 0x91, 0xe3};
    static const guint8 edit[] = {0xf5, 0x0f, 0x1c, 0, 0, 0}, class_id[16] = {0};
    const guint8 *last = NULL;
    for (const guint8 *at = data; size >= 8 && (at = memmem(at, (gsize)(data + size - at), edit, sizeof edit)); at++)
        last = at;
    if (!last || last - data < 2)
        return 0;
    for (guint i = 0; i < 4; i++)
        user[16 + i] = (guint8)((gsize)(last - data - 2) >> 8 * i);
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    mgk_cfb_writer_add(writer, "PowerPoint Document", data, size);
    mgk_cfb_writer_add(writer, "Current User", user, sizeof user);
    GByteArray *file = mgk_cfb_writer_finish(writer, NULL);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    fake_run_clean(run, file->data, file->len, "a.ppt", MGK_FORMAT_ID_ppt, &error);
    g_byte_array_unref(file);
    if (error && g_strstr_len(error->message, -1, "presentation: "))
        g_error("the second look refuses what was written: %s", error->message);
    return 0;
}
