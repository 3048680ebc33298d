/* policy_file.c - reads and writes policy.ini; every key comes from a table, so a new kind or limit needs no code here
 */
#include "model/policy_file.h"

#include "model/mail_rules.h"
#include "model/words.h"

#include <stddef.h>
#include <string.h>

#define FILE_BYTES ((gsize)1024 * 1024)
#define DPI_MIN 72
#define DPI_MAX 1200
#define MILTER_SECONDS_MAX 280 /* Postfix gives up after 300 (milter_content_timeout) */

/* A key of [general], [mail] or [milter]: one of a few words (stored as their index), a number (both 32 bits wide), or
 * a text. */
typedef struct GeneralKey {
    const char *section; /* NULL: general */
    const char *name;
    const char *choices; /* "a b c", or NULL for a number or text */
    guint min, max;
    gsize bytes; /* of a text's field, terminating NUL included; 0: no text */
    gsize offset;
    const char *text; /* msgid */
} GeneralKey;

#define MAIL_TEXT(key, words) \
    { \
        .section = "mail", .name = #key, .bytes = sizeof(((MgkMailPolicy *)NULL)->key), \
        .offset = offsetof(MgkPolicy, mail.key), .text = words \
    }

#define MGK_MILTER_NUMBER(key, least, most, words) \
    {.section = "milter", \
     .name = #key, \
     .min = least, \
     .max = most, \
     .offset = offsetof(MgkPolicy, milter.key), \
     .text = words},

static const GeneralKey general_keys[] = {
    {.name = "profile",
     .choices = "standard text image confirm",
     .offset = offsetof(MgkPolicy, profile),
     .text = N_("How files are made safe: standard (same kind of file), text (text only), image (page pictures only), "
                "confirm (unchanged when every byte is accounted for, else standard).")},
    {.name = "member_held",
     .choices = "replace hold",
     .offset = offsetof(MgkPolicy, hold_on_member),
     .text =
         N_("When a file inside an archive or document cannot cross: replace (a notice stands in its place) or hold "
            "(the whole file is held).")},
    {.name = "pdf_dpi_min",
     .min = DPI_MIN,
     .max = DPI_MAX,
     .offset = offsetof(MgkPolicy, pdf_dpi_min),
     .text = N_("Lowest resolution of rendered pages, in dots per inch.")},
    {.name = "pdf_dpi_max",
     .min = DPI_MIN,
     .max = DPI_MAX,
     .offset = offsetof(MgkPolicy, pdf_dpi_max),
     .text = N_("Highest resolution of rendered pages, in dots per inch.")},
    {.name = "landlock",
     .choices = "required optional",
     .offset = offsetof(MgkPolicy, landlock_optional),
     .text = N_("Whether the kernel must offer Landlock: required or optional. The system call filter is always "
                "required.")},
    {.name = "scan",
     .choices = "off when-available required",
     .offset = offsetof(MgkPolicy, scan),
     .text =
         N_("Whether ClamAV looks at every file, and at every file in it, before it is opened: off, when-available, or "
            "required (what it could not look at is held). What it finds never crosses.")},
    {.name = "clamd",
     .bytes = sizeof(((MgkPolicy *)NULL)->clamd),
     .offset = offsetof(MgkPolicy, clamd),
     .text = N_("UNIX socket of ClamAV's daemon.")},
    {.section = "pdf",
     .name = "pages",
     .choices = "pixels outlines",
     .offset = offsetof(MgkPolicy, pdf_outlines),
     .text = N_("How the pages of PDFs are remade: pixels (pictures with invisible text) or outlines (drawings with "
                "invisible text, sharp at any size; pages that no drawing can say become pictures).")},
    {.section = "html",
     .name = "as",
     .choices = "text image",
     .offset = offsetof(MgkPolicy, html_image),
     .text = N_("How web pages leave: text (their text), or image (a PDF with pictures of pages of that text, which "
                "needs LibreOffice).")},
    {.section = "mail",
     .name = "profile",
     .choices = "standard text-only",
     .offset = offsetof(MgkPolicy, mail.profile),
     .text = N_("How mails are converted: standard (text, and attachments made safe) or text-only (text; attachments "
                "are listed and held).")},
    {.section = "mail",
     .name = "language",
     .choices = "ja en",
     .offset = offsetof(MgkPolicy, mail.language),
     .text = N_("Language of the notice in a converted mail.")},
    {.section = "mail",
     .name = "links",
     .choices = "keep defang remove",
     .offset = offsetof(MgkPolicy, mail.links),
     .text = N_("Web addresses in mails: keep, defang (hxxp, [.]) or remove.")},
    {.section = "mail",
     .name = "notice",
     .choices = "first last",
     .offset = offsetof(MgkPolicy, mail.notice),
     .text = N_("Where the notice stands in a converted mail: first or last.")},
    {.section = "mail",
     .name = "charset",
     .choices = "utf-8 iso-2022-jp",
     .offset = offsetof(MgkPolicy, mail.charset),
     .text = N_("Character encoding of converted mails: utf-8, or iso-2022-jp for old mail programs. A mail with "
                "characters that iso-2022-jp lacks is written in utf-8.")},
    {.section = "mail",
     .name = "width",
     .min = 40,
     .max = 200,
     .offset = offsetof(MgkPolicy, mail.width),
     .text = N_("Columns of the text made from HTML mails; a full-width character takes two.")},
    MAIL_TEXT(subject_tag, N_("A mark in front of the subject of converted mails. Empty: none.")),
    MAIL_TEXT(daily_word, N_("A word in the notice that senders cannot know, so that nobody can imitate it.")),
    MAIL_TEXT(own_domains, N_("Mail domains of your organisation, separated by spaces. Senders that pretend to be one "
                              "of them are pointed out.")),
    MAIL_TEXT(trusted_peers, N_("Addresses or networks (192.0.2.0/24) of the mail hosts in front whose marks are "
                                "believed, separated by spaces. Empty: of none.")),
    MAIL_TEXT(trusted_headers, N_("Header fields of the mail system in front, separated by spaces, that stay "
                                  "(X-Spam-Flag).")),
    MAIL_TEXT(authserv_ids, N_("Names under which your own mail systems write Authentication-Results, separated by "
                               "spaces. Those of others are removed.")),
    {.section = "milter",
     .name = "unclean",
     .choices = "notice tempfail",
     .offset = offsetof(MgkPolicy, milter.unclean_tempfail),
     .text = N_("What the mail filter does with a mail that cannot be made safe: notice (the mail is kept, a notice is "
                "delivered in its place) or tempfail (the sender is asked to try again later).")},
#include "model/milter_keys.def"
};

