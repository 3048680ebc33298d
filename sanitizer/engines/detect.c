#include "engines/detect.h"

#include <magic.h>
#include <string.h>

/* libmagic sees no more than this; the farthest signature of use is an ISO 9660 volume at 32 KiB. */
#define MAGIC_BYTES (64 * 1024)
/* Our own probes know compound files, archives and encodings better, and each of these parsers has had holes. */
#define MAGIC_FLAGS \
    (MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_TOKENS | \
     MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON)

/* The one mutable global of this module: the database is mapped once in the zygote and inherited by every worker. */
static magic_t cookie;

static const char *const dangerous_extensions[] = {
#define MGK_DANGEROUS_EXTENSION(extension) extension,
#include "rules/dangerous_names.def"
};

static const char *const dangerous_names[] = {
#define MGK_DANGEROUS_NAME(name) name,
#include "rules/dangerous_names.def"
};

static const struct {
    MgkFormatId format;
    const char *extensions;
} synonyms[] = {
#define MGK_SYNONYM(format, extensions) {MGK_FORMAT_ID_##format, extensions},
#include "rules/name_synonyms.def"
};

gboolean mgk_detect_warm(GError **error)
{
    static const struct {
        int parameter;
        size_t bound;
    } bounds[] = {{MAGIC_PARAM_INDIR_MAX, 8},
                  {MAGIC_PARAM_NAME_MAX, 30},
                  {MAGIC_PARAM_REGEX_MAX, 4096},
                  {MAGIC_PARAM_BYTES_MAX, MAGIC_BYTES},
                  {MAGIC_PARAM_ENCODING_MAX, 4096}};
    static const char sample[] = "#include <stdio.h>\nint main(void) { return 0; }\n";
    if (cookie)
        return TRUE;
    magic_t opened = magic_open(MAGIC_FLAGS);
    if (!opened || magic_load(opened, NULL) != 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "libmagic: %s", opened ? magic_error(opened) : "no memory");
        if (opened)
            magic_close(opened);
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(bounds); i++)
        magic_setparam(opened, bounds[i].parameter, &bounds[i].bound);
    magic_buffer(opened, sample, sizeof sample - 1); /* regular expressions and their locale are made at first use */
    cookie = opened;
    return TRUE;
}

char *mgk_detect_media_type(const guint8 *data, gsize size)
{
    if (!mgk_detect_warm(NULL) || size == 0)
        return g_strdup("");
    const char *type = magic_buffer(cookie, data, MIN(size, MAGIC_BYTES));
    if (!type || !g_str_is_ascii(type) || strlen(type) > 100)
        return g_strdup("");
    return g_strdup(type);
}

/* The last component, cut before the colon of a drive-less alternate stream; borrowed, *ret_length bytes. */
static const char *last_component(const char *name, gsize *ret_length)
{
    const char *start = name;
    for (const char *c = name; *c; c++) {
        if (*c == '/' || *c == '\\')
            start = c + 1;
    }
    gsize length = strcspn(start, ":");
    while (length > 0 && (start[length - 1] == '.' || g_ascii_isspace(start[length - 1])))
        length--; /* Windows opens "a.exe. ." as a.exe */
    *ret_length = length;
    return start;
}

static char *extension_of(const char *component, gsize length)
{
    const char *dot = g_strrstr_len(component, (gssize)length, ".");
    if (!dot)
        return g_strdup("");
    gsize rest = length - (gsize)(dot + 1 - component);
    if (!g_utf8_validate(dot + 1, (gssize)rest, NULL))
        return g_ascii_strdown(dot + 1, (gssize)rest);
    return g_utf8_casefold(dot + 1, (gssize)rest); /* also folds ſ and the Kelvin sign */
}

char *mgk_detect_extension(const char *name)
{
    gsize length = 0;
    const char *colon = strrchr(name, ':'); /* "Re: report.pdf" as mails name their attachments, or a stream */
    if (colon && strchr(colon, '.'))
        name = colon + 1;
    const char *component = last_component(name, &length);
    return extension_of(component, length);
}

