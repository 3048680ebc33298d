#include "engines/member_names.h"

#include "engines/zip_names.h"
#include "model/names.h"

#include <string.h>

#define NAME_BYTES 255u
#define DEPTH_MAX 64u

struct MgkMemberNames {
    GHashTable *folders; /* owned; key of an input folder → output folder (both owned) */
    GHashTable *taken;   /* owned; set of keys of output paths, without the final slash */
    GHashTable *numbers; /* owned; key of a path that collided → the next number to try */
};

MgkMemberNames *mgk_member_names_new(void)
{
    MgkMemberNames *names = g_new0(MgkMemberNames, 1);
    names->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    names->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    names->numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return names;
}

void mgk_member_names_free(MgkMemberNames *names)
{
    if (!names)
        return;
    g_hash_table_unref(names->folders);
    g_hash_table_unref(names->taken);
    g_hash_table_unref(names->numbers);
    g_free(names);
}

static gboolean is_separator(char c)
{
    return c == '/' || c == '\\';
}

const char *mgk_member_names_base(const char *path)
{
    const char *base = path;
    for (const char *c = path; *c; c++) {
        if (is_separator(*c))
            base = c + 1;
    }
    return base;
}

static gboolean same_but_composition(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return TRUE;
    g_autofree char *x = g_utf8_normalize(a, -1, G_NORMALIZE_NFC), *y = g_utf8_normalize(b, -1, G_NORMALIZE_NFC);
    return x && y && strcmp(x, y) == 0;
}

static char *safe_component(const char *component, guint *flags)
{
    char *safe = mgk_names_safe_component(component);
    if (!same_but_composition(safe, component))
        *flags |= MGK_MEMBER_RENAMED;
    return safe;
}

/* "name (2).ext", cut on a character so that it stays a name that every file system takes. */
static char *numbered(const char *name, guint number)
{
    const char *dot = strrchr(name, '.');
    gsize stem = dot && dot != name ? (gsize)(dot - name) : strlen(name);
    const char *extension = name + stem;
    g_autofree char *tag = g_strdup_printf(" (%u)", number);
    gsize rest = strlen(tag) + strlen(extension), room = rest < NAME_BYTES ? NAME_BYTES - rest : 0;
    while (stem > room)
        stem = (gsize)(g_utf8_find_prev_char(name, name + stem) - name);
    return g_strdup_printf("%.*s%s%s", (int)stem, name, tag, extension);
}

/* Marks a path that was free as taken and returns it; a taken one gets a number. */
static char *take(MgkMemberNames *names, const char *folder, const char *name, guint *flags)
{
    g_autofree char *wanted = g_strconcat(folder, name, NULL);
    char *key = mgk_zip_names_key(wanted, strlen(wanted));
    if (!g_hash_table_contains(names->taken, key)) {
        g_hash_table_add(names->taken, key);
        return g_steal_pointer(&wanted);
    }
    *flags |= MGK_MEMBER_COLLIDES;
    guint number = MAX(GPOINTER_TO_UINT(g_hash_table_lookup(names->numbers, key)), 2);
    g_autofree char *path = NULL;
    for (;; number++) {
        g_autofree char *other = numbered(name, number);
        g_free(path);
        path = g_strconcat(folder, other, NULL);
        g_autofree char *other_key = mgk_zip_names_key(path, strlen(path));
        if (!g_hash_table_contains(names->taken, other_key)) {
            g_hash_table_add(names->taken, g_steal_pointer(&other_key));
            break;
        }
    }
    g_hash_table_insert(names->numbers, key, GUINT_TO_POINTER(number + 1));
    return g_steal_pointer(&path);
}

/* One step down: the output folder for this component below an output folder. */
static const char *descend(MgkMemberNames *names, const char *parent, const char *component, guint *flags)
{
    g_autofree char *safe = safe_component(component, flags);
    g_autofree char *wanted = g_strconcat(parent, safe, "/", NULL);
    g_autofree char *key = mgk_zip_names_key(wanted, strlen(wanted));
    const char *known = g_hash_table_lookup(names->folders, key);
    if (known)
        return known;
    g_autofree char *path = take(names, parent, safe, flags);
    char *folder = g_strconcat(path, "/", NULL);
    g_hash_table_insert(names->folders, g_steal_pointer(&key), folder);
    return folder;
}

/* Skips what makes a path start elsewhere than here. */
static const char *skip_root(const char *path, guint *flags)
{
    const char *at = path;
    if (g_ascii_isalpha(at[0]) && at[1] == ':' && (is_separator(at[2]) || at[2] == '\0'))
        at += 2;
    while (is_separator(*at))
        at++;
    if (at != path)
        *flags |= MGK_MEMBER_ESCAPES;
    return at;
}

const char *mgk_member_names_folder(MgkMemberNames *names, const char *path, gboolean whole, guint *flags)
{
    const char *folder = "", *at = skip_root(path, flags);
    guint depth = 0;
    while (*at) {
        gsize length = strcspn(at, "/\\");
        const char *next = at + length;
        if (!*next && !whole)
            break;
        g_autofree char *component = g_strndup(at, length);
        at = *next ? next + 1 : next;
        if (length == 0 || strcmp(component, ".") == 0)
            continue;
        if (strcmp(component, "..") == 0)
            *flags |= MGK_MEMBER_ESCAPES;
        else if (depth++ < DEPTH_MAX)
            folder = descend(names, folder, component, flags);
        else
            *flags |= MGK_MEMBER_TOO_DEEP;
    }
    return folder;
}

char *mgk_member_names_take(MgkMemberNames *names, const char *folder, const char *name, guint *flags)
{
    g_autofree char *safe = safe_component(name, flags);
    return take(names, folder, safe, flags);
}