G_STATIC_ASSERT(sizeof(MgkProfile) == sizeof(guint) && sizeof(MgkScan) == sizeof(guint) &&
                sizeof(gboolean) == sizeof(guint));

static gboolean key_in(const GeneralKey *key, const char *section)
{
    return strcmp(key->section ? key->section : "general", section) == 0;
}

static const char *text_value(const MgkPolicy *policy, const GeneralKey *key)
{
    return (const char *)policy + key->offset;
}

static guint *general_field(MgkPolicy *policy, const GeneralKey *key)
{
    return (guint *)(void *)((guint8 *)policy + key->offset);
}

static guint general_value(const MgkPolicy *policy, const GeneralKey *key)
{
    return *(const guint *)(const void *)((const guint8 *)policy + key->offset);
}

static guint64 limit_value(const MgkPolicy *policy, const MgkLimitInfo *limit)
{
    return *(const guint64 *)(const void *)((const guint8 *)&policy->limits + limit->offset);
}

/* Reading: one Reader a file; problems are collected so that one run shows all of them. */
typedef struct Reader {
    MgkPolicy policy;
    const char *name, *text; /* borrowed */
    GString *problems;       /* owned */
} Reader;

/* The line (from 1) of the occurrence-th (from 1) line "key =" in [section], or of the section's head when key is NULL;
 * 0 when there is none. GKeyFile does not tell, and an operator wants to know. */
static guint find_line(const char *text, const char *section, const char *key, guint occurrence)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *head = g_strdup_printf("[%s]", section);
    gboolean inside = FALSE;
    for (guint i = 0; lines[i]; i++) {
        char *line = g_strstrip(lines[i]);
        if (*line == '[') {
            inside = strcmp(line, head) == 0;
            if (inside && !key && --occurrence == 0)
                return i + 1;
        } else if (inside && key && *line != '#') {
            char *equals = strchr(line, '=');
            if (equals)
                *equals = '\0';
            if (equals && strcmp(g_strchomp(line), key) == 0 && --occurrence == 0)
                return i + 1;
        }
    }
    return 0;
}

