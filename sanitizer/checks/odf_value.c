/* odf_value.c - values of attributes that could lead somewhere or compute: links, references, formulas. */
#include "checks/odf_look.h"
#include "checks/ooxml_formula.h"
#include "checks/ooxml_look.h"

#include <string.h>

static const char *judge_picture(MgkOdfLookPart *part, const char *value)
{
    g_autofree char *name = g_strconcat(part->folder, value, NULL);
    if (!g_str_has_prefix(value, "Pictures/") || !g_hash_table_contains(part->look->members, name))
        return "dangling-picture";
    g_hash_table_add(part->look->reached, g_steal_pointer(&name));
    return NULL;
}

static const char *judge_object(MgkOdfLookPart *part, const char *value)
{
    if (!g_str_has_prefix(value, "./Object "))
        return "object-outside";
    g_autofree char *folder = g_strconcat(part->folder, value + 2, "/", NULL);
    g_autofree char *content = g_strconcat(folder, "content.xml", NULL);
    if (strchr(value + 2, '/') || !g_hash_table_contains(part->look->members, content))
        return "dangling-object";
    g_hash_table_add(part->look->reached, g_steal_pointer(&folder));
    return NULL;
}

static const char *judge_href(MgkOdfLookPart *part, const char *element, const char *value)
{
    static const char *const links[] = {"a", "area-circle", "area-polygon", "area-rectangle", NULL};
    static const char *const pictures[] = {"image",        "fill-image", "background-image", "list-level-style-image",
                                           "symbol-image", NULL};
    if (g_strv_contains(links, element))
        return mgk_look_link_is_safe(value) ? NULL : "link";
    if (strcmp(element, "event-listener") == 0)
        return *value == '#' ? NULL : "event-outside";
    if (g_strv_contains(pictures, element))
        return judge_picture(part, value);
    return strcmp(element, "object") == 0 ? judge_object(part, value) : "reference";
}

/* Behind '[': skips to ']', FALSE when the reference leads to another document or is not closed. */
static gboolean skip_reference(const char **at)
{
    const char *p = *at;
    for (; *p && *p != ']'; p++) {
        if (strchr("/\\|[", *p) || (*p == '#' && !g_str_has_prefix(p, "#REF!")))
            return FALSE;
        if (*p != '\'')
            continue;
        p = strchr(p + 1, '\'');
        if (!p || p[1] == '#')
            return FALSE;
    }
    *at = p;
    return *p == ']';
}

/* OpenFormula in the words of the other scanner: references become A1, ';' becomes ',', rows of arrays too, functions
 * lose their vendor. NULL when it leads to another document. Owned by the caller. */
static char *plain_formula(const char *value)
{
    static const char *const vendors[] = {"COM.MICROSOFT.", "ORG.LIBREOFFICE.", "ORG.OPENOFFICE."};
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean array = FALSE;
    for (const char *p = value; *p; p++) {
        for (gsize i = 0; i < G_N_ELEMENTS(vendors); i++) {
            if (g_ascii_strncasecmp(p, vendors[i], strlen(vendors[i])) == 0)
                p += strlen(vendors[i]);
        }
        const char *start = p;
        if (*p == '[') {
            p++;
            if (!skip_reference(&p))
                return NULL;
            g_string_append(out, "A1");
        } else if (*p == '"' || *p == '\'') {
            p = strchr(p + 1, *p);
            if (!p || (*start == '\'' && p[1] == '#'))
                return NULL;
            if (*start == '"')
                g_string_append_len(out, start, p - start + 1);
        } else {
            array = (array || *p == '{') && *p != '}';
            g_string_append_c(out, *p == ';' || (*p == '|' && array) ? ',' : *p);
        }
    }
    return g_strdup(out->str);
}

/* In OpenFormula FORMULA() shows the text of another cell's formula; in the language of macro sheets it writes one. */
static void rename_formula(char *text)
{
    static const char name[] = "FORMULA(";
    for (char *p = text; *p; p++) {
        if (g_ascii_strncasecmp(p, name, sizeof name - 1) == 0)
            p[6] = 'x';
    }
}

