/* look.c - list, show, requests, whoami: people look at what is theirs. That an auditor looked is logged. */
#include "hold.h"

#include "model/words.h"
#include "store/hold_wire.h"

#include <string.h>

#define ROWS 200

static void put(GVariantBuilder *row, const char *name, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    if (*valid)
        g_variant_builder_add(row, "{sv}", name, g_variant_new_string(valid));
}

static void put_number(GVariantBuilder *row, const char *name, guint64 number)
{
    g_variant_builder_add(row, "{sv}", name, g_variant_new_uint64(number));
}

/* RFC 3339 with the local offset; nothing for 0. */
static void put_time(GVariantBuilder *row, const char *name, gint64 time_us)
{
    g_autoptr(GDateTime) utc = time_us ? g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC) : NULL;
    g_autoptr(GDateTime) local = utc ? g_date_time_to_local(utc) : NULL;
    g_autofree char *text = local ? g_date_time_format(local, "%Y-%m-%dT%H:%M:%S%:z") : NULL;
    put(row, name, text);
}

static void put_flag(GVariantBuilder *row, const char *name, gboolean flag)
{
    if (flag)
        g_variant_builder_add(row, "{sv}", name, g_variant_new_boolean(TRUE));
}

static void put_texts(GVariantBuilder *row, const char *name, const char *const *texts)
{
    GVariantBuilder list;
    if (!texts || !texts[0])
        return;
    g_variant_builder_init(&list, G_VARIANT_TYPE("as"));
    for (guint i = 0; texts[i]; i++) {
        g_autofree char *valid = g_utf8_make_valid(texts[i], -1);
        g_variant_builder_add(&list, "s", valid);
    }
    g_variant_builder_add(row, "{sv}", name, g_variant_builder_end(&list));
}

/* ---- records ---- */

static void put_verdict(GVariantBuilder *row, MgkVerdict verdict, MgkReason reason)
{
    put(row, "verdict", mgk_verdict_name(verdict));
    if (reason != MGK_REASON_NONE)
        put(row, "reason", mgk_reason_name(reason));
}

static GVariant *record_row(const MgkRecord *record)
{
    GVariantBuilder row;
    g_variant_builder_init(&row, G_VARIANT_TYPE_VARDICT);
    put(&row, "id", record->id);
    put_time(&row, "time", record->time_us);
    put(&row, "origin", mgk_origin_name(record->origin));
    put(&row, "state", mgk_state_name(record->state));
    put_flag(&row, "frozen", record->frozen);
    put(&row, "sha256", record->sha256);
    put_number(&row, "size", record->size);
    put(&row, "sender", record->sender);
    put_texts(&row, "recipients", record->recipients);
    put(&row, "subject", record->subject);
    put(&row, "department", record->department);
    if (record->state == MGK_STATE_RECEIVED) /* no verdict yet */
        return g_variant_builder_end(&row);
    put_verdict(&row, record->verdict, record->reason);
    return g_variant_builder_end(&row);
}

static void put_more(GVariantBuilder *row, const MgkRecord *record)
{
    put(row, "client", record->client);
    put(row, "message-id", record->message_id);
    put(row, "queue-id", record->queue_id);
    put(row, "policy", record->policy);
    put(row, "rules", record->rules);
    put(row, "clean-copy", record->clean_copy);
}

static GVariant *part_row(const MgkRecordPart *part)
{
    GVariantBuilder row;
    g_variant_builder_init(&row, G_VARIANT_TYPE_VARDICT);
    put(&row, "name", part->name);
    put(&row, "format", part->format);
    put(&row, "sha256", part->sha256);
    put_number(&row, "size", part->size);
    put_number(&row, "parent", part->parent);
    put_verdict(&row, part->verdict, part->reason);
    put(&row, "findings", part->findings);
    return g_variant_builder_end(&row);
}

/* What cannot be logged is not shown. */
static gboolean note_reading(const MgkAsk *ask, const char *ids, GError **error)
{
    const char *const data[] = {"records", ids, NULL};
    return !mgk_caller_has(ask->caller, MGK_ROLE_AUDITOR) || mgk_ask_note(ask, "audit.read", NULL, data, error);
}

/* Departments the caller may see: NULL for all. */
static const char *const *departments_of(const MgkAsk *ask)
{
    return ask->caller->all ? NULL : (const char *const *)ask->caller->departments;
}

static guint states_of(const char *name, GError **error)
{
    MgkState state;
    if (!*name)
        return 0;
    if (mgk_state_from_name(name, &state))
        return 1u << state;
    mgk_ask_refuse(error, N_("there is no such state"));
    return G_MAXUINT;
}