static G_GNUC_PRINTF(4, 5) void problem(Reader *reader, const char *section, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *words = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    guint line = find_line(reader->text, section, key, 1);
    if (reader->problems->len)
        g_string_append_c(reader->problems, '\n');
    g_string_append(reader->problems, reader->name);
    if (line)
        g_string_append_printf(reader->problems, ":%u", line);
    g_string_append_printf(reader->problems, ": [%s]%s%s: %s", section, key ? " " : "", key ? key : "", words);
}

/* "64M" → 67108864. FALSE when it is no number or too large for 64 bits. */
static gboolean parse_number(const char *value, guint64 *ret_number)
{
    if (!g_ascii_isdigit(*value))
        return FALSE;
    guint64 number = 0, unit = 1;
    for (; g_ascii_isdigit(*value); value++) {
        if (!g_uint64_checked_mul(&number, number, 10) || !g_uint64_checked_add(&number, number, (guint)(*value - '0')))
            return FALSE;
    }
    if (*value) {
        static const char letters[] = "KMG";
        const char *letter = strchr(letters, g_ascii_toupper(*value));
        if (!letter || value[1])
            return FALSE;
        unit <<= 10 * (letter - letters + 1);
    }
    return g_uint64_checked_mul(ret_number, number, unit);
}

static char *format_number(guint64 number)
{
    static const char *const units[] = {"", "K", "M", "G"};
    guint unit = 0;
    while (number && number % 1024 == 0 && unit + 1 < G_N_ELEMENTS(units)) {
        number /= 1024;
        unit++;
    }
    return g_strdup_printf("%" G_GUINT64_FORMAT "%s", number, units[unit]);
}

static gboolean number_in_range(Reader *reader, const char *section, const char *key, const char *value, guint64 min,
                                guint64 max, guint64 *ret_number)
{
    g_autofree char *low = format_number(min), *high = format_number(max);
    if (!parse_number(value, ret_number)) {
        problem(reader, section, key, mgk_words(N_("'%s' is not a number (digits, then K, M or G if wanted)")), value);
        return FALSE;
    }
    if (*ret_number < min || *ret_number > max) {
        problem(reader, section, key, mgk_words(N_("%s is out of range (%s to %s)")), value, low, high);
        return FALSE;
    }
    return TRUE;
}

static void set_text(Reader *reader, const GeneralKey *row, const char *value)
{
    if (strlen(value) >= row->bytes)
        problem(reader, row->section, row->name, mgk_words(N_("longer than %u bytes")), (guint)row->bytes - 1);
    else
        g_strlcpy((char *)&reader->policy + row->offset, value, row->bytes);
}

static void set_choice(Reader *reader, const char *section, const GeneralKey *row, const char *value)
{
    g_auto(GStrv) choices = g_strsplit(row->choices, " ", -1);
    for (guint c = 0; choices[c]; c++) {
        if (strcmp(choices[c], value) == 0) {
            *general_field(&reader->policy, row) = c;
            return;
        }
    }
    problem(reader, section, row->name, mgk_words(N_("'%s' is not one of: %s")), value, row->choices);
}

static void set_key(Reader *reader, const char *section, const char *key, const char *value)
{
    for (guint i = 0; i < G_N_ELEMENTS(general_keys); i++) {
        const GeneralKey *row = &general_keys[i];
        guint64 number = 0;
        if (!key_in(row, section) || strcmp(row->name, key) != 0)
            continue;
        if (row->bytes)
            set_text(reader, row, value);
        else if (row->choices)
            set_choice(reader, section, row, value);
        else if (number_in_range(reader, section, key, value, row->min, row->max, &number))
            *general_field(&reader->policy, row) = (guint)number;
        return;
    }
    problem(reader, section, key, "%s", mgk_words(N_("unknown key")));
}

static void set_general(Reader *reader, const char *key, const char *value)
{
    set_key(reader, "general", key, value);
}

static void set_pdf(Reader *reader, const char *key, const char *value)
{
    set_key(reader, "pdf", key, value);
}

static void set_html(Reader *reader, const char *key, const char *value)
{
    set_key(reader, "html", key, value);
}

