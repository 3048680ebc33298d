#include "engines/mail_fields.h"

#include "engines/mail_address.h"
#include "engines/mail_auth.h"

#include <string.h>

#define SUBJECT_BYTES 4000
#define TRACE_BYTES 800
#define REFERENCES 50
#define WORD_BYTES 100

typedef enum { TRACE, DATE, ADDRESSES, SUBJECT, IDS, WORD, LIST } Form;

typedef struct Out {
    MgkMailDraft *draft;   /* borrowed */
    MgkMailWriter *writer; /* borrowed */
    const char *name;      /* borrowed; a literal of ours */
} Out;

static char *decode_tidy(MgkMailDraft *draft, const char *raw, gsize max)
{
    g_autofree char *decoded = mgk_mail_header_decode(raw);
    g_autofree char *tidy = mgk_mail_tidy(decoded, strlen(decoded), TRUE, &draft->tally);
    g_strstrip(tidy);
    gsize length = strlen(tidy);
    if (length > max) {
        for (length = max; length && ((guint8)tidy[length] & 0xc0) == 0x80;)
            length--;
    }
    return g_strndup(tidy, length);
}

/* ASCII only, single spaces; others become '?'. */
static char *ascii_line(const char *text, gsize max)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p && out->len < max; p++) {
        gboolean blank = *p == ' ' || *p == '\t' || *p == '\r' || *p == '\n';
        if (!blank)
            g_string_append_c(out, *p < ' ' || *p > '~' ? '?' : *p);
        else if (out->len && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    return g_string_free(out, FALSE);
}

static void write_trace(const Out *out, const char *raw)
{
    g_autofree char *line = ascii_line(raw, TRACE_BYTES);
    char *stamp = strrchr(line, ';');
    g_autofree char *date = stamp ? mgk_mail_date(stamp + 1) : NULL;
    if (stamp)
        *stamp = '\0';
    g_autofree char *whole = date ? g_strdup_printf("%s; %s", g_strchomp(line), date) : g_strdup(g_strchomp(line));
    mgk_mail_writer_field_ascii(out->writer, out->name, whole);
}

static void write_date(const Out *out, const char *raw)
{
    g_autofree char *decoded = mgk_mail_header_decode(raw);
    g_autofree char *date = mgk_mail_date(decoded);
    if (date)
        mgk_mail_writer_field_ascii(out->writer, out->name, date);
    else
        mgk_mail_note(out->draft, MGK_MAIL_WORD_BAD_DATE, decoded);
}

static void judge_sender(MgkMailDraft *draft, const MgkMailAddress *address)
{
    static const MgkMailWord words[] = {[MGK_SENDER_OTHER_ADDRESS] = MGK_MAIL_WORD_SENDER_ADDRESS,
                                        [MGK_SENDER_OWN_NAME] = MGK_MAIL_WORD_SENDER_OWN,
                                        [MGK_SENDER_LOOKALIKE] = MGK_MAIL_WORD_SENDER_LOOKALIKE,
                                        [MGK_SENDER_MIXED] = MGK_MAIL_WORD_SENDER_MIXED};
    MgkSender verdict = mgk_mail_sender_judge(address, draft->job->policy->mail.own_domains);
    g_autofree char *shown = g_strdup_printf("%s <%s>", address->name, address->given);
    if (verdict != MGK_SENDER_HONEST)
        mgk_mail_note(draft, words[verdict], shown);
}

static void write_addresses(const Out *out, const char *raw)
{
    g_autoptr(GPtrArray) list = mgk_mail_addresses_parse(raw);
    gboolean sender = strcmp(out->name, "To") != 0 && strcmp(out->name, "Cc") != 0;
    for (guint i = 0; i < list->len; i++) {
        const MgkMailAddress *address = g_ptr_array_index(list, i);
        if (sender)
            judge_sender(out->draft, address);
        if (!address->address && *address->given)
            mgk_mail_note(out->draft, MGK_MAIL_WORD_BAD_ADDRESS, address->given);
    }
    g_autofree char *value = mgk_mail_addresses_write(out->writer, list);
    if (*value)
        mgk_mail_writer_field_ascii(out->writer, out->name, value);
}

static void strip(char *text, const char *mark)
{
    for (char *at = *mark ? strstr(text, mark) : NULL; at; at = strstr(text, mark))
        memmove(at, at + strlen(mark), strlen(at + strlen(mark)) + 1);
}

static void write_subject(const Out *out, const char *raw)
{
    const MgkMailPolicy *policy = &out->draft->job->policy->mail;
    g_autofree char *subject = decode_tidy(out->draft, raw, SUBJECT_BYTES);
    strip(subject, policy->subject_tag); /* what only we may write */
    strip(subject, "【無害化】");
    g_autofree char *tagged =
        *policy->subject_tag ? g_strdup_printf("%s %s", policy->subject_tag, g_strstrip(subject)) : NULL;
    mgk_mail_writer_field(out->writer, out->name, tagged ? g_strchomp(tagged) : g_strstrip(subject));
}

/* "<…>" of printable ASCII with one '@' or none, without blanks. */
static gboolean is_id(const char *open, const char *close)
{
    if (close - open < 2 || close - open > 500)
        return FALSE;
    guint signs = 0;
    for (const char *p = open + 1; p < close; p++) {
        if (!g_ascii_isalnum(*p) && !memchr("!#$%&'*+-/=?^_`{|}~.@", *p, 21))
            return FALSE;
        signs += *p == '@';
    }
    return signs == 1 && open[1] != '@' && close[-1] != '@';
}

static void write_ids(const Out *out, const char *raw)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    for (const char *open = strchr(raw, '<'); open; open = strchr(open + 1, '<')) {
        const char *close = strchr(open, '>');
        if (close && is_id(open, close))
            g_ptr_array_add(ids, g_strndup(open, (gsize)(close - open) + 1));
    }
    if (ids->len > REFERENCES) /* the first and the latest matter */
        g_ptr_array_remove_range(ids, 1, ids->len - REFERENCES);
    if (strcmp(out->name, "Message-ID") == 0 && ids->len > 1)
        g_ptr_array_set_size(ids, 1);
    g_ptr_array_add(ids, NULL);
    g_autofree char *value = g_strjoinv(" ", (char **)ids->pdata);
    if (*value)
        mgk_mail_writer_field_ascii(out->writer, out->name, value);
}

