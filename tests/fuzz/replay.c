/* replay FILE|DIR… - runs a fuzz target's inputs without libFuzzer, each as it is, cut short, and with some bytes
 * turned over: an ordinary test. The same every time. */
#include "fuzz.h"

#include <glib.h>
#include <stdio.h>

#define CUTS 3
#define FLIPS 12

static guint runs;

static void run(const guint8 *data, gsize size)
{
    g_autofree guint8 *exact = g_memdup2(data, MAX(size, 1)); /* a read beyond the end is one beyond the block */
    LLVMFuzzerTestOneInput(exact, size);
    runs++;
}

static void replay_file(const char *path)
{
    g_autofree char *data = NULL;
    gsize size;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &data, &size, &error))
        g_error("%s", error->message);
    run((guint8 *)data, size);
    for (guint i = 1; i <= CUTS; i++)
        run((guint8 *)data, size * i / (CUTS + 1));
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)size);
    for (guint i = 0; i < FLIPS && size > 0; i++) {
        gsize at = (gsize)g_rand_int(random) % size;
        char old = data[at];
        data[at] = (char)g_rand_int(random);
        run((guint8 *)data, size);
        data[at] = old;
    }
}

static void replay(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    if (!dir) {
        replay_file(path);
        return;
    }
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        replay(below);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (g_file_test(argv[i], G_FILE_TEST_EXISTS))
            replay(argv[i]);
    }
    printf("%u runs\n", runs);
    return runs > 0 ? 0 : 1;
}
