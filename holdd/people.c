#include "people.h"

#include "model/words.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define DAY_US (24 * (gint64)3600 * G_USEC_PER_SEC)
#define GROUPS_MAX 4096
#define FILE_MAX (16u << 20)

/* A line of either file. */
typedef struct Row {
    char *key, *department;   /* owned; key: pattern in lower case, or account */
    gint64 from_us, until_us; /* 0: open; until_us: the midnight behind the last day */
} Row;

struct MgkDepartments {
    GArray *recipients, *people; /* owned; of Row */
};

static void row_clear(gpointer data)
{
    Row *row = data;
    g_free(row->key);
    g_free(row->department);
}

void mgk_departments_free(MgkDepartments *departments)
{
    if (!departments)
        return;
    g_clear_pointer(&departments->recipients, g_array_unref);
    g_clear_pointer(&departments->people, g_array_unref);
    g_free(departments);
}

/* An empty day is open; FALSE when the text is no day. */
static gboolean read_day(const char *text, gint64 *ret_us)
{
    *ret_us = *text ? mgk_hold_day(text) : 0;
    return !*text || *ret_us != 0;
}

static const char *read_row(const char *line, gboolean fold, GArray *rows)
{
    g_auto(GStrv) cells = g_strsplit(line, ",", -1);
    guint n = g_strv_length(cells);
    Row row = {0};
    for (guint i = 0; i < n; i++)
        g_strstrip(cells[i]);
    if (n < 2 || n > 4 || !*cells[0] || !*cells[1] || strchr(line, '"'))
        return N_("needs: NAME,DEPARTMENT,FIRST DAY,LAST DAY");
    if (!read_day(n > 2 ? cells[2] : "", &row.from_us) || !read_day(n > 3 ? cells[3] : "", &row.until_us))
        return N_("days are written as 2026-04-01, the first before the last");
    if (row.until_us)
        row.until_us += DAY_US;
    row.key = fold ? g_ascii_strdown(cells[0], -1) : g_strdup(cells[0]);
    row.department = g_strdup(cells[1]);
    g_array_append_val(rows, row);
    return NULL;
}

/* fold: mail addresses have no case. */
static GArray *read_file(const char *path, gboolean fold, GError **error)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_array_set_clear_func(rows, row_clear);
    g_autofree char *text = NULL;
    g_autoptr(GError) reading = NULL;
    gsize length = 0;
    if (!*path)
        return g_steal_pointer(&rows);
    if (!g_file_get_contents(path, &text, &length, &reading)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: %s", path, reading->message);
        return NULL;
    }
    const char *start = g_str_has_prefix(text, "\xef\xbb\xbf") ? text + 3 : text;
    const char *wrong = length > FILE_MAX ? N_("the file is too long")
                        : g_utf8_validate(start, (gssize)(text + length - start), NULL)
                            ? NULL
                            : N_("this is no text in UTF-8");
    g_auto(GStrv) lines = g_strsplit(wrong ? "" : start, "\n", -1);
    guint number = 0;
    for (; !wrong && lines[number]; number++) {
        g_strstrip(lines[number]);
        if (*lines[number] && *lines[number] != '#')
            wrong = read_row(lines[number], fold, rows);
    }
    if (!wrong)
        return g_steal_pointer(&rows);
    g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s:%u: %s", path, number, mgk_words(wrong));
    return NULL;
}

MgkDepartments *mgk_departments_load(const MgkHoldConfig *config, GError **error)
{
    g_autoptr(MgkDepartments) departments = g_new0(MgkDepartments, 1);
    if (!(departments->recipients = read_file(config->recipients, TRUE, error)) ||
        !(departments->people = read_file(config->people, FALSE, error)))
        return NULL;
    return g_steal_pointer(&departments);
}

static gboolean holds_now(const Row *row, gint64 now_us)
{
    return now_us >= row->from_us && (!row->until_us || now_us < row->until_us);
}