static void set_milter(Reader *reader, const char *key, const char *value)
{
    set_key(reader, "milter", key, value);
}

static void set_mail(Reader *reader, const char *key, const char *value)
{
    set_key(reader, "mail", key, value);
    if (strcmp(key, "trusted_peers") == 0 && !mgk_mail_peers_valid(value))
        problem(reader, "mail", key, "%s", mgk_words(N_("not a list of addresses and networks (192.0.2.0/24)")));
}

static void set_mail_rule(Reader *reader, const char *key, const char *value)
{
    MgkMailRule rule = {0};
    const char *wrong = mgk_mail_rule_parse(value, &rule);
    if (wrong) {
        problem(reader, "mail.rules", key, "%s", mgk_words(wrong));
    } else if (strlen(key) >= sizeof rule.name || reader->policy.n_mail_rules == MGK_MAIL_RULES) {
        problem(reader, "mail.rules", key, mgk_words(N_("at most %u rules with names of at most %u bytes")),
                MGK_MAIL_RULES, (guint)sizeof rule.name - 1);
    } else {
        g_strlcpy(rule.name, key, sizeof rule.name);
        reader->policy.mail_rules[reader->policy.n_mail_rules++] = rule;
    }
}

char *mgk_policy_file_choices(MgkKind kind, const char *separator)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint a = 0; a < MGK_N_ACTIONS; a++) {
        if (mgk_kind_info(kind)->allowed & (1u << a))
            g_string_append_printf(list, "%s%s", list->len ? separator : "", mgk_action_name((MgkAction)a));
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static void set_action(Reader *reader, const char *key, const char *value)
{
    MgkKind kind = (MgkKind)0;
    MgkAction action = MGK_ACTION_HOLD;
    if (!mgk_kind_from_name(key, &kind)) {
        problem(reader, "actions", key, "%s", mgk_words(N_("unknown kind ('mugaika policy show' lists all)")));
        return;
    }
    g_autofree char *choices = mgk_policy_file_choices(kind, " ");
    if (!mgk_action_from_name(value, &action))
        problem(reader, "actions", key, mgk_words(N_("'%s' is not one of: %s")), value, choices);
    else if (!(mgk_kind_info(kind)->allowed & (1u << action)))
        problem(reader, "actions", key, mgk_words(N_("'%s' is not allowed for this kind, only: %s")), value, choices);
    else
        reader->policy.actions[kind] = (guint8)action;
}

static void set_limit(Reader *reader, const char *key, const char *value)
{
    gsize n = 0;
    guint64 number = 0;
    const MgkLimitInfo *table = mgk_limits_table(&n);
    for (gsize i = 0; i < n; i++) {
        if (strcmp(table[i].name, key) != 0)
            continue;
        if (number_in_range(reader, "limits", key, value, table[i].min, table[i].max, &number))
            *(guint64 *)(void *)((guint8 *)&reader->policy.limits + table[i].offset) = number;
        return;
    }
    problem(reader, "limits", key, "%s", mgk_words(N_("unknown limit ('mugaika policy show' lists all)")));
}

static const struct {
    const char *name;
    void (*set)(Reader *reader, const char *key, const char *value);
} sections[] = {{"general", set_general},      {"pdf", set_pdf},      {"html", set_html},
                {"actions", set_action},       {"limits", set_limit}, {"mail", set_mail},
                {"mail.rules", set_mail_rule}, {"milter", set_milter}};

static void read_section(Reader *reader, GKeyFile *file, const char *section)
{
    for (guint s = 0; s < G_N_ELEMENTS(sections); s++) {
        if (strcmp(sections[s].name, section) != 0)
            continue;
        g_auto(GStrv) keys = g_key_file_get_keys(file, section, NULL, NULL);
        for (guint k = 0; keys && keys[k]; k++) {
            guint again = find_line(reader->text, section, keys[k], 2);
            g_autofree char *value = g_key_file_get_value(file, section, keys[k], NULL);
            if (again)
                problem(reader, section, keys[k], mgk_words(N_("given again in line %u")), again);
            else
                sections[s].set(reader, keys[k], value ? g_strstrip(value) : "");
        }
        return;
    }
    problem(reader, section, NULL, "%s",
            mgk_words(N_("unknown section (general, pdf, html, actions, limits, mail, mail.rules, milter)")));
}

static gboolean fail(GError **error, const char *name, const char *words)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: %s", name, words);
    return FALSE;
}

