/* second_look - runs only the checker of a format over a file, in this process: `second_look FORMAT FILE`. A
 * development tool; never installed. Prints departures from the schema and the verdict; exits 1 when the file must not
 * cross. */
#include "fake_job.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    MgkFormatId format = MGK_FORMAT_ID_NONE;
    if (argc != 3 || !mgk_format_from_name(argv[1], &format) || !g_file_get_contents(argv[2], &data, &size, &error)) {
        fprintf(stderr, "usage: second_look FORMAT FILE (%s)\n", error ? error->message : "two arguments");
        return 2;
    }
    g_autoptr(FakeRun) run = fake_run_new();
    gboolean ok = fake_run_check(run, (const guint8 *)data, size, format, &error);
    for (guint i = 0; i < run->report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(run->report->findings, i);
        printf("%s %s %s\n", mgk_kind_info(finding->kind)->name, finding->where, finding->detail);
    }
    printf("%s %s\n", ok ? "accepted" : "refused", error ? error->message : "");
    return !ok;
}
