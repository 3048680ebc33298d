/* ledger_records.c - a record is made, concluded, and goes its way. */
#include "store/ledger_internal.h"

#include <string.h>
#include <unistd.h>

#define TEXT_BYTES 1024  /* of a string out of a mail */
#define LOGGED_PARTS 100 /* in one record of the log; all are in the ledger */
#define LOGGED_RECIPIENTS 20

/* Valid UTF-8 of a bounded length; owned by the caller. */
static char *tidy(const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, (gssize)strnlen(text, TEXT_BYTES)) : NULL;
    return valid ? g_steal_pointer(&valid) : g_strdup("");
}

static gboolean intern_address(MgkLedger *ledger, const char *text, gint64 *ret_id, GError **error)
{
    g_autofree char *address = tidy(text), *domain = mgk_ledger_domain(address);
    *ret_id = 0;
    if (!mgk_sql_value(ledger, "SELECT id FROM addresses WHERE address = ?", MGK_BINDS(MGK_TEXT(address)), ret_id,
                       error))
        return FALSE;
    if (*ret_id != 0)
        return TRUE;
    /* An empty sender is one, too (bounces). */
    if (!mgk_sql_run(ledger, "INSERT INTO addresses(address, domain) VALUES(ifnull(?,''), ifnull(?,''))",
                     MGK_BINDS(MGK_TEXT(address), MGK_TEXT(domain)), error))
        return FALSE;
    *ret_id = sqlite3_last_insert_rowid(ledger->db);
    return TRUE;
}

/* NULL where there is none: 0 is no row's id. */
#define ID_OR_NULL "nullif(?,0)"

static gboolean next_number(MgkLedger *ledger, gint64 time_us, gint64 *ret_number, GError **error)
{
    gint64 last = 0, first = mgk_ledger_day(time_us) * MGK_DAY_RECORDS;
    if (!mgk_sql_value(ledger, "SELECT max(number) FROM records", NULL, 0, &last, error))
        return FALSE;
    *ret_number = MAX(last, first) + 1; /* a clock that was set back keeps counting the later day */
    return TRUE;
}

static gboolean insert_record(MgkLedger *ledger, const MgkRecord *record, gint64 number, gint64 time_us, GError **error)
{
    gint64 sender = 0, department = 0;
    g_autofree char *client = tidy(record->client), *queue_id = tidy(record->queue_id);
    g_autofree char *message_id = tidy(record->message_id), *subject = tidy(record->subject);
    return intern_address(ledger, record->sender, &sender, error) &&
           mgk_ledger_department(ledger, record->department, &department, error) &&
           mgk_sql_run(ledger,
                       "INSERT INTO records(number, time_us, origin, state, sha256, size, sender, department, client,"
                       " queue_id, message_id, subject) VALUES(?,?,?,0,?,?,?," ID_OR_NULL ",?,?,?,?)",
                       MGK_BINDS(MGK_INT(number), MGK_INT(time_us), MGK_INT(record->origin), MGK_HASH(record->sha256),
                                 MGK_INT(record->size), MGK_INT(sender), MGK_INT(department), MGK_TEXT(client),
                                 MGK_TEXT(queue_id), MGK_TEXT(message_id), MGK_TEXT(subject)),
                       error);
}