gboolean mgk_policy_file_parse(MgkPolicy *policy, const char *name, const char *text, gsize length, GError **error)
{
    if (length > FILE_BYTES)
        return fail(error, name, mgk_words(N_("larger than 1 MiB; this is no policy file")));
    if (!g_utf8_validate(text, (gssize)length, NULL))
        return fail(error, name, mgk_words(N_("not valid UTF-8")));
    gboolean marked = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; /* Notepad's byte order mark */
    g_autofree char *copy = g_strndup(text + (marked ? 3 : 0), length - (marked ? 3 : 0));
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) syntax = NULL;
    if (!g_key_file_load_from_data(file, copy, strlen(copy), G_KEY_FILE_NONE, &syntax) &&
        !g_error_matches(syntax, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_NOT_FOUND))
        return fail(error, name, syntax->message);
    Reader reader = {.policy = *policy, .name = name, .text = copy};
    if (g_key_file_has_group(file, "mail.rules"))
        reader.policy.n_mail_rules = 0; /* the file's rules stand in their place */
    g_autoptr(GString) problems = reader.problems = g_string_new(NULL);
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    for (guint i = 0; groups[i]; i++)
        read_section(&reader, file, groups[i]);
    if (reader.policy.pdf_dpi_min > reader.policy.pdf_dpi_max)
        problem(&reader, "general", "pdf_dpi_min", "%s", mgk_words(N_("larger than pdf_dpi_max")));
    if (reader.policy.milter.queue_seconds + reader.policy.milter.clean_seconds > MILTER_SECONDS_MAX)
        problem(&reader, "milter", "clean_seconds", mgk_words(N_("more than %d together with queue_seconds")),
                MILTER_SECONDS_MAX);
    if (problems->len) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, problems->str);
        return FALSE;
    }
    *policy = reader.policy;
    return TRUE;
}

gboolean mgk_policy_file_load(MgkPolicy *policy, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *shown = g_filename_display_name(path);
    g_autoptr(GError) reading = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, &reading)) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, reading->message);
        return FALSE;
    }
    return mgk_policy_file_parse(policy, shown, text, length, error);
}

