#include "checks/ooxml_formula.h"

#include "checks/ooxml_look.h"

#include <string.h>

/* Names that reach outside, and the macro language of Excel 4. "GET.*" and the like stand for all that start so. */
static const char *const forbidden[] = {"CALL",
                                        "REGISTER",
                                        "REGISTER.ID",
                                        "UNREGISTER",
                                        "EXEC",
                                        "EXECUTE",
                                        "RTD",
                                        "WEBSERVICE",
                                        "FILTERXML",
                                        "IMAGE",
                                        "STOCKHISTORY",
                                        "PY",
                                        "DDE",
                                        "DDEINITIATE",
                                        "INITIATE",
                                        "POKE",
                                        "REQUEST",
                                        "TERMINATE",
                                        "SEND.KEYS",
                                        "APP.ACTIVATE",
                                        "RUN",
                                        "EVALUATE",
                                        "FORMULA",
                                        "FORMULA.FILL",
                                        "FORMULA.ARRAY",
                                        "SET.NAME",
                                        "SET.VALUE",
                                        "ALERT",
                                        "HALT",
                                        "GOTO",
                                        "FOPEN",
                                        "FCLOSE",
                                        "FREAD",
                                        "FREADLN",
                                        "FWRITE",
                                        "FWRITELN",
                                        "FSIZE",
                                        "FPOS",
                                        "FILES",
                                        "FILE.DELETE",
                                        "DIRECTORY",
                                        "DOCUMENTS",
                                        "CREATE.OBJECT",
                                        "OPEN",
                                        "SAVE.AS",
                                        "CLOSE",
                                        "ON.TIME",
                                        "ON.KEY",
                                        "ON.WINDOW",
                                        "ON.SHEET",
                                        "ON.DATA",
                                        "ON.RECALC",
                                        "ON.ENTRY",
                                        "ON.DOUBLECLICK",
                                        "OPTIONS.CALCULATION",
                                        "WORKBOOK.HIDE",
                                        "WORKBOOK.UNHIDE",
                                        "VBA.INSERT.FILE",
                                        "SQL.REQUEST",
                                        "SQL.OPEN",
                                        "SQL.EXEC.QUERY",
                                        "DETECTLANGUAGE",
                                        "TRANSLATE",
                                        "COPILOT",
                                        "CUBEVALUE",
                                        "CUBEMEMBER",
                                        "CUBESET",
                                        "CUBESETCOUNT",
                                        "CUBEMEMBERPROPERTY",
                                        "CUBERANKEDMEMBER",
                                        "CUBEKPIMEMBER",
                                        "IMPORTCSV",
                                        "IMPORTTEXT"};

static gboolean is_name_char(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '?' || c == '\\' || (guchar)c >= 0x80;
}

static gboolean function_is_safe(const char *name, gsize length)
{
    static const char *const prefixes[] = {"_xlfn.", "_xlws.", "_xll.", "_xludf.", "_xlpm.", "_xleta."};
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        gsize n = strlen(prefixes[i]);
        if (length > n && g_ascii_strncasecmp(name, prefixes[i], n) == 0) {
            if (strcmp(prefixes[i], "_xll.") == 0)
                return FALSE; /* a function of an add-in */
            name += n;
            length -= n;
            i = (gsize)-1; /* prefixes pile up: _xlfn._xlws.SORT */
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (strlen(forbidden[i]) == length && g_ascii_strncasecmp(name, forbidden[i], length) == 0)
            return FALSE;
    }
    return length < 4 || g_ascii_strncasecmp(name, "GET.", 4) != 0;
}

/* Behind "HYPERLINK(": one constant string with a safe target. */
static gboolean hyperlink_is_safe(const char *p)
{
    while (*p == ' ')
        p++;
    if (*p++ != '"')
        return FALSE;
    g_autoptr(GString) target = g_string_new(NULL);
    for (; *p && (*p != '"' || p[1] == '"'); p++) {
        p += *p == '"';
        g_string_append_c(target, *p);
    }
    if (*p++ != '"')
        return FALSE;
    while (*p == ' ')
        p++;
    return (*p == ',' || *p == ')') && mgk_look_link_is_safe(target->str);
}

/* Skips a string or a quoted sheet name; NULL when it is not closed, or is a sheet name with a path or workbook. */
static const char *skip_quoted(const char *p)
{
    char quote = *p++;
    const char *start = p;
    for (; *p && (*p != quote || p[1] == quote); p++)
        p += *p == quote;
    if (!*p)
        return NULL;
    if (quote == '\'' && p[1] == '!' &&
        (memchr(start, '[', (gsize)(p - start)) || memchr(start, '\\', (gsize)(p - start)) ||
         memchr(start, '/', (gsize)(p - start)) || memchr(start, '|', (gsize)(p - start))))
        return NULL;
    return p + 1;
}

/* A '[' that follows no name opens a workbook reference ([0] is this one); after a table's name it is a column. Returns
 * behind the bracket, NULL when it is another workbook. */
static const char *skip_bracket(const char *formula, const char *p)
{
    if (g_str_has_prefix(p, "[0]")) /* this workbook */
        return p + 3;
    if (p == formula || (!is_name_char(p[-1]) && p[-1] != ']'))
        return NULL;
    guint depth = 0;
    for (; *p; p++) {
        if (*p == '\'' && p[1])
            p++; /* escapes the next character of a column's name */
        else if (*p == '[')
            depth++;
        else if (*p == ']' && --depth == 0)
            return p + 1;
    }
    return NULL;
}

static const char *skip_name(const char *p)
{
    const char *start = p;
    while (is_name_char(*p))
        p++;
    gsize length = (gsize)(p - start);
    const char *after = p;
    while (*after == ' ')
        after++;
    if (*after != '(')
        return p;
    if (length == 9 && g_ascii_strncasecmp(start, "HYPERLINK", 9) == 0)
        return hyperlink_is_safe(after + 1) ? p : NULL;
    return function_is_safe(start, length) ? p : NULL;
}

gboolean mgk_look_formula_is_safe(const char *formula)
{
    const char *p = formula;
    while (p && *p) {
        if (*p == '"' || *p == '\'')
            p = skip_quoted(p);
        else if (*p == '[')
            p = skip_bracket(formula, p);
        else if (*p == '|' || (*p == '\\' && p[1] == '\\'))
            p = NULL;
        else if (is_name_char(*p))
            p = skip_name(p);
        else
            p++;
    }
    return p != NULL;
}