static void write_word(const Out *out, const char *raw)
{
    g_autofree char *line = ascii_line(raw, WORD_BYTES);
    for (const char *p = line; *p; p++) {
        if (!g_ascii_isalnum(*p) && !strchr(" -;=._\"", *p))
            return;
    }
    if (*g_strchomp(line))
        mgk_mail_writer_field_ascii(out->writer, out->name, line);
}

/* "Words <list.example.org>" */
static void write_list(const Out *out, const char *raw)
{
    const char *open = strrchr(raw, '<'), *close = open ? strchr(open, '>') : NULL;
    g_autofree char *before = open ? g_strndup(raw, (gsize)(open - raw)) : g_strdup("");
    g_autofree char *words = decode_tidy(out->draft, before, SUBJECT_BYTES);
    g_strdelimit(words, "\"", ' ');
    g_autofree char *id = close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
    for (const char *p = id; p && *p; p++) {
        if (!g_ascii_isalnum(*p) && !strchr(".-_+@", *p))
            return;
    }
    g_autofree char *phrase = *g_strstrip(words) ? mgk_mail_writer_phrase(out->writer, words) : NULL;
    g_autofree char *value = id ? g_strdup_printf("%s%s<%s>", phrase ? phrase : "", phrase ? " " : "", id) : NULL;
    if (value)
        mgk_mail_writer_field_ascii(out->writer, out->name, value);
}

static void write_one(const Out *out, Form form, const char *raw)
{
    static void (*const table[])(const Out *out, const char *raw) = {
        [TRACE] = write_trace,     [DATE] = write_date, [ADDRESSES] = write_addresses,
        [SUBJECT] = write_subject, [IDS] = write_ids,   [WORD] = write_word,
        [LIST] = write_list};
    table[form](out, raw);
}

/* The words of a list in the policy. */
static gboolean listed(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit_set(list, " ,", -1);
    for (guint i = 0; words[i]; i++) {
        if (*words[i] && g_ascii_strcasecmp(words[i], word) == 0)
            return TRUE;
    }
    return FALSE;
}

static const struct {
    const char *name;
    Form form;
    guint most;
} fields[] = {
#define MGK_MAIL_FIELD(name, form, most) {name, form, most},
#include "rules/mail_fields.def"
#undef MGK_MAIL_FIELD
};

