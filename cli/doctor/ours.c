#include "doctor/ours.h"

#include <string.h>

const char *mgk_ours_list(const MgkExam *exam, const MgkService *service)
{
    if (strcmp(service->program, "smtpd") == 0)
        return mgk_postconf_get(exam->postconf, service, "smtpd_milters");
    if (strcmp(service->program, "cleanup") == 0)
        return mgk_postconf_get(exam->postconf, service, "non_smtpd_milters");
    return "";
}

static gboolean is_ours(const MgkExam *exam, const MgkService *service, const MgkMilter *milter)
{
    if (strcmp(milter->endpoint, exam->socket) == 0)
        return TRUE;
    const char *root = mgk_postconf_get(exam->postconf, NULL, "queue_directory");
    g_autofree char *path = mgk_milters_path(milter->endpoint, root, service->chroot);
    g_autofree char *ours = mgk_milters_path(exam->socket, "/", FALSE);
    return path && ours && strcmp(path, ours) == 0;
}

int mgk_ours_find(const MgkExam *exam, const MgkService *service, const GPtrArray *milters)
{
    for (guint i = 0; i < milters->len; i++) {
        if (is_ours(exam, service, g_ptr_array_index(milters, i)))
            return (int)i;
    }
    return -1;
}

void mgk_ours_each(MgkExam *exam, const char *option,
                   void (*visit)(MgkExam *exam, const char *place, const char *name, const char *value))
{
    g_autofree char *parameter = g_strconcat("milter_", option, NULL);
    const char *common = mgk_postconf_get(exam->postconf, NULL, parameter);
    visit(exam, "main.cf", parameter, common);
    for (guint i = 0; i < exam->postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(exam->postconf->services, i);
        g_autoptr(GPtrArray) milters = mgk_milters_parse(mgk_ours_list(exam, service));
        int at = mgk_ours_find(exam, service, milters);
        if (at < 0)
            continue;
        const MgkMilter *milter = g_ptr_array_index(milters, (guint)at);
        const char *inside = g_hash_table_lookup(milter->options, option);
        const char *value = inside ? inside : mgk_postconf_get(exam->postconf, service, parameter);
        g_autofree char *place = g_strdup_printf("%s/%s", service->name, service->type);
        if (strcmp(value, common) != 0)
            visit(exam, place, inside ? option : parameter, value);
    }
}
