#include "engines/mail_draft.h"

#include "model/names.h"

#include <string.h>

#define DETAIL_BYTES 400
#define CAUTIONS_SHOWN 3
#define NAME_COLUMNS 40
#define LONG_NAME_COLUMNS 80

static void item_free(gpointer data)
{
    MgkMailItem *item = data;
    g_free(item->name);
    g_free(item->output_name);
    if (item->output)
        g_bytes_unref(item->output);
    g_free(item);
}

MgkMailDraft *mgk_mail_draft_new(MgkJob *job)
{
    MgkMailDraft *draft = g_new0(MgkMailDraft, 1);
    draft->job = job;
    draft->body = g_string_new(NULL);
    draft->items = g_ptr_array_new_with_free_func(item_free);
    draft->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(draft->names, g_utf8_casefold(MGK_MAIL_DETAILS_NAME, -1));
    return draft;
}

void mgk_mail_draft_free(MgkMailDraft *draft)
{
    if (!draft)
        return;
    g_string_free(draft->body, TRUE);
    g_ptr_array_unref(draft->items);
    g_hash_table_unref(draft->names);
    mgk_mail_tally_clear(&draft->tally);
    for (guint i = 0; i < MGK_N_MAIL_WORDS; i++) {
        if (draft->notes[i].detail)
            g_string_free(draft->notes[i].detail, TRUE);
    }
    g_free(draft);
}

static gboolean kind_of(MgkMailWord word, MgkKind *ret_kind)
{
    static const struct {
        MgkMailWord word;
        MgkKind kind;
    } table[] = {{MGK_MAIL_WORD_SENDER_ADDRESS, MGK_KIND_MAIL_SENDER},
                 {MGK_MAIL_WORD_SENDER_OWN, MGK_KIND_MAIL_SENDER},
                 {MGK_MAIL_WORD_SENDER_LOOKALIKE, MGK_KIND_MAIL_SENDER},
                 {MGK_MAIL_WORD_SENDER_MIXED, MGK_KIND_MAIL_SENDER},
                 {MGK_MAIL_WORD_LINK_DECEPTIVE, MGK_KIND_MAIL_LINK},
                 {MGK_MAIL_WORD_LINK_MIXED, MGK_KIND_MAIL_LINK},
                 {MGK_MAIL_WORD_LINK_DANGEROUS, MGK_KIND_LINK_DANGEROUS},
                 {MGK_MAIL_WORD_HIDDEN, MGK_KIND_MAIL_HIDDEN},
                 {MGK_MAIL_WORD_LAYOUT, MGK_KIND_MAIL_LAYOUT},
                 {MGK_MAIL_WORD_FORM, MGK_KIND_MAIL_FORM},
                 {MGK_MAIL_WORD_PASSWORD_FORM, MGK_KIND_MAIL_FORM},
                 {MGK_MAIL_WORD_ALTERNATIVE, MGK_KIND_MAIL_ALTERNATIVE},
                 {MGK_MAIL_WORD_AMBIGUOUS, MGK_KIND_MAIL_AMBIGUOUS},
                 {MGK_MAIL_WORD_DUPLICATE, MGK_KIND_MAIL_AMBIGUOUS},
                 {MGK_MAIL_WORD_IMITATION, MGK_KIND_MAIL_IMITATION},
                 {MGK_MAIL_WORD_BIDI, MGK_KIND_TEXT_BIDI},
                 {MGK_MAIL_WORD_INVISIBLE, MGK_KIND_TEXT_INVISIBLE},
                 {MGK_MAIL_WORD_GAIJI, MGK_KIND_MAIL_GAIJI},
                 {MGK_MAIL_WORD_SIGNATURE, MGK_KIND_SIGNATURE_LOST},
                 {MGK_MAIL_WORD_SMALL_IMAGES, MGK_KIND_MAIL_IMAGE},
                 {MGK_MAIL_WORD_REMOTE_IMAGES, MGK_KIND_MAIL_IMAGE},
                 {MGK_MAIL_WORD_EXTERNAL, MGK_KIND_MAIL_EXTERNAL}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].word == word) {
            *ret_kind = table[i].kind;
            return TRUE;
        }
    }
    return FALSE;
}

