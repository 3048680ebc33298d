/* unboxed - cleans one file in this process, without any isolation: `unboxed FILE OUT [PASSWORD]`. A development tool;
 * never installed. Prints format, verdict and findings. */
#include "fake_job.h"

#include <stdio.h>

static void print_findings(const MgkReport *report, int indent)
{
    for (guint i = 0; i < report->findings->len; i++) {
        const MgkFinding *f = g_ptr_array_index(report->findings, i);
        printf("%*s%s %s x%u [%s] %s\n", indent, "", mgk_kind_info(f->kind)->name, mgk_action_name(f->action), f->count,
               f->where, f->detail);
    }
    for (guint i = 0; i < report->children->len; i++) {
        const MgkReport *child = g_ptr_array_index(report->children, i);
        printf("%*schild %s: %s %s\n", indent, "", child->name, mgk_verdict_name(child->verdict),
               mgk_reason_name(child->reason));
        print_findings(child, indent + 2);
    }
}

int main(int argc, char **argv)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    if (argc < 3 || argc > 4 || !g_file_get_contents(argv[1], &data, &size, &error)) {
        fprintf(stderr, "usage: unboxed FILE OUT [PASSWORD] (%s)\n", error ? error->message : "two or three arguments");
        return 2;
    }
    g_autoptr(FakeRun) run = fake_run_new();
    run->password = argc == 4 ? argv[3] : NULL;
    g_autofree char *base = g_path_get_basename(argv[1]);
    gboolean ok = fake_run_clean(run, (const guint8 *)data, size, base, MGK_FORMAT_ID_NONE, &error);
    const MgkFormatInfo *info = mgk_format_info(run->outcome.format);
    printf("%s %s %s %s %s\n", ok ? "ok" : "FAILED", info ? info->id : "unknown",
           mgk_verdict_name(run->outcome.verdict), mgk_reason_name(run->outcome.reason),
           error ? error->message : run->outcome.detail);
    print_findings(run->report, 2);
    if (!ok || !mgk_verdict_crosses(run->outcome.verdict))
        return 1;
    return g_file_set_contents(argv[2], (const char *)run->output->data, run->output->len, NULL) ? 0 : 1;
}
