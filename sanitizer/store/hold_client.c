#include "store/hold_client.h"

#include "model/json.h"

#define PARTS 10000

static void add_text(GVariantDict *question, const char *name, const char *text)
{
    g_autofree char *valid = text && *text ? g_utf8_make_valid(text, -1) : NULL;
    if (valid)
        g_variant_dict_insert(question, name, "s", valid);
}

static void add_texts(GVariantDict *question, const char *name, const char *const *texts)
{
    g_autoptr(GPtrArray) valid = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; texts && texts[i]; i++)
        g_ptr_array_add(valid, g_utf8_make_valid(texts[i], -1));
    g_ptr_array_add(valid, NULL);
    g_variant_dict_insert(question, name, "^as", valid->pdata);
}

gboolean mgk_hold_deposit(int socket, int fd, const MgkDeposit *deposit, char ret_id[MGK_RECORD_ID], GError **error)
{
    GVariantDict question;
    g_variant_dict_init(&question, NULL);
    add_text(&question, "origin", mgk_origin_name(deposit->origin));
    add_text(&question, "sender", deposit->sender);
    add_texts(&question, "recipients", deposit->recipients);
    add_text(&question, "client", deposit->client);
    add_text(&question, "subject", deposit->subject);
    add_text(&question, "message-id", deposit->message_id);
    add_text(&question, "department", deposit->department);
    add_text(&question, "queue-id", deposit->queue_id);
    g_variant_dict_insert(&question, "time", "t", (guint64)deposit->time_us);
    g_autoptr(GVariant) answer = mgk_hold_ask(socket, "deposit", g_variant_dict_end(&question), fd, NULL, error);
    if (!answer)
        return FALSE;
    g_strlcpy(ret_id, mgk_hold_text(answer, "id"), MGK_RECORD_ID);
    return TRUE;
}

/* [{"kind":…,"action":…,"count":…,"where":…}, …] */
static char *findings_json(const MgkReport *report)
{
    GString *all = g_string_new("[");
    for (guint i = 0; report->findings && i < report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(report->findings, i);
        MgkJson one;
        mgk_json_begin(&one);
        mgk_json_string(&one, "kind", mgk_kind_info(finding->kind)->name);
        mgk_json_string(&one, "action", mgk_action_name(finding->action));
        mgk_json_number(&one, "count", finding->count);
        mgk_json_string(&one, "where", finding->where);
        g_autofree char *text = mgk_json_end(&one);
        g_string_append_printf(all, "%s%s", i ? "," : "", g_strchomp(text));
    }
    g_string_append_c(all, ']');
    return g_string_free(all, FALSE);
}

static void add_part(GVariantBuilder *parts, const MgkReport *report, guint64 parent)
{
    GVariantDict part;
    g_autofree char *findings = findings_json(report);
    g_variant_dict_init(&part, NULL);
    add_text(&part, "name", report->name);
    add_text(&part, "format", report->format);
    add_text(&part, "sha256", report->sha256_in);
    add_text(&part, "findings", findings);
    g_variant_dict_insert(&part, "size", "t", report->size_in);
    g_variant_dict_insert(&part, "verdict", "t", (guint64)report->verdict);
    g_variant_dict_insert(&part, "reason", "t", (guint64)report->reason);
    g_variant_dict_insert(&part, "parent", "t", parent);
    g_variant_builder_add_value(parts, g_variant_dict_end(&part));
}

/* Parents before children; *n counts what was added. kinds collects the names of what was found. */
static void add_parts(GVariantBuilder *parts, GHashTable *kinds, const MgkReport *report, guint64 parent, guint64 *n)
{
    guint64 own = *n;
    if (own >= PARTS)
        return;
    add_part(parts, report, parent);
    (*n)++;
    for (guint i = 0; report->findings && i < report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(report->findings, i);
        g_hash_table_add(kinds, g_strconcat("kind:", mgk_kind_info(finding->kind)->name, NULL));
    }
    for (guint i = 0; report->children && i < report->children->len; i++)
        add_parts(parts, kinds, g_ptr_array_index(report->children, i), own, n);
}

gboolean mgk_hold_conclude(int socket, const char *id, const MgkConclusion *conclusion, GError **error)
{
    const MgkReport *report = conclusion->report;
    g_autoptr(GHashTable) kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GVariantDict question;
    GVariantBuilder parts;
    guint64 n = 0;
    g_variant_builder_init(&parts, G_VARIANT_TYPE("aa{sv}"));
    add_parts(&parts, kinds, report, 0, &n);
    g_autofree gpointer *names = g_hash_table_get_keys_as_array(kinds, NULL);
    g_variant_dict_init(&question, NULL);
    add_text(&question, "id", id);
    add_text(&question, "policy", conclusion->policy);
    add_text(&question, "rules", conclusion->rules);
    add_text(&question, "clean-copy", conclusion->clean_copy);
    add_text(&question, "subject", conclusion->subject);
    add_text(&question, "message-id", conclusion->message_id);
    add_texts(&question, "kinds", (const char *const *)names);
    g_variant_dict_insert(&question, "holds", "b", conclusion->holds);
    g_variant_dict_insert(&question, "verdict", "t", (guint64)report->verdict);
    g_variant_dict_insert(&question, "reason", "t", (guint64)report->reason);
    g_variant_dict_insert_value(&question, "parts", g_variant_builder_end(&parts));
    g_autoptr(GVariant) answer = mgk_hold_ask(socket, "conclude", g_variant_dict_end(&question), -1, NULL, error);
    return answer != NULL;
}