void mgk_mail_note(MgkMailDraft *draft, MgkMailWord word, const char *detail)
{
    MgkMailNote *note = &draft->notes[word];
    MgkKind kind = MGK_KIND_MAIL_AMBIGUOUS;
    note->count++;
    if (detail && *detail) {
        g_autofree char *shown = mgk_mail_excerpt(detail, LONG_NAME_COLUMNS);
        if (!note->detail)
            note->detail = g_string_new(NULL);
        if (note->detail->len + strlen(shown) < DETAIL_BYTES && !strstr(note->detail->str, shown))
            g_string_append_printf(note->detail, "%s%s", note->detail->len ? "; " : "", shown);
    }
    if (kind_of(word, &kind))
        mgk_job_find(draft->job, kind, NULL, detail);
}

/* ---- attachments ---- */

static const char *extension_of(const char *media_type)
{
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *info = mgk_format_info((MgkFormatId)i);
        if (strcmp(info->media_type, media_type) == 0)
            return info->extensions;
    }
    return "bin";
}

static char *given_name(const MgkMailDraft *draft, const char *name, const char *declared)
{
    g_autofree char *tidy = name ? mgk_mail_tidy(name, strlen(name), TRUE, NULL) : NULL;
    if (tidy && *g_strstrip(tidy))
        return g_steal_pointer(&tidy);
    const char *extensions = extension_of(declared);
    return g_strdup_printf("%s%u.%.*s", mgk_mail_word(draft->job->policy, MGK_MAIL_WORD_UNNAMED), draft->items->len + 1,
                           (int)strcspn(extensions, " "), extensions);
}

static char *free_name(MgkMailDraft *draft, const char *wish)
{
    g_autofree char *safe = mgk_names_safe_component(wish);
    for (guint i = 1;; i++) {
        g_autofree char *name = i == 1 ? g_strdup(safe) : mgk_names_numbered(safe, i);
        if (g_hash_table_add(draft->names, g_utf8_casefold(name, -1)))
            return g_steal_pointer(&name);
    }
}

static void take_answer(MgkMailDraft *draft, MgkMailItem *item, const MgkAnswer *answer)
{
    MgkJob *job = draft->job;
    item->verdict = answer->verdict;
    item->reason = answer->reason;
    item->format = answer->format;
    if (mgk_verdict_crosses(answer->verdict) && answer->output) {
        item->output_name = free_name(draft, answer->name);
        item->output = g_bytes_ref(answer->output);
        return;
    }
    if (mgk_verdict_crosses(answer->verdict))
        item->verdict = MGK_VERDICT_HELD;
    gboolean hold = mgk_job_find(job, MGK_KIND_MEMBER_NOT_CROSSED, item->name, mgk_reason_name(answer->reason)) ==
                        MGK_ACTION_HOLD ||
                    job->policy->hold_on_member;
    if (hold)
        mgk_job_hold(job, answer->reason, "an attachment does not cross");
}

gboolean mgk_mail_attach(MgkMailDraft *draft, const char *name, const char *declared, GBytes *bytes, MgkReason refuse,
                         GError **error)
{
    MgkJob *job = draft->job;
    gboolean listed_only = job->policy->mail.profile == MGK_MAIL_TEXT_ONLY;
    MgkMailItem *item = g_new0(MgkMailItem, 1);
    item->name = given_name(draft, name, declared);
    g_ptr_array_add(draft->items, item);
    g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    g_strlcpy(item->sha256, sum, sizeof item->sha256);
    MgkAsk ask = {.name = item->name,
                  .declared = declared,
                  .role = MGK_ROLE_MEMBER,
                  .want = MGK_FORMAT_ID_NONE,
                  .refuse = refuse == MGK_REASON_NONE && listed_only ? MGK_REASON_POLICY : refuse};
    ask.data = g_bytes_get_data(bytes, &ask.size);
    item->size = ask.size;
    g_auto(MgkAnswer) answer = {0};
    if (!job->ask_child(job, &ask, &answer, error))
        return FALSE;
    take_answer(draft, item, &answer);
    return TRUE;
}

/* ---- what is told ---- */