static gboolean insert_recipients(MgkLedger *ledger, const MgkRecord *record, gint64 number, GError **error)
{
    for (const char *const *r = record->recipients; r && *r; r++) {
        gint64 address = 0;
        if (!intern_address(ledger, *r, &address, error) ||
            !mgk_sql_run(ledger, "INSERT OR IGNORE INTO recipients VALUES(?,?)",
                         MGK_BINDS(MGK_INT(address), MGK_INT(number)), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean count_use(MgkLedger *ledger, const char *kind, const char *source, const MgkRecord *record,
                          gint64 time_us, GError **error)
{
    if (!source || !*source)
        return TRUE;
    g_autofree char *text = tidy(source), *key = g_strconcat(kind, text, NULL);
    return mgk_sql_run(ledger,
                       "INSERT INTO usage VALUES(?,?,1,?) ON CONFLICT DO UPDATE SET mails = mails + 1,"
                       " bytes = bytes + excluded.bytes",
                       MGK_BINDS(MGK_TEXT(key), MGK_INT(time_us / G_TIME_SPAN_DAY), MGK_INT(record->size)), error);
}

static gboolean add_all(MgkLedger *ledger, const MgkRecord *record, gint64 time_us, char ret_id[MGK_RECORD_ID],
                        GError **error)
{
    gint64 number = 0;
    g_autofree char *domain = mgk_ledger_domain(record->sender);
    if (!next_number(ledger, time_us, &number, error) || !insert_record(ledger, record, number, time_us, error) ||
        !insert_recipients(ledger, record, number, error) ||
        !count_use(ledger, "domain:", domain, record, time_us, error) ||
        !count_use(ledger, "client:", record->client, record, time_us, error))
        return FALSE;
    mgk_ledger_id(number, ret_id);
    return TRUE;
}

/* Recipients as one string; owned by the caller. */
static char *join_recipients(const MgkRecord *record)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint n = 0;
    for (const char *const *r = record->recipients; r && *r; r++, n++) {
        if (n < LOGGED_RECIPIENTS)
            g_string_append_printf(text, "%s%s", n ? " " : "", *r);
    }
    if (n > LOGGED_RECIPIENTS)
        g_string_append_printf(text, " +%u", n - LOGGED_RECIPIENTS);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

gboolean mgk_ledger_find_delivery(MgkLedger *ledger, const char *queue_id, char ret_id[MGK_RECORD_ID], GError **error)
{
    gint64 number = 0;
    g_autofree char *queue = tidy(queue_id);
    *ret_id = '\0';
    if (!*queue)
        return TRUE;
    g_mutex_lock(&ledger->mutex);
    gboolean good = mgk_sql_value(ledger, "SELECT number FROM records WHERE queue_id = ?", MGK_BINDS(MGK_TEXT(queue)),
                                  &number, error);
    g_mutex_unlock(&ledger->mutex);
    if (number)
        mgk_ledger_id(number, ret_id);
    return good;
}

gboolean mgk_ledger_add(MgkLedger *ledger, const MgkRecord *record, char ret_id[MGK_RECORD_ID], GError **error)
{
    char id[MGK_RECORD_ID];
    gint64 time_us = record->time_us ? record->time_us : g_get_real_time();
    if (!mgk_ledger_begin(ledger, error))
        return FALSE;
    gboolean good = add_all(ledger, record, time_us, id, error);
    g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, record->size), *recipients = join_recipients(record);
    g_autofree char *sender = tidy(record->sender), *client = tidy(record->client), *queue = tidy(record->queue_id);
    const char *const data[] = {"origin",     mgk_origin_name(record->origin),
                                "sender",     sender,
                                "recipients", recipients,
                                "client",     client,
                                "queue",      queue,
                                "bytes",      size,
                                NULL};
    const MgkEvent event = {.name = "record.received",
                            .uid = geteuid(),
                            .actor = "store",
                            .record = id,
                            .sha256 = record->sha256,
                            .department = record->department,
                            .data = data};
    if (!mgk_ledger_end(ledger, good ? &event : NULL, error))
        return FALSE;
    memcpy(ret_id, id, sizeof id);
    return TRUE;
}

static gboolean insert_part(MgkLedger *ledger, const MgkRecordPart *part, gint64 id, GError **error)
{
    gint64 format = 0, verdict = 0, reason = 0;
    g_autofree char *name = tidy(part->name);
    return mgk_ledger_word(ledger, part->format, &format, error) &&
           mgk_ledger_word(ledger, mgk_verdict_name(part->verdict), &verdict, error) &&
           mgk_ledger_word(ledger, mgk_reason_name(part->reason), &reason, error) &&
           mgk_sql_run(ledger,
                       "INSERT INTO parts(id, parent, size, sha256, format, verdict, reason, name, findings)"
                       " VALUES(?,?,?,?," ID_OR_NULL "," ID_OR_NULL "," ID_OR_NULL ",?,?)",
                       MGK_BINDS(MGK_INT(id), MGK_INT(part->parent), MGK_INT(part->size), MGK_HASH(part->sha256),
                                 MGK_INT(format), MGK_INT(verdict), MGK_INT(reason), MGK_TEXT(name),
                                 MGK_TEXT(part->findings)),
                       error);
}

static gboolean insert_parts(MgkLedger *ledger, const MgkRecord *result, gint64 number, GError **error)
{
    if (result->n_parts >= 1u << MGK_PART_SHIFT) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "record_parts: the record has too many parts");
        return FALSE;
    }
    for (guint i = 0; i < result->n_parts; i++) {
        if (!insert_part(ledger, &result->parts[i], (number << MGK_PART_SHIFT) + i, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean update_record(MgkLedger *ledger, const MgkRecord *result, gint64 number, GError **error)
{
    gint64 verdict = 0, reason = 0, policy = 0, rules = 0, department = 0;
    g_autofree char *clean_copy = tidy(result->clean_copy);
    return mgk_ledger_word(ledger, mgk_verdict_name(result->verdict), &verdict, error) &&
           mgk_ledger_word(ledger, mgk_reason_name(result->reason), &reason, error) &&
           mgk_ledger_word(ledger, result->policy, &policy, error) &&
           mgk_ledger_word(ledger, result->rules, &rules, error) &&
           mgk_ledger_department(ledger, result->department, &department, error) &&
           mgk_ledger_set_state(ledger, number, result->state, error) &&
           mgk_sql_run(ledger,
                       "UPDATE records SET verdict = ?, reason = " ID_OR_NULL ", policy = " ID_OR_NULL
                       ", rules = " ID_OR_NULL ", department = ifnull(" ID_OR_NULL
                       ", department), clean_copy = ? WHERE number = ?",
                       MGK_BINDS(MGK_INT(verdict), MGK_INT(reason), MGK_INT(policy), MGK_INT(rules),
                                 MGK_INT(department), MGK_TEXT(clean_copy), MGK_INT(number)),
                       error);
}

static gboolean count_one(MgkLedger *ledger, gint64 number, const char *what, guint64 count, GError **error)
{
    gint64 word = 0;
    return mgk_ledger_word(ledger, what, &word, error) &&
           mgk_sql_run(ledger,
                       "INSERT INTO counts SELECT number / 1000000, ifnull(department, 0), ?2, ?3 FROM records"
                       " WHERE number = ?1 ON CONFLICT DO UPDATE SET count = count + excluded.count",
                       MGK_BINDS(MGK_INT(number), MGK_INT(word), MGK_INT(count)), error);
}

static gboolean count_all(MgkLedger *ledger, gint64 number, const MgkRecord *result, const MgkTally *tallies,
                          guint n_tallies, GError **error)
{
    g_autofree char *verdict = g_strconcat("verdict:", mgk_verdict_name(result->verdict), NULL);
    if (!count_one(ledger, number, verdict, 1, error))
        return FALSE;
    for (guint i = 0; i < n_tallies; i++) {
        if (!count_one(ledger, number, tallies[i].what, tallies[i].count, error))
            return FALSE;
    }
    return TRUE;
}

static void add_pair(GPtrArray *data, char *key, char *value)
{
    g_ptr_array_add(data, key);
    g_ptr_array_add(data, value);
}

/* What the log says of a conclusion: pairs, NULL-terminated; owned by the caller. */
static GPtrArray *describe(const MgkRecord *result, const MgkTally *tallies, guint n_tallies)
{
    GPtrArray *data = g_ptr_array_new_with_free_func(g_free);
    add_pair(data, g_strdup("verdict"), g_strdup(mgk_verdict_name(result->verdict)));
    add_pair(data, g_strdup("reason"), g_strdup(mgk_reason_name(result->reason)));
    add_pair(data, g_strdup("policy"), tidy(result->policy));
    add_pair(data, g_strdup("rules"), tidy(result->rules));
    add_pair(data, g_strdup("clean_copy"), tidy(result->clean_copy));
    add_pair(data, g_strdup("parts"), g_strdup_printf("%u", result->n_parts));
    for (guint i = 0; i < n_tallies; i++)
        add_pair(data, tidy(tallies[i].what), g_strdup_printf("%" G_GUINT64_FORMAT, tallies[i].count));
    for (guint i = 0; i < MIN(result->n_parts, LOGGED_PARTS); i++) {
        const MgkRecordPart *part = &result->parts[i];
        g_autofree char *name = tidy(part->name);
        add_pair(data, g_strdup_printf("part.%u", i),
                 g_strdup_printf("%s %s %s %s %s", part->sha256, part->format ? part->format : "unknown",
                                 mgk_verdict_name(part->verdict), mgk_reason_name(part->reason), name));
    }
    g_ptr_array_add(data, NULL);
    return data;
}

static gboolean conclude_all(MgkLedger *ledger, gint64 number, const MgkRecord *result, const MgkTally *tallies,
                             guint n_tallies, GError **error)
{
    return update_record(ledger, result, number, error) && insert_parts(ledger, result, number, error) &&
           count_all(ledger, number, result, tallies, n_tallies, error);
}

gboolean mgk_ledger_conclude(MgkLedger *ledger, const char *id, const MgkRecord *result, const MgkTally *tallies,
                             guint n_tallies, GError **error)
{
    gint64 number = 0;
    if (!mgk_ledger_number(id, &number, error) || !mgk_ledger_begin(ledger, error))
        return FALSE;
    gboolean good = conclude_all(ledger, number, result, tallies, n_tallies, error);
    g_autoptr(GPtrArray) data = describe(result, tallies, n_tallies);
    g_autofree char *name = g_strconcat("record.", mgk_state_name(result->state), NULL);
    const MgkEvent event = {.name = name,
                            .uid = geteuid(),
                            .actor = "store",
                            .record = id,
                            .department = result->department,
                            .data = (const char *const *)data->pdata};
    return mgk_ledger_end(ledger, good ? &event : NULL, error);
}

gboolean mgk_ledger_step(MgkLedger *ledger, const char *id, MgkState to, const MgkPerson *person, const char *detail,
                         GError **error)
{
    gint64 number = 0;
    if (!mgk_ledger_number(id, &number, error) || !mgk_ledger_begin(ledger, error))
        return FALSE;
    gboolean good = mgk_ledger_set_state(ledger, number, to, error);
    g_autofree char *name = g_strconcat("record.", mgk_state_name(to), NULL);
    const char *const data[] = {"role", person->role ? person->role : "", "detail", detail ? detail : "", NULL};
    const MgkEvent event = {.name = name, .uid = person->uid, .actor = person->name, .record = id, .data = data};
    return mgk_ledger_end(ledger, good ? &event : NULL, error);
}