const char *mgk_departments_of_mail(const MgkDepartments *departments, const char *const *recipients, gint64 now_us)
{
    for (guint r = 0; recipients && recipients[r]; r++) {
        g_autofree char *bare = g_ascii_strdown(recipients[r], -1);
        const char *address = g_strstrip(g_strdelimit(bare, "<>", ' '));
        for (guint i = 0; i < departments->recipients->len; i++) {
            const Row *row = &g_array_index(departments->recipients, Row, i);
            if (holds_now(row, now_us) && g_pattern_match_simple(row->key, address))
                return row->department;
        }
    }
    return "";
}

void mgk_caller_clear(MgkCaller *caller)
{
    g_clear_pointer(&caller->name, g_free);
    g_clear_pointer(&caller->departments, g_strfreev);
}

/* "name", or "@group" that the account is in. */
static gboolean is_member(const char *entry, const char *account, const gid_t *groups, int n_groups)
{
    struct group found, *group = NULL;
    char room[16384];
    if (*entry != '@')
        return strcmp(entry, account) == 0;
    if (getgrnam_r(entry + 1, &found, room, sizeof room, &group) != 0 || !group)
        return FALSE;
    for (int i = 0; i < n_groups; i++) {
        if (groups[i] == group->gr_gid)
            return TRUE;
    }
    return FALSE;
}

static void find_roles(const MgkHoldConfig *config, const gid_t *groups, int n_groups, gint64 now_us, MgkCaller *caller)
{
    for (guint role = 0; role < MGK_N_ROLES; role++) {
        for (char **entry = config->members[role]; entry && *entry; entry++) {
            if (is_member(*entry, caller->name, groups, n_groups))
                caller->roles |= 1u << role;
        }
    }
    for (guint i = 0; i < config->delegates->len; i++) {
        const MgkDelegate *delegate = &g_array_index(config->delegates, MgkDelegate, i);
        guint bit = 1u << delegate->role;
        if (now_us < delegate->from_us || now_us >= delegate->until_us || (caller->roles & bit) ||
            strcmp(delegate->account, caller->name) != 0)
            continue;
        caller->roles |= bit;
        caller->delegated |= bit;
    }
}

static void find_departments(const MgkDepartments *departments, gint64 now_us, MgkCaller *caller)
{
    g_autoptr(GPtrArray) own = g_ptr_array_new();
    for (guint i = 0; i < departments->people->len; i++) {
        const Row *row = &g_array_index(departments->people, Row, i);
        if (!holds_now(row, now_us) || strcmp(row->key, caller->name) != 0)
            continue;
        if (strcmp(row->department, "*") == 0)
            caller->all = TRUE;
        else
            g_ptr_array_add(own, g_strdup(row->department));
    }
    g_ptr_array_add(own, NULL);
    caller->departments = (char **)g_ptr_array_free(g_steal_pointer(&own), FALSE);
}

gboolean mgk_caller_find(const MgkHoldConfig *config, const MgkDepartments *departments, guint32 uid, gint64 now_us,
                         MgkCaller *ret_caller)
{
    struct passwd found, *user = NULL;
    char room[16384];
    int n_groups = GROUPS_MAX;
    *ret_caller = (MgkCaller){.uid = uid};
    if (getpwuid_r(uid, &found, room, sizeof room, &user) != 0 || !user)
        return FALSE;
    g_autofree gid_t *groups = g_new(gid_t, GROUPS_MAX);
    if (getgrouplist(user->pw_name, user->pw_gid, groups, &n_groups) < 0)
        return FALSE;
    ret_caller->name = g_strdup(user->pw_name);
    find_roles(config, groups, n_groups, now_us, ret_caller);
    find_departments(departments, now_us, ret_caller);
    if (mgk_caller_has(ret_caller, MGK_ROLE_AUDITOR))
        ret_caller->all = TRUE;
    return TRUE;
}

gboolean mgk_caller_has(const MgkCaller *caller, MgkRole role)
{
    return (caller->roles & (1u << role)) != 0;
}

gboolean mgk_caller_sees(const MgkCaller *caller, const char *department)
{
    return caller->all ||
           (department && *department && g_strv_contains((const char *const *)caller->departments, department));
}