void mgk_mail_draft_settle(MgkMailDraft *draft)
{
    const MgkMailTally *tally = &draft->tally;
    guint64 invisible = tally->dropped[MGK_TEXT_CONTROL] + tally->dropped[MGK_TEXT_ESCAPE] +
                        tally->dropped[MGK_TEXT_INVISIBLE] + tally->dropped[MGK_TEXT_TAG];
    g_autofree char *count = g_strdup_printf("%" G_GUINT64_FORMAT, invisible);
    if (invisible)
        mgk_mail_note(draft, MGK_MAIL_WORD_INVISIBLE, count);
    if (tally->dropped[MGK_TEXT_TAG])
        mgk_job_find(draft->job, MGK_KIND_TEXT_TAG, NULL, NULL);
    if (tally->dropped[MGK_TEXT_BIDI])
        mgk_mail_note(draft, MGK_MAIL_WORD_BIDI, NULL);
    if (tally->gaiji)
        mgk_mail_note(draft, MGK_MAIL_WORD_GAIJI, tally->gaiji_codes->str);
    if (tally->imitations)
        mgk_mail_note(draft, MGK_MAIL_WORD_IMITATION, NULL);
    if (draft->job->policy->mail.profile == MGK_MAIL_TEXT_ONLY && draft->items->len)
        mgk_mail_note(draft, MGK_MAIL_WORD_TEXT_ONLY, NULL);
    if (draft->job->policy->mail.mixed_profiles)
        mgk_mail_note(draft, MGK_MAIL_WORD_STRICTEST, NULL);
}

static gboolean is_caution(guint word)
{
    return word >= MGK_MAIL_WORD_SENDER_ADDRESS && word <= MGK_MAIL_WORD_AUTH_FAIL;
}

static const char *say(const MgkMailDraft *draft, MgkMailWord word)
{
    return mgk_mail_word(draft->job->policy, word);
}

static void add_attachment_line(const MgkMailDraft *draft, GString *out)
{
    guint crossed = 0;
    const MgkMailItem *missing = NULL;
    for (guint i = 0; i < draft->items->len; i++) {
        const MgkMailItem *item = g_ptr_array_index(draft->items, i);
        crossed += item->output != NULL;
        missing = missing || item->output ? missing : item;
    }
    if (draft->items->len == 0)
        return;
    gboolean english = draft->job->policy->mail.language; /* the format is a literal of ours in both */
    g_string_append(out, "┃");
    if (english)
        g_string_append_printf(out, "%u attachments, %u of them made safe and attached.", draft->items->len, crossed);
    else
        g_string_append_printf(out, "添付 %u 件のうち %u 件を安全な形にして付けました。", draft->items->len, crossed);
    if (missing) {
        g_autofree char *name = mgk_mail_excerpt(missing->name, NAME_COLUMNS);
        g_string_append_printf(out, " %s「%s」%s", say(draft, MGK_MAIL_WORD_NOT_ATTACHED), name,
                               draft->items->len - crossed > 1 ? say(draft, MGK_MAIL_WORD_AND_MORE) : "");
    }
    g_string_append_c(out, '\n');
}

static void add_cautions(const MgkMailDraft *draft, GString *out)
{
    guint shown = 0;
    for (guint i = 0; i < MGK_N_MAIL_WORDS; i++) {
        if (!is_caution(i) || draft->notes[i].count == 0)
            continue;
        if (shown == CAUTIONS_SHOWN) {
            g_string_append(out, say(draft, MGK_MAIL_WORD_AND_MORE));
            break;
        }
        g_string_append_printf(out, "%s%s", shown ? " / " : "┃", shown ? "" : say(draft, MGK_MAIL_WORD_CAUTION));
        g_string_append(out, say(draft, (MgkMailWord)i));
        shown++;
    }
    if (shown)
        g_string_append_c(out, '\n');
}

static gboolean has_details(const MgkMailDraft *draft)
{
    for (guint i = 0; i < MGK_N_MAIL_WORDS; i++) {
        if (draft->notes[i].count)
            return TRUE;
    }
    return draft->items->len > 0;
}

/* What stands in the first line beside what was done: short, and no caution. */
static void add_remarks(const MgkMailDraft *draft, GString *out)
{
    static const MgkMailWord remarks[] = {MGK_MAIL_WORD_AUTH_PASS, MGK_MAIL_WORD_AUTH_NONE, MGK_MAIL_WORD_STRICTEST};
    for (guint i = 0; i < G_N_ELEMENTS(remarks); i++) {
        if (draft->notes[remarks[i]].count)
            g_string_append_printf(out, " / %s", say(draft, remarks[i]));
    }
}

char *mgk_mail_notice(const MgkMailDraft *draft)
{
    const MgkMailPolicy *policy = &draft->job->policy->mail;
    GString *out = g_string_new("┃");
    g_string_append_printf(out, "%s%s", say(draft, MGK_MAIL_WORD_FRAME), say(draft, MGK_MAIL_WORD_DONE));
    if (*policy->daily_word)
        g_string_append_printf(out, " %s%s", say(draft, MGK_MAIL_WORD_DAILY), policy->daily_word);
    add_remarks(draft, out);
    g_string_append_c(out, '\n');
    add_attachment_line(draft, out);
    add_cautions(draft, out);
    if (has_details(draft))
        g_string_append_printf(out, "┃%s\n", say(draft, MGK_MAIL_WORD_SEE_DETAILS));
    return g_string_free(out, FALSE);
}