static gboolean in_list(const char *const *list, gsize n, const char *word)
{
    for (gsize i = 0; i < n; i++) {
        if (strcmp(list[i], word) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean is_dangerous_extension(const char *extension)
{
    gsize length = strlen(extension);
    if (length > 2 && extension[0] == '{' && extension[length - 1] == '}')
        return TRUE; /* "x.{CLSID}" opens with the handler of that class */
    return in_list(dangerous_extensions, G_N_ELEMENTS(dangerous_extensions), extension);
}

static gboolean is_dangerous_name(const char *name)
{
    gsize length = 0;
    const char *component = last_component(name, &length);
    g_autofree char *raw = g_strndup(component, length);
    g_autofree char *folded = g_utf8_validate(raw, -1, NULL) ? g_utf8_casefold(raw, -1) : g_ascii_strdown(raw, -1);
    g_autofree char *extension = extension_of(component, length);
    if (in_list(dangerous_names, G_N_ELEMENTS(dangerous_names), folded) || is_dangerous_extension(extension))
        return TRUE;
    const char *colon = strchr(component, ':'); /* what a stream is called counts too: "a.txt:b.exe" */
    return colon && is_dangerous_name(colon + 1);
}

static gboolean is_bidi_control(gunichar c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static gboolean has_bidi_control(const char *name)
{
    for (const char *c = name; *c;) {
        gunichar code = g_utf8_get_char_validated(c, -1);
        gboolean valid = code != (gunichar)-1 && code != (gunichar)-2;
        if (valid && is_bidi_control(code))
            return TRUE;
        c = valid ? g_utf8_next_char(c) : c + 1;
    }
    return FALSE;
}

/* "setup.exe.txt" and "請求書.pdf        .txt": one extension for the eye, another for the computer. */
static gboolean has_double_extension(const char *name)
{
    /* only what nobody writes by chance: ".com", ".class" and ".application" are words of everyday names */
    static const char *const masked[] = {"exe", "scr", "pif", "bat", "cmd", "js",  "jse", "vbs",
                                         "vbe", "wsf", "hta", "lnk", "msi", "ps1", "jar", "dll"};
    gsize length = 0;
    const char *component = last_component(name, &length);
    const char *dot = g_strrstr_len(component, (gssize)length, ".");
    if (!dot)
        return FALSE;
    gsize stem = (gsize)(dot - component);
    if (stem >= 4 && memcmp(dot - 4, "    ", 4) == 0)
        return TRUE;
    while (stem > 0 && g_ascii_isspace(component[stem - 1]))
        stem--;
    g_autofree char *inner = extension_of(component, stem);
    return in_list(masked, G_N_ELEMENTS(masked), inner);
}

static gboolean word_in(const char *words, const char *word)
{
    gsize length = strlen(word);
    for (const char *at = words; length && (at = strstr(at, word)); at += length) {
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return TRUE;
    }
    return FALSE;
}

static gboolean extension_fits(MgkFormatId format, const char *extension)
{
    if (mgk_format_has_extension(format, extension))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(synonyms); i++) {
        if (synonyms[i].format == format && word_in(synonyms[i].extensions, extension))
            return TRUE;
    }
    return FALSE;
}

/* TRUE when the declared media type belongs to another format that we know. */
static gboolean declared_differs(const char *declared, MgkFormatId format)
{
    gsize length = strcspn(declared, "; \t");
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *info = mgk_format_info((MgkFormatId)i);
        if (strlen(info->media_type) != length || g_ascii_strncasecmp(info->media_type, declared, length) != 0)
            continue;
        gboolean both_text = g_str_has_prefix(info->media_type, "text/") &&
                             g_str_has_prefix(mgk_format_info(format)->media_type, "text/");
        return i != format && !both_text &&
               g_ascii_strcasecmp(info->media_type, mgk_format_info(format)->media_type) != 0;
    }
    return FALSE;
}

static gboolean is_text(MgkFormatId format)
{
    return format == MGK_FORMAT_ID_text || format == MGK_FORMAT_ID_csv;
}

static MgkNameVerdict verdict_of(MgkVerdict verdict, MgkReason reason, const char *detail)
{
    MgkNameVerdict result = {.verdict = verdict, .reason = reason};
    g_strlcpy(result.detail, detail, sizeof result.detail);
    return result;
}

MgkNameVerdict mgk_detect_name_verdict(const char *name, const char *declared, MgkFormatId format)
{
    if (is_dangerous_name(name))
        return verdict_of(MGK_VERDICT_BLOCKED, MGK_REASON_DANGEROUS_NAME, "extension or name that is run or obeyed");
    MgkNameVerdict result = verdict_of(MGK_VERDICT_CLEANED, MGK_REASON_NONE, "");
    g_autofree char *extension = mgk_detect_extension(name);
    gboolean fits = format == MGK_FORMAT_ID_NONE || *extension == '\0' || extension_fits(format, extension);
    if (!fits && is_text(format)) /* text is obeyed by whatever its extension belongs to */
        result = verdict_of(MGK_VERDICT_HELD, MGK_REASON_UNKNOWN_FORMAT, "text under an extension that is no text's");
    result.mismatch = !fits || (declared && format != MGK_FORMAT_ID_NONE && declared_differs(declared, format));
    result.deceptive = has_bidi_control(name) || has_double_extension(name);
    return result;
}

/* The policy may open images of CDs, whose extension is otherwise one that a double click obeys; what comes out is a
 * ZIP. */
static gboolean is_wanted_image(const MgkJob *job)
{
    g_autofree char *extension = mgk_detect_extension(job->name);
    return job->format == MGK_FORMAT_ID_iso && strcmp(extension, "iso") == 0 &&
           job->policy->actions[MGK_KIND_ARCHIVE_IMAGE] == MGK_ACTION_REPLACE;
}

gboolean mgk_detect_apply_name(MgkJob *job, const char *declared)
{
    if (job->role == MGK_ROLE_PART)
        return TRUE;
    MgkNameVerdict name = mgk_detect_name_verdict(job->name, declared, job->format);
    if (name.mismatch)
        mgk_job_find(job, MGK_KIND_NAME_MISMATCH, NULL, mgk_format_info(job->format)->id);
    if (name.deceptive)
        mgk_job_find(job, MGK_KIND_NAME_DECEPTIVE, NULL, NULL);
    if (name.verdict == MGK_VERDICT_BLOCKED && !is_wanted_image(job))
        mgk_job_block(job, name.reason, name.detail);
    else if (name.verdict == MGK_VERDICT_HELD && mgk_verdict_crosses(job->outcome.verdict))
        mgk_job_hold(job, name.reason, name.detail);
    return mgk_verdict_crosses(job->outcome.verdict);
}