/* The language of a formula by the namespace of its prefix; "" without one, NULL for one nobody knows. */
static const char *language_of(const MgkOdfLookPart *part, const char **value)
{
    static const char *const languages[] = {"urn:oasis:names:tc:opendocument:xmlns:of:1.2",
                                            "http://openoffice.org/2004/calc", "http://openoffice.org/2004/writer",
                                            "http://schemas.microsoft.com/office/excel/formula"};
    gsize length = strspn(*value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    if (!length || (*value)[length] != ':')
        return "";
    g_autofree char *prefix = g_strndup(*value, length);
    const char *uri = mgk_odf_look_resolve(part, prefix);
    *value += length + 1;
    for (gsize i = 0; uri && i < G_N_ELEMENTS(languages); i++) {
        if (strcmp(uri, languages[i]) == 0)
            return languages[i];
    }
    return NULL;
}

static const char *judge_formula(const MgkOdfLookPart *part, const char *value)
{
    const char *language = language_of(part, &value);
    if (!language)
        return "formula-language";
    if (g_str_has_suffix(language, "/writer"))
        return strstr(value, "://") || strchr(value, '\\') ? "formula" : NULL;
    gboolean excel = g_str_has_suffix(language, "/formula");
    g_autofree char *plain = excel ? g_strdup(value) : plain_formula(value);
    if (plain && !excel)
        rename_formula(plain);
    return plain && mgk_look_formula_is_safe(plain) ? NULL : "formula";
}

/* The services that draw the controls of a form, none that runs or fetches. */
static gboolean control_is_plain(const MgkOdfLookPart *part, const char *value)
{
    static const char package[] = "ooo:com.sun.star.form.component.";
    static const char services[] =
        " CheckBox ComboBox CommandButton CurrencyField DateField FileControl FixedText Form "
        "FormattedField GridControl GroupBox ImageButton ListBox NumericField PatternField "
        "RadioButton RichTextControl ScrollBar SpinButton TextField TimeField ";
    if (!g_str_has_prefix(value, package) ||
        g_strcmp0(mgk_odf_look_resolve(part, "ooo"), "http://openoffice.org/2004/office") != 0)
        return FALSE;
    g_autofree char *word = g_strdup_printf(" %s ", value + sizeof package - 1);
    return strstr(services, word) != NULL;
}

static gboolean is_formula(const char *ns, const char *name)
{
    static const char *const names[] = {"formula", "expression", "condition", NULL};
    static const char *const spaces[] = {"TABLE", "STYLE", NULL};
    return (g_strv_contains(spaces, ns) && g_strv_contains(names, name)) ||
           (strcmp(ns, "CALCEXT") == 0 && strcmp(name, "value") == 0);
}

const char *mgk_odf_look_value(MgkOdfLookPart *part, const char *element, const char *ns, const char *name,
                               const char *value)
{
    if (strcmp(ns, "XLINK") == 0 && strcmp(name, "href") == 0)
        return judge_href(part, element, value);
    if (strcmp(name, "control-implementation") == 0)
        return control_is_plain(part, value) ? NULL : "control";
    if (is_formula(ns, name))
        return judge_formula(part, value);
    if (strcmp(ns, "TEXT") == 0 && (strcmp(name, "formula") == 0 || strcmp(name, "condition") == 0))
        return strstr(value, "://") || strchr(value, '\\') ? "formula" : NULL;
    if (g_str_has_suffix(name, "-address") || g_str_has_suffix(name, "-range") || strcmp(name, "cell-range") == 0 ||
        strcmp(name, "linked-cell") == 0)
        return strstr(value, "'#") || strstr(value, "://") || strchr(value, '\\') ? "external-range" : NULL;
    if (strcmp(ns, "PRESENTATION") == 0 && strcmp(name, "action") == 0)
        return strcmp(value, "execute") == 0 || strcmp(value, "verb") == 0 || strcmp(value, "sound") == 0 ? "action"
                                                                                                          : NULL;
    return NULL;
}