/* Writing. */
static void add_comment(GString *out, const char *words)
{
    g_auto(GStrv) lines = g_strsplit(words, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        g_string_append_printf(out, "# %s\n", lines[i]);
}

static void add_section(GString *out, const MgkPolicy *policy, const char *section)
{
    MgkPolicy defaults;
    mgk_policy_init(&defaults);
    g_string_append_printf(out, "[%s]\n", section);
    for (guint i = 0; i < G_N_ELEMENTS(general_keys); i++) {
        const GeneralKey *key = &general_keys[i];
        if (!key_in(key, section))
            continue;
        if (key->bytes) {
            add_comment(out, mgk_words(key->text));
            g_string_append_printf(out, "%s = %s\n\n", key->name, text_value(policy, key));
            continue;
        }
        guint value = general_value(policy, key), def = general_value(&defaults, key);
        add_comment(out, mgk_words(key->text));
        g_auto(GStrv) choices = g_strsplit(key->choices ? key->choices : "", " ", -1);
        if (key->choices) {
            g_string_append_printf(out, mgk_words(N_("# Choices: %s. Default: %s.\n")), key->choices, choices[def]);
            g_string_append_printf(out, "%s = %s\n\n", key->name, choices[value]);
        } else {
            g_string_append_printf(out, mgk_words(N_("# From %u to %u. Default: %u.\n")), key->min, key->max, def);
            g_string_append_printf(out, "%s = %u\n\n", key->name, value);
        }
    }
}

static void add_mail_rules(GString *out, const MgkPolicy *policy)
{
    g_string_append(out, "[mail.rules]\n");
    add_comment(out,
                mgk_words(N_("Profiles by sender and recipient, a rule a line: NAME = PROFILE from PATTERN to "
                             "PATTERN (one of the two may\nbe missing). For each recipient the first rule that "
                             "fits counts, else the profile of [mail]; of several recipients'\nprofiles the "
                             "strictest. Example: council = text-only from *@example.org to info@city.example.jp")));
    for (guint i = 0; i < policy->n_mail_rules; i++) {
        g_autofree char *rule = mgk_mail_rule_format(&policy->mail_rules[i]);
        g_string_append_printf(out, "%s = %s\n", policy->mail_rules[i].name, rule);
    }
    g_string_append_c(out, '\n');
}

static void add_actions(GString *out, const MgkPolicy *policy)
{
    g_string_append(out, "[actions]\n");
    add_comment(out, mgk_words(N_("keep: it stays, the report lists it.  remove: it goes.  replace: something harmless "
                                  "stands in its place.\nhold: the file is held.  block: the file never crosses.")));
    g_string_append_c(out, '\n');
    for (guint i = 0; i < MGK_N_KINDS; i++) {
        const MgkKindInfo *kind = mgk_kind_info((MgkKind)i);
        g_autofree char *choices = mgk_policy_file_choices((MgkKind)i, " ");
        add_comment(out, mgk_words(kind->label));
        add_comment(out, mgk_words(kind->text));
        g_string_append_printf(out, mgk_words(N_("# Choices: %s. Default: %s.\n")), choices,
                               mgk_action_name(kind->def));
        g_string_append_printf(out, "%s = %s\n\n", kind->name, mgk_action_name((MgkAction)policy->actions[i]));
    }
}

static void add_limits(GString *out, const MgkPolicy *policy)
{
    gsize n = 0;
    const MgkLimitInfo *table = mgk_limits_table(&n);
    g_string_append(out, "[limits]\n");
    add_comment(out, mgk_words(N_("Sizes in bytes, times in milliseconds unless the name says otherwise. K, M and G "
                                  "multiply by 1024.")));
    g_string_append_c(out, '\n');
    for (gsize i = 0; i < n; i++) {
        g_autofree char *value = format_number(limit_value(policy, &table[i])), *def = format_number(table[i].def);
        g_autofree char *low = format_number(table[i].min), *high = format_number(table[i].max);
        add_comment(out, mgk_words(table[i].text));
        g_string_append_printf(out, mgk_words(N_("# From %s to %s. Default: %s.\n")), low, high, def);
        g_string_append_printf(out, "%s = %s\n\n", table[i].name, value);
    }
}

char *mgk_policy_file_generate(const MgkPolicy *policy)
{
    g_autoptr(GString) out = g_string_new(NULL);
    add_comment(out, mgk_words(N_("Policy of mugaika. What is not said here keeps its built-in default.\nCheck with: "
                                  "mugaika policy check FILE.  Explain a kind with: mugaika policy explain KIND.")));
    g_string_append_c(out, '\n');
    add_section(out, policy, "general");
    add_section(out, policy, "pdf");
    add_section(out, policy, "html");
    add_section(out, policy, "mail");
    add_mail_rules(out, policy);
    add_section(out, policy, "milter");
    add_actions(out, policy);
    add_limits(out, policy);
    g_string_truncate(out, out->len - 1); /* the last blank line */
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *mgk_policy_file_id(const MgkPolicy *policy)
{
    g_autoptr(GString) values = g_string_new(NULL);
    gsize n = 0;
    const MgkLimitInfo *limits = mgk_limits_table(&n);
    for (guint i = 0; i < G_N_ELEMENTS(general_keys); i++) {
        const GeneralKey *key = &general_keys[i];
        if (key->bytes)
            g_string_append_printf(values, "%s.%s=%s\n", key->section ? key->section : "general", key->name,
                                   text_value(policy, key));
        else
            g_string_append_printf(values, "%s.%s=%u\n", key->section ? key->section : "general", key->name,
                                   general_value(policy, key));
    }
    for (guint i = 0; i < policy->n_mail_rules; i++) {
        g_autofree char *rule = mgk_mail_rule_format(&policy->mail_rules[i]);
        g_string_append_printf(values, "mail.rules=%s\n", rule);
    }
    for (guint i = 0; i < MGK_N_KINDS; i++)
        g_string_append_printf(values, "%s=%u\n", mgk_kind_info((MgkKind)i)->name, policy->actions[i]);
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(values, "%s=%" G_GUINT64_FORMAT "\n", limits[i].name, limit_value(policy, &limits[i]));
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, values->str, (gssize)values->len);
    return g_strndup(digest, 16);
}
