#include "engines/mail_body.h"

#include "engines/cms_signed.h"
#include "engines/mail_charset.h"
#include "engines/mail_event.h"
#include "engines/mail_render.h"
#include "engines/tnef.h"

#include <string.h>

#define LOGO_BYTES 10240 /* smaller pictures inside the text are logos and lines */
#define STUB_LETTERS 40  /* "Your program cannot show this mail" */
#define SAME 0.9         /* share of letter pairs from which one version holds the other */
#define ALIKE 0.6
#define WRAPS 4 /* signatures around signatures */

typedef struct Walk {
    MgkMailDraft *draft; /* borrowed */
    GString *out;        /* borrowed; where text goes */
    gboolean returned;   /* inside a delivery report: the original's header only */
    guint wraps;         /* opaque signatures around what is walked */
} Walk;

static gboolean walk(Walk *w, const MgkMimePart *part, GError **error);

static const MgkMimePart *child_at(const MgkMimePart *part, guint index)
{
    return g_ptr_array_index(part->children, index);
}

static gboolean is(const MgkMimePart *part, const char *type)
{
    return strcmp(part->type, type) == 0;
}

static gboolean is_multipart(const MgkMimePart *part)
{
    return g_str_has_prefix(part->type, "multipart/");
}

static gboolean is_attachment(const MgkMimePart *part)
{
    return strcmp(part->disposition, "attachment") == 0 || (part->name && *part->name);
}

/* A blank line between what different parts say. */
static void append_text(Walk *w, const char *text)
{
    if (!*text)
        return;
    if (w->out->len && !g_str_has_suffix(w->out->str, "\n\n"))
        g_string_append(w->out, g_str_has_suffix(w->out->str, "\n") ? "\n" : "\n\n");
    g_string_append(w->out, text);
}

static void append_rule(Walk *w, MgkMailWord word)
{
    g_autofree char *line = g_strdup_printf("──── %s ────\n", mgk_mail_word(w->draft->job->policy, word));
    append_text(w, line);
}

static gboolean attach(Walk *w, const MgkMimePart *part, MgkReason refuse, GError **error)
{
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    return mgk_mail_attach(w->draft, part->name, part->type, bytes, refuse, error);
}

