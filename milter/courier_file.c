#include "courier_file.h"

#include "model/error.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define DEPTH 32

void mgk_spooled_mail_free(MgkSpooledMail *mail)
{
    if (!mail)
        return;
    g_free(mail->sender);
    g_free(mail->client);
    g_free(mail->policy);
    g_free(mail->rules);
    g_free(mail->subject);
    g_strfreev(mail->recipients);
    mgk_report_free(mail->report);
    g_free(mail);
}

/* "" when it is missing, null, or no text. Borrowed. */
static const char *text_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    const char *text = node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING
                           ? json_node_get_string(node)
                           : NULL;
    return text ? text : "";
}

static gint64 number_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64
               ? json_node_get_int(node)
               : 0;
}

static JsonArray *array_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

/* Unknown words (an older version's) are the strictest: held, for an internal reason. */
static MgkVerdict verdict_of(const char *name)
{
    for (guint i = 0; i < MGK_N_VERDICTS; i++) {
        if (strcmp(mgk_verdict_name((MgkVerdict)i), name) == 0)
            return (MgkVerdict)i;
    }
    return MGK_VERDICT_HELD;
}

static MgkReason reason_of(const char *name)
{
    for (guint i = 0; *name && i < MGK_N_REASONS; i++) {
        if (strcmp(mgk_reason_name((MgkReason)i), name) == 0)
            return (MgkReason)i;
    }
    return *name ? MGK_REASON_INTERNAL : MGK_REASON_NONE;
}

static void read_finding(JsonArray *array, guint index, JsonNode *node, gpointer data)
{
    MgkReport *report = data;
    MgkFinding finding = {.count = 1};
    (void)array;
    (void)index;
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return;
    JsonObject *object = json_node_get_object(node);
    if (!mgk_kind_from_name(text_of(object, "kind"), &finding.kind) ||
        !mgk_action_from_name(text_of(object, "action"), &finding.action))
        return;
    g_autofree char *where = g_strdup(text_of(object, "where")), *detail = g_strdup(text_of(object, "detail"));
    finding.where = where;
    finding.detail = detail;
    finding.count = (guint)CLAMP(number_of(object, "count"), 1, G_MAXINT);
    mgk_report_find(report, &finding, 10000);
}

static MgkReport *read_report(JsonObject *object, guint depth)
{
    MgkReport *report = mgk_report_new(text_of(object, "input"));
    JsonArray *findings = array_of(object, "findings"), *children = array_of(object, "children");
    g_free(report->format);
    report->format = g_strdup(text_of(object, "format"));
    report->verdict = verdict_of(text_of(object, "verdict"));
    report->reason = reason_of(text_of(object, "reason"));
    report->size_in = (guint64)MAX(number_of(object, "size_in"), 0);
    g_strlcpy(report->sha256_in, text_of(object, "sha256_in"), sizeof report->sha256_in);
    if (findings)
        json_array_foreach_element(findings, read_finding, report);
    for (guint i = 0; children && depth < DEPTH && i < json_array_get_length(children); i++) {
        JsonNode *child = json_array_get_element(children, i);
        if (JSON_NODE_HOLDS_OBJECT(child))
            g_ptr_array_add(report->children, read_report(json_node_get_object(child), depth + 1));
    }
    return report;
}

/* A mail that no worker could look at has no report of its own. */
static MgkReport *report_of(JsonObject *result)
{
    JsonNode *node = json_object_get_member(result, "report");
    if (node && JSON_NODE_HOLDS_OBJECT(node))
        return read_report(json_node_get_object(node), 0);
    MgkReport *report = mgk_report_new("mail.eml");
    report->verdict = MGK_VERDICT_HELD;
    report->reason = reason_of(text_of(result, "reason"));
    return report;
}

static JsonObject *parse(JsonParser *parser, const char *text, GError **error)
{
    JsonNode *root = json_parser_load_from_data(parser, text, -1, NULL) ? json_parser_get_root(parser) : NULL;
    if (root && JSON_NODE_HOLDS_OBJECT(root))
        return json_node_get_object(root);
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "not what the mail filter wrote");
    return NULL;
}

static char **recipients_of(JsonObject *envelope)
{
    JsonArray *array = array_of(envelope, "recipients");
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);
        if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
            g_strv_builder_add(all, json_node_get_string(node));
    }
    return g_strv_builder_end(all);
}

MgkSpooledMail *mgk_spooled_mail_parse(const char *envelope_text, const char *result_text, GError **error)
{
    g_autoptr(JsonParser) first = json_parser_new(), second = json_parser_new();
    JsonObject *envelope = parse(first, envelope_text, error);
    JsonObject *result = envelope ? parse(second, result_text, error) : NULL;
    if (!result)
        return NULL;
    MgkSpooledMail *mail = g_new0(MgkSpooledMail, 1);
    mail->sender = g_strdup(text_of(envelope, "sender"));
    mail->client = g_strdup(text_of(envelope, "client_address"));
    mail->policy = g_strdup(text_of(result, "policy_id"));
    mail->rules = g_strdup(text_of(result, "rule_version"));
    mail->subject = g_strdup(text_of(result, "subject"));
    mail->recipients = recipients_of(envelope);
    mail->received_us = number_of(envelope, "received_us");
    mail->holds = json_object_get_boolean_member_with_default(result, "holds", TRUE);
    mail->delivered = strcmp(text_of(result, "outcome"), "cleaned") == 0;
    mail->report = report_of(result);
    return mail;
}