static gboolean allowed(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (g_ascii_strcasecmp(fields[i].name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

/* A field of our own systems stays; what it says goes into results. */
static void write_authentication(MgkMailDraft *draft, MgkMailWriter *writer, const char *raw, MgkAuthResults *results)
{
    g_autofree char *line = ascii_line(raw, TRACE_BYTES);
    g_autofree char *id = mgk_mail_auth_read(line, NULL);
    if (!listed(draft->job->policy->mail.authserv_ids, id))
        return;
    mgk_mail_writer_field_ascii(writer, "Authentication-Results", g_strchomp(line));
    g_free(mgk_mail_auth_read(line, results));
}

/* A name that the operator listed and that is a plain header name of nobody else's business. */
static gboolean may_trust(const char *name)
{
    return g_ascii_strncasecmp(name, "X-", 2) == 0 && g_ascii_strncasecmp(name, "X-Mugaika", 9) != 0 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) &&
           strlen(name) <= 60;
}

static void write_others(MgkMailDraft *draft, const MgkMimePart *root, MgkMailWriter *writer)
{
    static const MgkMailWord words[] = {[MGK_AUTH_NONE] = MGK_MAIL_WORD_AUTH_NONE,
                                        [MGK_AUTH_PASS] = MGK_MAIL_WORD_AUTH_PASS,
                                        [MGK_AUTH_FAIL] = MGK_MAIL_WORD_AUTH_FAIL};
    guint removed = 0;
    MgkAuthResults results = {0};
    for (guint i = 0; i < root->fields->len; i++) {
        const MgkMimeField *field = &g_array_index(root->fields, MgkMimeField, i);
        if (g_ascii_strcasecmp(field->name, "Authentication-Results") == 0) {
            write_authentication(draft, writer, field->raw, &results);
        } else if (may_trust(field->name) && listed(draft->job->policy->mail.trusted_headers, field->name)) {
            g_autofree char *value = decode_tidy(draft, field->raw, TRACE_BYTES);
            mgk_mail_writer_field(writer, field->name, value);
        } else {
            removed += !allowed(field->name);
        }
    }
    if (*draft->job->policy->mail.authserv_ids) /* only where somebody in front of us checks */
        mgk_mail_note(draft, words[mgk_mail_auth_judge(&results)], NULL);
    g_autofree char *count = g_strdup_printf("%u", removed);
    if (removed)
        mgk_job_find(draft->job, MGK_KIND_MAIL_HEADER, NULL, count);
}

static void note_twice(MgkMailDraft *draft, const MgkMimePart *root)
{
    static const char *const unique[] = {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"};
    for (guint i = 0; i < G_N_ELEMENTS(unique); i++) {
        guint count = 0;
        mgk_mime_field(root, unique[i], &count);
        if (count > 1)
            mgk_mail_note(draft, MGK_MAIL_WORD_DUPLICATE, unique[i]);
    }
}

static void write_marker(MgkMailDraft *draft, MgkMailWriter *writer)
{
    guint held = 0;
    for (guint i = 0; i < draft->items->len; i++)
        held += ((MgkMailItem *)g_ptr_array_index(draft->items, i))->output == NULL;
    const MgkMailPolicy *policy = &draft->job->policy->mail;
    g_autofree char *value = g_strdup_printf("sanitized; profile=%s%s; attachments=%u; held=%u%s%s",
                                             policy->profile == MGK_MAIL_TEXT_ONLY ? "text-only" : "standard",
                                             policy->mixed_profiles ? " (strictest)" : "", draft->items->len, held,
                                             *policy->id ? "; id=" : "", policy->id);
    mgk_mail_writer_field_ascii(writer, "X-Mugaika", value);
}

void mgk_mail_fields_write(MgkMailDraft *draft, const MgkMimePart *root, MgkMailWriter *writer)
{
    for (guint f = 0; f < G_N_ELEMENTS(fields); f++) {
        const Out out = {.draft = draft, .writer = writer, .name = fields[f].name};
        guint taken = 0, count = 0;
        for (guint i = 0; i < root->fields->len; i++) {
            const MgkMimeField *field = &g_array_index(root->fields, MgkMimeField, i);
            if (g_ascii_strcasecmp(field->name, out.name) != 0)
                continue;
            count++;
            if (taken < fields[f].most)
                write_one(&out, fields[f].form, field->raw);
            taken++;
        }
        if (fields[f].most == 1 && count > 1)
            mgk_mail_note(draft, MGK_MAIL_WORD_DUPLICATE, out.name);
    }
    note_twice(draft, root);
    write_others(draft, root, writer);
    write_marker(draft, writer);
}
