#include "planted.h"

#include "engines/zip_reader.h"

#include <check.h>
#include <string.h>

void planted_add(MgkZipWriter *zip, const char *name, const char *text)
{
    ck_assert(mgk_zip_writer_add(zip, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, text, strlen(text), NULL));
}

FakeRun *planted_clean(const GByteArray *bytes, const char *name)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    if (!fake_run_clean(run, bytes->data, bytes->len, name, MGK_FORMAT_ID_NONE, &error)) {
        run->outcome.verdict = MGK_VERDICT_HELD;
        g_strlcpy(run->outcome.detail, error->message, sizeof run->outcome.detail);
    }
    return run;
}

GString *planted_unpack(const GByteArray *bytes)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(bytes->data, bytes->len, &limits, NULL);
    ck_assert_ptr_nonnull(zip);
    ck_assert_uint_eq(mgk_zip_anomalies(zip), 0);
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        MgkZipEntry *entry = mgk_zip_entry(zip, i);
        g_autoptr(GBytes) content = mgk_zip_entry_bytes(zip, entry, 1 << 20, NULL);
        ck_assert_ptr_nonnull(content);
        gsize size = 0;
        const char *data = g_bytes_get_data(content, &size);
        g_string_append(all, entry->name);
        if (g_str_has_suffix(entry->name, "xml") || g_str_has_suffix(entry->name, "rels"))
            g_string_append_len(all, data, (gssize)size);
        else
            ck_assert_msg(!memmem(data, size, "CANARY", 6), "%s has the canary", entry->name);
    }
    return all;
}

void planted_judge(const FakeRun *run, const char *label, const char *kept, const char *gone)
{
    g_autoptr(GString) all = planted_unpack(run->output);
    ck_assert_msg(!strstr(all->str, "CANARY"), "%s: %s", label, strstr(all->str, "CANARY"));
    ck_assert_msg(strstr(all->str, "VISIBLE") != NULL, "%s: text lost", label);
    ck_assert_msg(!kept || strstr(all->str, kept), "%s: %s lost in %s", label, kept, all->str);
    ck_assert_msg(!gone || !strstr(all->str, gone), "%s: %s stays in %s", label, gone, all->str);
}

void planted_demand_stable(const GByteArray *bytes, const char *name, const char *label)
{
    g_autoptr(FakeRun) first = planted_clean(bytes, name);
    if (!mgk_verdict_crosses(first->outcome.verdict))
        return;
    g_autoptr(FakeRun) second = planted_clean(first->output, name);
    gboolean same = first->output->len == second->output->len &&
                    memcmp(first->output->data, second->output->data, first->output->len) == 0;
    ck_assert_msg(same, "%s: %u and %u bytes", label, first->output->len, second->output->len);
}
