/* The whole way of one format, without isolation: walk, clean, encode, second look; children too. FUZZ_FORMAT is a row
 * of formats.def. */
#include "fake_job.h"
#include "fuzz.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)

static void small_limits(MgkLimits *limits)
{
    limits->image_pixels = limits->page_pixels = 4 << 20;
    limits->pages = 4;
    limits->depth = 3;
    limits->children = 50;
    limits->output_bytes = 16 * MGK_MIB;
    limits->total_bytes = 16 * MGK_MIB;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(FakeRun) run = fake_run_new();
    small_limits(&run->policy.limits);
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, data, size, "名.bin", JOIN(MGK_FORMAT_ID_, FUZZ_FORMAT), &error);
    g_assert(ok == (error == NULL));
    return 0;
}
