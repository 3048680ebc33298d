/* The whole way of one format, without isolation: walk, clean, encode, second look; children too. Then the second look
 * at what came out, damaged: it is all that stands between a captured worker and the reader. FUZZ_FORMAT is a row of
 * formats.def, FUZZ_PROFILE a profile other than the standard. */
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

#define DAMAGES 6

/* Bytes turned over and cut, by numbers that the input chooses. */
static void look_at_damaged(const FakeRun *run, guint32 seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    for (guint i = 0; i < DAMAGES && run->output->len > 0; i++) {
        gsize size = i == 0 ? (gsize)g_rand_int(random) % run->output->len : run->output->len;
        g_autofree guint8 *bytes = g_memdup2(run->output->data, MAX(size, 1));
        if (size > 0)
            bytes[(gsize)g_rand_int(random) % size] = (guint8)g_rand_int(random);
        g_autoptr(FakeRun) look = fake_run_new();
        small_limits(&look->policy.limits);
        g_autoptr(GError) error = NULL;
        gboolean ok = fake_run_check(look, bytes, size, run->outcome.format, &error);
        g_assert(ok == (error == NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(FakeRun) run = fake_run_new();
    small_limits(&run->policy.limits);
#ifdef FUZZ_PROFILE
    run->policy.profile = FUZZ_PROFILE;
#endif
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, data, size, "名.bin", JOIN(MGK_FORMAT_ID_, FUZZ_FORMAT), &error);
    g_assert(ok == (error == NULL));
    guint32 seed = 2166136261u;
    for (size_t i = 0; i < size; i++)
        seed = (seed ^ data[i]) * 16777619u;
    if (ok && mgk_verdict_crosses(run->outcome.verdict))
        look_at_damaged(run, seed);
    return 0;
}
