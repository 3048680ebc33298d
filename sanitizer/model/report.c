#include "model/report.h"

#include <string.h>

void mgk_finding_free(MgkFinding *finding)
{
    if (!finding)
        return;
    g_free(finding->where);
    g_free(finding->detail);
    g_free(finding);
}

static void finding_destroy(gpointer data)
{
    mgk_finding_free(data);
}

static void report_destroy(gpointer data)
{
    mgk_report_free(data);
}

MgkReport *mgk_report_new(const char *name)
{
    MgkReport *report = g_new0(MgkReport, 1);
    report->name = g_strdup(name);
    report->format = g_strdup("unknown");
    report->media_type = g_strdup("");
    report->reason_detail = g_strdup("");
    report->verdict = MGK_VERDICT_HELD;
    report->reason = MGK_REASON_INTERNAL;
    report->sandbox = "none";
    report->findings = g_ptr_array_new_with_free_func(finding_destroy);
    report->children = g_ptr_array_new_with_free_func(report_destroy);
    report->started_us = g_get_real_time();
    return report;
}

void mgk_report_free(MgkReport *report)
{
    if (!report)
        return;
    g_free(report->name);
    g_free(report->format);
    g_free(report->media_type);
    g_free(report->reason_detail);
    g_free(report->output_name);
    g_ptr_array_unref(report->findings);
    g_ptr_array_unref(report->children);
    g_free(report);
}

void mgk_report_find(MgkReport *report, const MgkFinding *finding, gsize max)
{
    const char *where = finding->where ? finding->where : "", *detail = finding->detail ? finding->detail : "";
    for (guint i = 0; i < report->findings->len; i++) {
        MgkFinding *known = g_ptr_array_index(report->findings, i);
        if (known->kind == finding->kind && known->action == finding->action && !strcmp(known->where, where) &&
            !strcmp(known->detail, detail)) {
            known->count = known->count > G_MAXUINT - finding->count ? G_MAXUINT : known->count + finding->count;
            return;
        }
    }
    if (report->findings->len >= max) {
        report->findings_omitted++;
        return;
    }
    MgkFinding *copy = g_new0(MgkFinding, 1);
    *copy = (MgkFinding){.kind = finding->kind,
                         .action = finding->action,
                         .count = MAX(finding->count, 1),
                         .where = g_strdup(where),
                         .detail = g_strdup(detail)};
    g_ptr_array_add(report->findings, copy);
}

MgkLevel mgk_report_level(const MgkReport *report)
{
    if (!mgk_verdict_crosses(report->verdict))
        return MGK_LEVEL_ATTENTION;
    MgkLevel level = MGK_LEVEL_NONE;
    for (guint i = 0; i < report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(report->findings, i);
        level = MAX(level, mgk_kind_info(finding->kind)->level);
    }
    for (guint i = 0; i < report->children->len; i++)
        level = MAX(level, mgk_report_level(g_ptr_array_index(report->children, i)));
    return level;
}