static void add_item(const MgkMailDraft *draft, GString *out, guint index)
{
    static const MgkMailWord verdicts[MGK_N_VERDICTS] = {[MGK_VERDICT_CONFIRMED] = MGK_MAIL_WORD_VERDICT_CLEANED,
                                                         [MGK_VERDICT_CLEANED] = MGK_MAIL_WORD_VERDICT_CLEANED,
                                                         [MGK_VERDICT_CONVERTED] = MGK_MAIL_WORD_VERDICT_CONVERTED,
                                                         [MGK_VERDICT_HELD] = MGK_MAIL_WORD_VERDICT_HELD,
                                                         [MGK_VERDICT_BLOCKED] = MGK_MAIL_WORD_VERDICT_BLOCKED};
    const MgkMailItem *item = g_ptr_array_index(draft->items, index);
    const MgkFormatInfo *info = mgk_format_info(item->format);
    g_autofree char *name = mgk_mail_excerpt(item->name, LONG_NAME_COLUMNS);
    g_autofree char *kind = g_ascii_strup(info ? info->id : "?", -1);
    g_string_append_printf(out, "%u. 「%s」\r\n", index + 1, name);
    g_string_append_printf(out, "   %s%" G_GSIZE_FORMAT "%s\r\n", say(draft, MGK_MAIL_WORD_SIZE), item->size,
                           say(draft, MGK_MAIL_WORD_BYTES));
    g_string_append_printf(out, "   %s%s\r\n", say(draft, MGK_MAIL_WORD_KIND), kind);
    g_string_append_printf(out, "   %s%s\r\n", say(draft, MGK_MAIL_WORD_VERDICT), say(draft, verdicts[item->verdict]));
    if (item->output_name) {
        g_autofree char *as = mgk_mail_excerpt(item->output_name, LONG_NAME_COLUMNS);
        g_string_append_printf(out, "   %s「%s」\r\n", say(draft, MGK_MAIL_WORD_ATTACHED_AS), as);
        return;
    }
    g_string_append_printf(out, "   %s%s\r\n", say(draft, MGK_MAIL_WORD_REASON),
                           mgk_mail_reason(draft->job->policy, item->reason));
    g_string_append_printf(out, "   %s%s\r\n", say(draft, MGK_MAIL_WORD_NUMBER), item->sha256);
}

char *mgk_mail_details(const MgkMailDraft *draft)
{
    gboolean missing = FALSE, headed = FALSE;
    if (!has_details(draft))
        return NULL;
    GString *out = g_string_new("\xef\xbb\xbf");
    g_string_append_printf(out, "%s\r\n", say(draft, MGK_MAIL_WORD_TITLE));
    if (*draft->job->policy->mail.id)
        g_string_append_printf(out, "%s%s\r\n", say(draft, MGK_MAIL_WORD_KEPT_AS), draft->job->policy->mail.id);
    g_string_append(out, "\r\n");
    for (guint i = 0; i < MGK_N_MAIL_WORDS; i++) {
        const MgkMailNote *note = &draft->notes[i];
        if (note->count == 0)
            continue;
        if (!headed)
            g_string_append_printf(out, "■ %s\r\n", say(draft, MGK_MAIL_WORD_FINDINGS));
        headed = TRUE;
        g_string_append_printf(out, "・%s", say(draft, (MgkMailWord)i));
        if (note->count > 1)
            g_string_append_printf(out, " (%u)", note->count);
        if (note->detail)
            g_string_append_printf(out, ": 「%s」", note->detail->str);
        g_string_append(out, "\r\n");
    }
    if (draft->items->len)
        g_string_append_printf(out, "%s■ %s\r\n", headed ? "\r\n" : "", say(draft, MGK_MAIL_WORD_ATTACHMENTS));
    for (guint i = 0; i < draft->items->len; i++) {
        add_item(draft, out, i);
        missing |= ((MgkMailItem *)g_ptr_array_index(draft->items, i))->output == NULL;
    }
    if (missing)
        g_string_append_printf(out, "\r\n%s\r\n", say(draft, MGK_MAIL_WORD_ASK));
    return g_string_free(out, FALSE);
}