static gboolean attach_files(Walk *w, GPtrArray *files, GError **error)
{
    for (guint i = 0; i < files->len; i++) {
        const MgkMailFile *file = g_ptr_array_index(files, i);
        if (!mgk_mail_attach(w->draft, file->name, "application/octet-stream", file->data, MGK_REASON_NONE, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- leaves ---- */

static gboolean add_plain(Walk *w, const MgkMimePart *part, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(mgk_mail_file_free);
    g_autofree char *text = mgk_mail_render_plain(w->draft, part, files);
    append_text(w, text);
    return attach_files(w, files, error);
}

static void add_html(Walk *w, const MgkMimePart *part)
{
    g_autofree char *text = mgk_mail_render_html(w->draft, part);
    append_text(w, text);
}

/* Calendars, contacts and reports: decoded and tidied first, then only what is known. */
static void add_lines(Walk *w, const MgkMimePart *part, gboolean event)
{
    g_autofree char *text = mgk_mail_render_plain(w->draft, part, NULL);
    g_autofree char *lines = event ? mgk_mail_event_lines(w->draft->job->policy, text) : mgk_mail_report_lines(text);
    append_text(w, lines);
}

static gboolean add_tnef(Walk *w, const MgkMimePart *part, GError **error)
{
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(mgk_mail_file_free);
    g_autofree char *body = NULL;
    if (!mgk_tnef_read(bytes, files, &body))
        return attach(w, part, MGK_REASON_MALFORMED, error);
    if (body) {
        g_autofree char *text = mgk_mail_tidy(body, strlen(body), FALSE, &w->draft->tally);
        g_autofree char *linked = mgk_mail_links(w->draft, text);
        append_text(w, linked);
    }
    return attach_files(w, files, error);
}

static gboolean add_image(Walk *w, const MgkMimePart *part, GError **error)
{
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    gboolean inside = part->content_id && strcmp(part->disposition, "attachment") != 0;
    if (inside && g_bytes_get_size(bytes) < LOGO_BYTES) {
        mgk_mail_note(w->draft, MGK_MAIL_WORD_SMALL_IMAGES, part->name);
        return TRUE;
    }
    return mgk_mail_attach(w->draft, part->name, part->type, bytes, MGK_REASON_NONE, error);
}

/* A mail in a mail: a few lines of its header, then its own parts. */
static gboolean add_message(Walk *w, const MgkMimePart *part, GError **error)
{
    static const char *const shown[] = {"From", "To", "Cc", "Date", "Subject"};
    if (part->children->len == 0)
        return attach(w, part, MGK_REASON_NONE, error);
    const MgkMimePart *root = child_at(part, 0);
    append_rule(w, MGK_MAIL_WORD_FORWARDED);
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        const char *raw = mgk_mime_field(root, shown[i], NULL);
        g_autofree char *value = raw ? mgk_mail_header_decode(raw) : NULL;
        g_autofree char *tidy = value ? mgk_mail_tidy(value, strlen(value), TRUE, &w->draft->tally) : NULL;
        if (tidy && *g_strstrip(tidy))
            g_string_append_printf(w->out, "%s: %s\n", shown[i], tidy);
    }
    if (!w->returned && !walk(w, root, error))
        return FALSE;
    append_rule(w, MGK_MAIL_WORD_FORWARDED_END);
    return TRUE;
}

static gboolean add_leaf(Walk *w, const MgkMimePart *part, GError **error)
{
    gboolean report = is(part, "message/delivery-status") || is(part, "message/disposition-notification") ||
                      is(part, "message/feedback-report") || is(part, "text/rfc822-headers") ||
                      is(part, "message/global-delivery-status") || is(part, "message/rfc822-headers");
    gboolean event = is(part, "text/calendar") || is(part, "text/vcard") || is(part, "text/x-vcard") ||
                     is(part, "text/directory") || is(part, "text/x-vcalendar");
    if (report || event) {
        add_lines(w, part, event);
        return TRUE;
    }
    if (is(part, "message/partial") || is(part, "message/external-body")) {
        mgk_mail_note(w->draft, MGK_MAIL_WORD_EXTERNAL, part->type);
        return TRUE;
    }
    if (is(part, "application/ms-tnef") || is(part, "application/vnd.ms-tnef") ||
        (part->name && g_ascii_strcasecmp(part->name, "winmail.dat") == 0))
        return add_tnef(w, part, error);
    if (g_str_has_prefix(part->type, "image/"))
        return add_image(w, part, error);
    if (!g_str_has_prefix(part->type, "text/") || is_attachment(part))
        return attach(w, part, MGK_REASON_NONE, error);
    if (is(part, "text/html") || is(part, "text/xhtml")) {
        add_html(w, part);
        return TRUE;
    }
    return add_plain(w, part, error);
}

/* ---- multiparts ---- */

static gboolean walk_all(Walk *w, const MgkMimePart *part, GError **error)
{
    for (guint i = 0; i < part->children->len; i++) {
        if (!walk(w, child_at(part, i), error))
            return FALSE;
    }
    return TRUE;
}

/* Boundaries that match nothing: what was sent as text is before the first of them. */
static void add_unborn(Walk *w, const MgkMimePart *part)
{
    const char *text = mgk_mime_part_outside(part, FALSE);
    gsize size = 0;
    g_autofree char *utf8 = mgk_mail_to_utf8(NULL, (const guint8 *)(text ? text : ""), text ? strlen(text) : 0, &size);
    g_autofree char *tidy = mgk_mail_tidy(utf8, size, FALSE, &w->draft->tally);
    mgk_mail_note(w->draft, MGK_MAIL_WORD_AMBIGUOUS, part->type);
    g_autofree char *linked = mgk_mail_links(w->draft, tidy);
    append_text(w, linked);
}

static gboolean bears_html(const MgkMimePart *part)
{
    if (is(part, "text/html"))
        return !is_attachment(part) || strcmp(part->disposition, "attachment") != 0;
    gboolean found = FALSE;
    for (guint i = 0; is_multipart(part) && i < part->children->len && !found; i++)
        found = bears_html(child_at(part, i));
    return found;
}

/* Renders a part into a text of its own; attachments go to the draft. NULL: the job must end. */
static char *render_apart(Walk *w, const MgkMimePart *part, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    Walk inner = {.draft = w->draft, .out = out, .returned = w->returned, .wraps = w->wraps};
    return walk(&inner, part, error) ? g_strdup(out->str) : NULL;
}

static void choose_text(Walk *w, const char *plain, const char *html)
{
    double plain_in_html = 0, html_in_plain = 0;
    gsize weight = mgk_mail_weight(plain), html_weight = mgk_mail_weight(html);
    mgk_mail_agreement(plain, html, &plain_in_html, &html_in_plain);
    gboolean stub = weight == 0 || (weight < STUB_LETTERS && html_weight > 4 * weight);
    gboolean agree = plain_in_html >= ALIKE && html_in_plain >= ALIKE;
    if (html_weight == 0 || html_in_plain >= SAME || (agree && !stub)) {
        append_text(w, plain);
        return;
    }
    append_text(w, html);
    if (stub || plain_in_html >= SAME)
        return;
    mgk_mail_note(w->draft, MGK_MAIL_WORD_ALTERNATIVE, NULL);
    append_rule(w, MGK_MAIL_WORD_PLAIN_VERSION);
    append_text(w, plain);
}

/* Other versions that are texts show nothing new; what is a file or a group of parts is taken. */
static gboolean walk_others(Walk *w, const MgkMimePart *part, const MgkMimePart *plain, const MgkMimePart *html,
                            GError **error)
{
    for (guint i = 0; i < part->children->len; i++) {
        const MgkMimePart *child = child_at(part, i);
        gboolean version = g_str_has_prefix(child->type, "text/") && !is_attachment(child) &&
                           !is(child, "text/calendar") && (plain || html);
        if (child == plain || child == html)
            continue;
        if (version)
            mgk_job_find(w->draft->job, MGK_KIND_MAIL_PART, child->type, NULL);
        else if (!walk(w, child, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean walk_alternative(Walk *w, const MgkMimePart *part, GError **error)
{
    const MgkMimePart *plain = NULL, *html = NULL;
    for (guint i = 0; i < part->children->len; i++) {
        const MgkMimePart *child = child_at(part, i);
        if (!plain && is(child, "text/plain") && strcmp(child->disposition, "attachment") != 0)
            plain = child;
        else if (bears_html(child))
            html = child;
    }
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(mgk_mail_file_free);
    g_autofree char *plain_text = plain ? mgk_mail_render_plain(w->draft, plain, files) : g_strdup("");
    g_autofree char *html_text = html ? render_apart(w, html, error) : g_strdup("");
    if (!html_text)
        return FALSE;
    choose_text(w, plain_text, html_text);
    return attach_files(w, files, error) && walk_others(w, part, plain, html, error);
}

static gboolean walk_related(Walk *w, const MgkMimePart *part, GError **error)
{
    g_autofree char *start = mgk_mail_params_get(part->params, "start");
    const MgkMimePart *root = part->children->len ? child_at(part, 0) : NULL;
    for (guint i = 0; start && i < part->children->len; i++) {
        const char *id = child_at(part, i)->content_id;
        g_autofree char *bracketed = g_strdup_printf("<%s>", id ? id : "");
        if (id && strcmp(bracketed, start) == 0)
            root = child_at(part, i);
    }
    if (root && !walk(w, root, error))
        return FALSE;
    for (guint i = 0; i < part->children->len; i++) {
        if (child_at(part, i) != root && !walk(w, child_at(part, i), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean walk_signed(Walk *w, const MgkMimePart *part, GError **error)
{
    mgk_mail_note(w->draft, MGK_MAIL_WORD_SIGNATURE, NULL);
    return part->children->len == 0 || walk(w, child_at(part, 0), error);
}

static gboolean refuse_encrypted(Walk *w, const MgkMimePart *part, GError **error)
{
    if (part->message && part->fields->len) { /* the whole mail, or a whole mail in it */
        mgk_job_find(w->draft->job, MGK_KIND_MAIL_ENCRYPTED, NULL, part->type);
        return mgk_job_hold(w->draft->job, MGK_REASON_ENCRYPTED, part->type);
    }
    if (part->children->len == 0)
        return attach(w, part, MGK_REASON_ENCRYPTED, error);
    for (guint i = 0; i < part->children->len; i++) {
        if (!is_multipart(child_at(part, i)) && !attach(w, child_at(part, i), MGK_REASON_ENCRYPTED, error))
            return FALSE;
    }
    return TRUE;
}

/* Parses what a signature wrapped and walks it as if it stood in its place. */
static gboolean walk_content(Walk *w, GBytes *content, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(content, &size);
    g_autoptr(MgkMimeTree) tree = mgk_mime_parse(data, size, NULL);
    if (!tree || tree->defects & (MGK_MIME_TOO_MANY | MGK_MIME_TOO_DEEP))
        return mgk_job_hold(w->draft->job, MGK_REASON_MALFORMED, "the content of a signature");
    Walk inner = *w;
    inner.wraps++;
    return walk(&inner, tree->root, error);
}

/* S/MIME: a signature that wraps its content (RFC 8551 3.5.2) is opened; what is enciphered is refused. */
static gboolean walk_smime(Walk *w, const MgkMimePart *part, GError **error)
{
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    g_autoptr(GBytes) content = w->wraps < WRAPS ? mgk_cms_signed_content(bytes) : NULL;
    if (!content)
        return refuse_encrypted(w, part, error);
    mgk_mail_note(w->draft, MGK_MAIL_WORD_SIGNATURE, NULL);
    return walk_content(w, content, error);
}

static gboolean walk_report(Walk *w, const MgkMimePart *part, GError **error)
{
    gboolean before = w->returned;
    for (guint i = 0; i < part->children->len; i++) {
        w->returned = i > 0; /* the first part is the words for people */
        if (!walk(w, child_at(part, i), error))
            return FALSE;
    }
    w->returned = before;
    return TRUE;
}

static gboolean walk(Walk *w, const MgkMimePart *part, GError **error)
{
    static const struct {
        const char *type;
        gboolean (*run)(Walk *w, const MgkMimePart *part, GError **error);
    } table[] = {{"multipart/alternative", walk_alternative},
                 {"multipart/related", walk_related},
                 {"multipart/signed", walk_signed},
                 {"multipart/encrypted", refuse_encrypted},
                 {"application/pkcs7-mime", walk_smime},
                 {"application/x-pkcs7-mime", walk_smime},
                 {"multipart/report", walk_report},
                 {"message/rfc822", add_message},
                 {"message/global", add_message},
                 {"message/news", add_message}};
    if (!mgk_verdict_crosses(w->draft->job->outcome.verdict))
        return TRUE; /* held already: nothing more is asked */
    if (is_multipart(part) && part->children->len == 0) {
        add_unborn(w, part);
        return TRUE;
    }
    const char *epilogue = mgk_mime_part_outside(part, TRUE);
    if (epilogue && strspn(epilogue, " \t\r\n") != strlen(epilogue))
        mgk_job_find(w->draft->job, MGK_KIND_TRAILING_DATA, part->type, "after the last part");
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(part->type, table[i].type) == 0)
            return table[i].run(w, part, error);
    }
    return is_multipart(part) ? walk_all(w, part, error) : add_leaf(w, part, error);
}

gboolean mgk_mail_collect(MgkMailDraft *draft, const MgkMimePart *root, GError **error)
{
    Walk w = {.draft = draft, .out = draft->body};
    if (is(root, "message/partial") || is(root, "message/external-body")) {
        mgk_mail_note(draft, MGK_MAIL_WORD_EXTERNAL, root->type);
        return mgk_job_hold(draft->job, MGK_REASON_UNSUPPORTED_FEATURE, root->type);
    }
    return walk(&w, root, error);
}
