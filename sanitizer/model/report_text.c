#include "model/report_text.h"

#include "model/format.h"
#include "model/names.h"
#include "model/words.h"

#include <string.h>

#define NAME_COLUMNS 60    /* of a file's name */
#define EXCERPT_COLUMNS 40 /* of a name or text out of a file */
#define DETAIL_COLUMNS 120 /* of our own words about a file system */
#define KINDS_SHOWN 4
#define MEMBERS_SHOWN 2
#define INDENT "  "

const char *mgk_report_level_words(MgkLevel level)
{
    static const char *const words[MGK_N_LEVELS] = {N_("no change"), N_("partly changed"), N_("please check")};
    g_return_val_if_fail(level < MGK_N_LEVELS, "");
    return mgk_words(words[level]);
}

const char *mgk_report_verdict_words(MgkVerdict verdict)
{
    static const char *const words[MGK_N_VERDICTS] = {
        [MGK_VERDICT_CONFIRMED] = N_("confirmed free of dangerous content"),
        [MGK_VERDICT_CLEANED] = N_("dangerous content removed"),
        [MGK_VERDICT_CONVERTED] = N_("converted to a safe form"),
        [MGK_VERDICT_HELD] = N_("held, cannot be handed over"),
        [MGK_VERDICT_BLOCKED] = N_("blocked, never handed over"),
    };
    g_return_val_if_fail(verdict < MGK_N_VERDICTS, "");
    return mgk_words(words[verdict]);
}

/* What was found in a whole tree, by kind; one tally a line of the report. */
typedef struct Tally {
    guint counts[MGK_N_KINDS];
    const MgkFinding *first[MGK_N_KINDS]; /* borrowed */
} Tally;

static void tally_tree(Tally *tally, const MgkReport *report, guint actions, MgkLevel least)
{
    for (guint i = 0; i < report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(report->findings, i);
        gboolean told = finding->kind == MGK_KIND_MEMBER_NOT_CROSSED && mgk_verdict_crosses(report->verdict);
        if (told || !(actions & (1u << finding->action)) || mgk_kind_info(finding->kind)->level < least)
            continue; /* told: by name, on a line of its own */
        guint *count = &tally->counts[finding->kind];
        *count = *count > G_MAXUINT - finding->count ? G_MAXUINT : *count + finding->count;
        if (!tally->first[finding->kind])
            tally->first[finding->kind] = finding;
    }
    for (guint i = 0; i < report->children->len; i++)
        tally_tree(tally, g_ptr_array_index(report->children, i), actions, least);
}

/* "Macros (2)"; a signer's name is shown, marked as nobody's word: 『name (not verified)』. */
static void append_kind(GString *list, const Tally *tally, guint kind)
{
    const MgkKindInfo *info = mgk_kind_info((MgkKind)kind);
    g_string_append_printf(list, "%s%s", list->len ? mgk_words(N_(", ")) : "", mgk_words(info->label));
    if (tally->counts[kind] > 1)
        g_string_append_printf(list, mgk_words(N_(" (%u)")), tally->counts[kind]);
    const char *detail = tally->first[kind]->detail;
    if (kind == MGK_KIND_SIGNATURE_LOST && *detail) {
        g_autofree char *signer = mgk_names_display(detail, -1, EXCERPT_COLUMNS);
        g_autofree char *marked = g_strdup_printf(mgk_words(N_("%s (not verified)")), signer);
        g_string_append_printf(list, "『%s』", marked);
    }
}

/* The kinds of a tally, the most important first; NULL when there are none. Owned by the caller. */
static char *list_kinds(const Tally *tally)
{
    g_autoptr(GString) list = g_string_new(NULL);
    guint shown = 0, more = 0;
    for (int level = MGK_LEVEL_ATTENTION; level >= MGK_LEVEL_NONE; level--) {
        for (guint kind = 0; kind < MGK_N_KINDS; kind++) {
            if (!tally->counts[kind] || (int)mgk_kind_info((MgkKind)kind)->level != level)
                continue;
            if (shown++ < KINDS_SHOWN)
                append_kind(list, tally, kind);
            else
                more++;
        }
    }
    if (more)
        g_string_append_printf(list, mgk_words_n(" and %u other kind", " and %u other kinds", more), more);
    return list->len ? g_string_free(g_steal_pointer(&list), FALSE) : NULL;
}

static char *kinds_of(const MgkReport *report, guint actions, MgkLevel least)
{
    Tally tally = {.counts = {0}};
    tally_tree(&tally, report, actions, least);
    return list_kinds(&tally);
}

static char *quoted(const char *name, gsize columns)
{
    g_autofree char *shown = mgk_names_display(name, -1, columns);
    return g_strconcat("「", shown, "」", NULL);
}

static void add_heading(GString *out, const MgkReport *report, const MgkReportContext *context)
{
    const char *input = context && context->input ? context->input : report->name;
    const char *output = context ? context->output : NULL;
    g_autofree char *base = g_path_get_basename(input);
    g_autofree char *name = quoted(base, NAME_COLUMNS);
    g_string_append_printf(out, mgk_words(N_("%s %s (%s)")), name, mgk_report_level_words(mgk_report_level(report)),
                           mgk_report_verdict_words(report->verdict));
    if (output) {
        g_autofree char *place = quoted(output, 0);
        g_string_append_printf(out, " → %s", place);
    }
    g_string_append_c(out, '\n');
}