gboolean mgk_answer_list(MgkAsk *ask, GError **error)
{
    GVariant *a = ask->arguments;
    const MgkFilter filter = {.from_us = (gint64)mgk_hold_number(a, "from"),
                              .to_us = (gint64)mgk_hold_number(a, "to"),
                              .sender = mgk_hold_text(a, "sender"),
                              .recipient = mgk_hold_text(a, "recipient"),
                              .subject = mgk_hold_text(a, "subject"),
                              .sha256 = mgk_hold_text(a, "sha256"),
                              .states = states_of(mgk_hold_text(a, "state"), error),
                              .frozen = mgk_hold_flag(a, "frozen"),
                              .departments = departments_of(ask),
                              .before = mgk_hold_text(a, "before"),
                              .limit = (guint)MIN(mgk_hold_number(a, "limit"), ROWS)};
    if (filter.states == G_MAXUINT)
        return FALSE;
    if (filter.departments && !filter.departments[0])
        return mgk_ask_refuse(error, N_("your account belongs to no department"));
    g_autoptr(MgkRecords) records = mgk_ledger_list(ask->hold->ledger, &filter, error);
    if (!records)
        return FALSE;
    g_autoptr(GString) ids = g_string_new(NULL);
    GVariantBuilder rows;
    g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
    for (guint i = 0; i < records->records->len; i++) {
        const MgkRecord *record = mgk_records_get(records, i);
        g_variant_builder_add_value(&rows, record_row(record));
        g_string_append_printf(ids, "%s%s", i ? " " : "", record->id);
    }
    g_variant_dict_insert_value(&ask->answer, "rows", g_variant_builder_end(&rows));
    g_variant_dict_insert(&ask->answer, "more", "b", records->more);
    return note_reading(ask, ids->str, error);
}

/* ---- requests ---- */

static GVariant *request_row(const MgkRequest *request)
{
    GVariantBuilder row;
    g_variant_builder_init(&row, G_VARIANT_TYPE_VARDICT);
    put_number(&row, "number", request->number);
    put(&row, "record", request->record);
    put(&row, "sha256", request->sha256);
    put(&row, "state", mgk_request_state_name(request->state));
    put(&row, "person", request->person.name);
    put(&row, "reason", request->reason);
    put(&row, "chain", request->chain);
    put_number(&row, "approvals", request->approvals);
    put_flag(&row, "emergency", request->emergency);
    put_flag(&row, "unreported", request->emergency && !request->reported_us);
    put_time(&row, "time", request->time_us);
    put_time(&row, "expires", request->expires_us);
    put_texts(&row, "departments", request->departments);
    put_time(&row, "until", request->until_us);
    return g_variant_builder_end(&row);
}

/* Only of records that the caller sees. */
static gboolean put_requests(MgkAsk *ask, const MgkRequestFilter *filter, GError **error)
{
    g_autoptr(MgkRequests) requests = mgk_ledger_requests(ask->hold->ledger, filter, error);
    if (!requests)
        return FALSE;
    GVariantBuilder rows;
    g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
    for (guint i = 0; i < requests->requests->len; i++) {
        const MgkRequest *request = &g_array_index(requests->requests, MgkRequest, i);
        g_autoptr(MgkRecords) of = mgk_ledger_get(ask->hold->ledger, request->record, NULL);
        if (of && mgk_caller_sees(ask->caller, mgk_records_get(of, 0)->department))
            g_variant_builder_add_value(&rows, request_row(request));
    }
    g_variant_dict_insert_value(&ask->answer, "requests", g_variant_builder_end(&rows));
    return TRUE;
}

gboolean mgk_answer_requests(MgkAsk *ask, GError **error)
{
    GVariant *a = ask->arguments;
    gboolean emergencies = mgk_hold_flag(a, "exceptions");
    guint64 number = mgk_hold_number(a, "number");
    gboolean every = number || emergencies || mgk_hold_flag(a, "all");
    const MgkRequestFilter filter = {.number = number,
                                     .unreported = emergencies,
                                     .states = every ? 0 : 1u << MGK_REQUEST_OPEN | 1u << MGK_REQUEST_APPROVED,
                                     .from_us = (gint64)mgk_hold_number(a, "from"),
                                     .to_us = (gint64)mgk_hold_number(a, "to"),
                                     .limit = ROWS};
    return put_requests(ask, &filter, error);
}

gboolean mgk_answer_show(MgkAsk *ask, GError **error)
{
    g_autoptr(MgkRecords) records = mgk_ask_record(ask, error);
    if (!records)
        return FALSE;
    const MgkRecord *record = mgk_records_get(records, 0);
    GVariantBuilder parts, more;
    if (!note_reading(ask, record->id, error))
        return FALSE;
    g_variant_builder_init(&parts, G_VARIANT_TYPE("aa{sv}"));
    for (guint i = 0; i < record->n_parts; i++)
        g_variant_builder_add_value(&parts, part_row(&record->parts[i]));
    g_variant_builder_init(&more, G_VARIANT_TYPE_VARDICT);
    put_more(&more, record);
    g_variant_dict_insert_value(&ask->answer, "record", record_row(record));
    g_variant_dict_insert_value(&ask->answer, "more", g_variant_builder_end(&more));
    g_variant_dict_insert_value(&ask->answer, "parts", g_variant_builder_end(&parts));
    const MgkRequestFilter filter = {.record = record->id};
    return put_requests(ask, &filter, error);
}

gboolean mgk_answer_whoami(MgkAsk *ask, GError **error)
{
    (void)error;
    g_autoptr(GString) roles = g_string_new(NULL);
    for (guint role = 0; role < MGK_N_ROLES; role++) {
        if (mgk_caller_has(ask->caller, (MgkRole)role))
            g_string_append_printf(roles, "%s%s", roles->len ? " " : "", mgk_role_name((MgkRole)role));
    }
    g_variant_dict_insert(&ask->answer, "account", "s", ask->caller->name);
    g_variant_dict_insert(&ask->answer, "roles", "s", roles->str);
    g_variant_dict_insert(&ask->answer, "all", "b", ask->caller->all);
    g_variant_dict_insert(&ask->answer, "departments", "^as", ask->caller->departments);
    return TRUE;
}
