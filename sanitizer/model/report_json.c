#include "model/report_json.h"

#include "model/format.h"
#include "model/names.h"
#include "model/policy_file.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void add_table_rows(GString *rows)
{
    gsize n = 0;
    const MgkLimitInfo *limits = mgk_limits_table(&n);
    for (guint i = 0; i < MGK_N_KINDS; i++) {
        const MgkKindInfo *kind = mgk_kind_info((MgkKind)i);
        g_string_append_printf(rows, "k %s %d %d %u\n", kind->name, (int)kind->level, (int)kind->def, kind->allowed);
    }
    for (guint i = 0; i < MGK_N_REASONS; i++)
        g_string_append_printf(rows, "r %s\n", mgk_reason_name((MgkReason)i));
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(rows, "l %s %" G_GUINT64_FORMAT "\n", limits[i].name, limits[i].def);
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *format = mgk_format_info((MgkFormatId)i);
        g_string_append_printf(rows, "f %s %s %u\n", format->id, format->extensions, format->flags);
    }
}

char *mgk_report_rule_version(void)
{
    g_autoptr(GString) rows = g_string_new(NULL);
    add_table_rows(rows);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, rows->str, (gssize)rows->len);
    return g_strdup_printf(MGK_VERSION "+%.12s", digest);
}

static void add_string(JsonBuilder *builder, const char *name, const char *value)
{
    json_builder_set_member_name(builder, name);
    if (!value) {
        json_builder_add_null_value(builder);
        return;
    }
    g_autofree char *valid = mgk_names_to_utf8(value, -1);
    json_builder_add_string_value(builder, valid);
}

static void add_string_or_null(JsonBuilder *builder, const char *name, const char *value)
{
    add_string(builder, name, value && *value ? value : NULL);
}

static void add_number(JsonBuilder *builder, const char *name, guint64 value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, (gint64)MIN(value, (guint64)G_MAXINT64));
}

/* A path is bytes: name holds it readable, name_b64 exactly, only where the two differ. */
static void add_path(JsonBuilder *builder, const char *name, const char *path)
{
    add_string(builder, name, path);
    if (!path || g_utf8_validate(path, -1, NULL))
        return;
    g_autofree char *exact_name = g_strconcat(name, "_b64", NULL);
    g_autofree char *exact = g_base64_encode((const guchar *)path, strlen(path));
    add_string(builder, exact_name, exact);
}

static void add_time(JsonBuilder *builder, const char *name, gint64 microseconds)
{
    g_autoptr(GDateTime) second = g_date_time_new_from_unix_utc(microseconds / G_USEC_PER_SEC);
    g_autofree char *date = second && microseconds > 0 ? g_date_time_format(second, "%Y-%m-%dT%H:%M:%S") : NULL;
    g_autofree char *text = date ? g_strdup_printf("%s.%06dZ", date, (int)(microseconds % G_USEC_PER_SEC)) : NULL;
    add_string(builder, name, text);
}

static void add_finding(JsonBuilder *builder, const MgkFinding *finding, const MgkPolicy *policy)
{
    const MgkKindInfo *kind = mgk_kind_info(finding->kind);
    json_builder_begin_object(builder);
    add_string(builder, "kind", kind->name);
    add_string(builder, "level", mgk_level_name(kind->level));
    add_string(builder, "action", mgk_action_name(finding->action));
    add_number(builder, "count", finding->count);
    add_string(builder, "where", finding->where ? finding->where : "");
    add_string(builder, "detail", finding->detail ? finding->detail : "");
    g_autofree char *line = NULL;
    if (policy)
        line = g_strdup_printf("[actions] %s = %s", kind->name,
                               mgk_action_name((MgkAction)policy->actions[finding->kind]));
    add_string(builder, "policy", line);
    json_builder_end_object(builder);
}

static void add_findings(JsonBuilder *builder, const MgkReport *report, const MgkPolicy *policy)
{
    json_builder_set_member_name(builder, "findings");
    json_builder_begin_array(builder);
    for (guint i = 0; i < report->findings->len; i++)
        add_finding(builder, g_ptr_array_index(report->findings, i), policy);
    json_builder_end_array(builder);
    add_number(builder, "findings_omitted", report->findings_omitted);
}

static void add_verdict(JsonBuilder *builder, const MgkReport *report)
{
    add_string(builder, "format", report->format);
    add_string_or_null(builder, "media_type", report->media_type);
    add_string(builder, "verdict", mgk_verdict_name(report->verdict));
    add_string(builder, "reason", report->reason == MGK_REASON_NONE ? NULL : mgk_reason_name(report->reason));
    add_string_or_null(builder, "reason_detail", report->reason_detail);
    add_string(builder, "level", mgk_level_name(mgk_report_level(report)));
    add_string_or_null(builder, "sha256_in", report->sha256_in);
    add_string_or_null(builder, "sha256_out", report->sha256_out);
    add_number(builder, "size_in", report->size_in);
    add_number(builder, "size_out", report->size_out);
    add_string(builder, "sandbox", report->sandbox);
}

/* Everything but the braces of one node; inner nodes lack what is the same for the whole tree. */
static void add_node(JsonBuilder *builder, const MgkReport *report, const MgkReportContext *context, gboolean top)
{
    json_builder_begin_object(builder);
    if (top)
        add_string(builder, "schema", MGK_REPORT_SCHEMA);
    add_path(builder, "input", top && context->input ? context->input : report->name);
    add_path(builder, "output", top ? context->output : NULL);
    add_string(builder, "output_name", report->output_name);
    add_verdict(builder, report);
    if (top) {
        g_autofree char *rules = mgk_report_rule_version();
        g_autofree char *policy = context->policy ? mgk_policy_file_id(context->policy) : NULL;
        add_string(builder, "sandbox_level", context->sandbox_level);
        add_string(builder, "rule_version", rules);
        add_string(builder, "policy_id", policy);
        add_string(builder, "profile", context->policy ? mgk_profile_name(context->policy->profile) : NULL);
    }
    add_findings(builder, report, context->policy);
    add_time(builder, "started", report->started_us);
    add_time(builder, "finished", report->finished_us);
    json_builder_set_member_name(builder, "children");
    json_builder_begin_array(builder);
    for (guint i = 0; i < report->children->len; i++)
        add_node(builder, g_ptr_array_index(report->children, i), context, FALSE);
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

/* Escapes what json-glib leaves as it is although readers split lines at it or terminals obey it. Such characters can
 * stand in strings only, so the JSON stays the same. */
static char *escape_invisible(const char *json)
{
    g_autoptr(GString) out = g_string_sized_new(strlen(json));
    for (const char *p = json; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        GUnicodeType type = g_unichar_type(c);
        gboolean plain = type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT && type != G_UNICODE_LINE_SEPARATOR &&
                         type != G_UNICODE_PARAGRAPH_SEPARATOR;
        if (plain)
            g_string_append_unichar(out, c);
        else if (c < 0x10000)
            g_string_append_printf(out, "\\u%04x", c);
        else
            g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *mgk_report_json(const MgkReport *report, const MgkReportContext *context)
{
    static const MgkReportContext nothing = {NULL, NULL, NULL, NULL};
    g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
    add_node(builder, report, context ? context : &nothing, TRUE);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *json = json_to_string(root, FALSE);
    return escape_invisible(json);
}