/* Archives and mails hold files that have names for people; a document's parts are its own affair and are told by their
 * kind ("pictures that could not be made safe"). */
static gboolean has_named_members(const MgkReport *report)
{
    for (guint i = 0; i < report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(report->findings, i);
        if (finding->kind == MGK_KIND_MEMBER_NOT_CROSSED)
            return TRUE;
    }
    return FALSE;
}

static void collect_left_behind(const MgkReport *report, GString *list, guint *n)
{
    gboolean named = has_named_members(report);
    for (guint i = 0; i < report->children->len; i++) {
        const MgkReport *child = g_ptr_array_index(report->children, i);
        if (mgk_verdict_crosses(child->verdict)) {
            collect_left_behind(child, list, n);
        } else if (named && (*n)++ < MEMBERS_SHOWN) {
            g_autofree char *name = quoted(child->name, EXCERPT_COLUMNS);
            g_string_append(list, list->len ? mgk_words(N_(", ")) : "");
            g_string_append_printf(list, mgk_words(N_("%s (%s)")), name, mgk_words(mgk_reason_text(child->reason)));
        }
    }
}

static void add_changes(GString *out, const MgkReport *report)
{
    g_autofree char *removed = kinds_of(report, 1u << MGK_ACTION_REMOVE, MGK_LEVEL_CHANGED);
    g_autofree char *replaced = kinds_of(report, 1u << MGK_ACTION_REPLACE, MGK_LEVEL_CHANGED);
    if (!removed && !replaced)
        return;
    g_string_append(out, INDENT);
    if (removed)
        g_string_append_printf(out, mgk_words(N_("Removed: %s")), removed);
    if (removed && replaced)
        g_string_append(out, mgk_words(N_("; ")));
    if (replaced)
        g_string_append_printf(out, mgk_words(N_("Replaced: %s")), replaced);
    g_string_append_c(out, '\n');
}

static void add_to_check(GString *out, const MgkReport *report)
{
    g_autofree char *kept = kinds_of(report, 1u << MGK_ACTION_KEEP, MGK_LEVEL_ATTENTION);
    g_autoptr(GString) behind = g_string_new(NULL);
    guint n = 0;
    collect_left_behind(report, behind, &n);
    if (!kept && !n)
        return;
    g_string_append(out, INDENT);
    if (n)
        g_string_append_printf(out, mgk_words(N_("Kept back inside: %s")), behind->str);
    if (n > MEMBERS_SHOWN)
        g_string_append_printf(out, mgk_words_n(" and %u other file", " and %u other files", n - MEMBERS_SHOWN),
                               n - MEMBERS_SHOWN);
    if (n && kept)
        g_string_append(out, mgk_words(N_("; ")));
    if (kept)
        g_string_append_printf(out, mgk_words(N_("Please check: %s")), kept);
    g_string_append_c(out, '\n');
}

/* Details made by our own programs, which have a translation; a worker's are for engineers and stay in the JSON. */
static gboolean detail_is_for_people(MgkReason reason)
{
    return reason == MGK_REASON_INPUT_UNREADABLE || reason == MGK_REASON_OUTPUT_FAILED;
}

static void add_reason(GString *out, const MgkReport *report)
{
    guint decisive = 1u << MGK_ACTION_HOLD | 1u << MGK_ACTION_BLOCK;
    g_autofree char *causes = kinds_of(report, decisive, MGK_LEVEL_NONE);
    g_autofree char *detail = NULL;
    MgkFormatId format = MGK_FORMAT_ID_NONE;
    if (detail_is_for_people(report->reason) && *report->reason_detail)
        detail = mgk_names_display(mgk_words(report->reason_detail), -1, DETAIL_COLUMNS);
    else if (report->reason == MGK_REASON_POLICY && causes)
        detail = g_steal_pointer(&causes);
    else if (mgk_format_from_name(report->format, &format))
        detail = g_strdup(mgk_words(mgk_format_info(format)->label));
    g_string_append(out, INDENT);
    g_string_append(out, mgk_words(N_("Reason: ")));
    g_string_append(out, mgk_words(mgk_reason_text(report->reason)));
    if (detail)
        g_string_append_printf(out, mgk_words(N_(" (%s)")), detail);
    g_string_append_c(out, '\n');
    g_autofree char *found = kinds_of(report, (1u << MGK_N_ACTIONS) - 1, MGK_LEVEL_CHANGED);
    if (found) {
        g_string_append(out, INDENT);
        g_string_append_printf(out, mgk_words(N_("Found in it: %s")), found);
        g_string_append_c(out, '\n');
    }
}

char *mgk_report_text(const MgkReport *report, const MgkReportContext *context)
{
    g_autoptr(GString) out = g_string_new(NULL);
    add_heading(out, report, context);
    if (mgk_verdict_crosses(report->verdict)) {
        add_changes(out, report);
        add_to_check(out, report);
    } else {
        add_reason(out, report);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
