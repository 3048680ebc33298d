/* eml.c - the second look over a converted mail: our own output grammar and nothing else.
 *
 *   mail   = field* "MIME-Version: 1.0" (text / "Content-Type: multipart/mixed;" boundary parts)
 *   field  = an allowed name, ": ", printable ASCII, continued by lines that begin with one space
 *   text   = text/plain in UTF-8, as 7bit, quoted-printable or base64, without characters that nobody sees; or in
 *            ISO-2022-JP, as 7bit or base64: ASCII and JIS X 0208, each line ending in ASCII
 *   parts  = text, then files in base64, each with a name whose ending is that of a kind that may cross
 * Depth 1 exactly. A parser of its own; shares no code with the writer and none with the MIME library. */
#include "checks/checks.h"

#include "checks/foreign.h"

#include <string.h>

#define LINE_BYTES 997

typedef struct Look {
    const guint8 *p, *end; /* borrowed; what is left */
    const char *line;      /* borrowed; the line in hand, without CRLF */
    gsize length;
    gboolean escapes; /* ESC may stand in a line */
    GError **error;
} Look;

static gboolean bad(Look *look, const char *what)
{
    if (!*look->error)
        g_set_error(look->error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s", what);
    return FALSE;
}

/* The next line; FALSE at the end (no error) or when it is none of ours (error). */
static gboolean next(Look *look)
{
    if (look->p == look->end)
        return FALSE;
    const guint8 *stop = memchr(look->p, '\n', (gsize)(look->end - look->p));
    if (!stop || stop == look->p || stop[-1] != '\r')
        return bad(look, "a line does not end in CRLF");
    look->line = (const char *)look->p;
    look->length = (gsize)(stop - look->p) - 1;
    if (look->length > LINE_BYTES)
        return bad(look, "a line is too long");
    for (gsize i = 0; i < look->length; i++) {
        if (look->line[i] >= ' ' && look->line[i] <= '~')
            continue; /* nearly all */
        gboolean blank = look->line[i] == '\t' || (look->escapes && look->line[i] == 0x1b);
        if (!blank)
            return bad(look, "a byte that is no printable ASCII");
    }
    look->p = stop + 1;
    return TRUE;
}

static gboolean line_is(const Look *look, const char *text)
{
    return look->length == strlen(text) && memcmp(look->line, text, look->length) == 0;
}

static gboolean line_starts(const Look *look, const char *text)
{
    return look->length >= strlen(text) && memcmp(look->line, text, strlen(text)) == 0;
}

static gboolean expect(Look *look, const char *text)
{
    return (next(look) && line_is(look, text)) || bad(look, "a line of the structure is not ours");
}

/* ---- header ---- */

/* Index of an allowed field, -1 for none. The ones marked may come more than once. */
static int field_index(const char *name, gsize length, gboolean *ret_many)
{
    static const struct {
        const char *name;
        gboolean many;
    } table[] = {{"Received", TRUE},     {"Date", FALSE},       {"From", FALSE},
                 {"Sender", FALSE},      {"Reply-To", FALSE},   {"To", FALSE},
                 {"Cc", FALSE},          {"Subject", FALSE},    {"Message-ID", FALSE},
                 {"In-Reply-To", FALSE}, {"References", FALSE}, {"Auto-Submitted", FALSE},
                 {"Precedence", FALSE},  {"List-Id", FALSE},    {"Authentication-Results", TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        *ret_many = table[i].many;
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return (int)i;
    }
    *ret_many = TRUE;
    if (length < 3 || length > 60 ||
        g_ascii_strncasecmp(name, "X-", 2) != 0) /* the operator's trusted ones, and ours */
        return -1;
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalnum(name[i]) && name[i] != '-')
            return -1;
    }
    return 31;
}

/* Fields up to and including MIME-Version. */
static gboolean look_at_header(Look *look)
{
    guint32 seen = 0;
    gboolean open = FALSE; /* a field that may be continued */
    while (next(look)) {
        gboolean many = FALSE;
        if (line_is(look, "MIME-Version: 1.0"))
            return TRUE;
        if (look->length && look->line[0] == ' ') {
            if (!open || look->length < 2 || look->line[1] == ' ' || memchr(look->line, '\t', look->length))
                return bad(look, "a continued line where none may be");
            continue;
        }
        const char *colon = memchr(look->line, ':', look->length);
        int index = colon ? field_index(look->line, (gsize)(colon - look->line), &many) : -1;
        if (index < 0 || (gsize)(colon - look->line) + 1 >= look->length || colon[1] != ' ')
            return bad(look, "a header field that is not allowed");
        if (!many && (seen & (1u << index)))
            return bad(look, "a header field is there twice");
        seen |= 1u << index;
        open = TRUE;
    }
    return bad(look, "the header does not end");
}

/* ---- encodings ---- */

/* 64 for what is no digit. */
static guint base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (guint)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (guint)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (guint)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* The line in hand, whose length is a multiple of four, into at most 57 bytes; -1 when it is no base64. */
static int undo_base64(const Look *look, guint8 out[57])
{
    int n = 0;
    for (gsize i = 0; i < look->length; i += 4) {
        const char *p = look->line + i;
        gboolean last = i + 4 == look->length;
        guint pads = last && p[3] == '=' ? (p[2] == '=' ? 2 : 1) : 0, bits = 0, odd = 0;
        for (guint k = 0; k < 4 - pads; k++) {
            guint digit = base64_digit(p[k]);
            odd |= digit & 64;
            bits |= digit << (18 - 6 * k);
        }
        if (odd || (bits & ((1u << (8 * pads)) - 1))) /* or bits behind the end */
            return -1;
        out[n] = (guint8)(bits >> 16);
        out[n + 1] = (guint8)(bits >> 8);
        out[n + 2] = (guint8)bits;
        n += 3 - (int)pads;
    }
    return n;
}

static gboolean stops_at(const Look *look, const char *boundary)
{
    gsize left = (gsize)(look->end - look->p), length = boundary ? strlen(boundary) : 0;
    return !boundary ? left == 0
                     : left > length + 2 && memcmp(look->p, "--", 2) == 0 && memcmp(look->p + 2, boundary, length) == 0;
}

/* Full lines of 76 digits, the last one may be shorter and padded. */
static gboolean take_base64(Look *look, const char *boundary, GByteArray *out)
{
    gboolean last = FALSE;
    while (!stops_at(look, boundary)) {
        if (last || !next(look) || look->length == 0 || look->length > 76 || look->length % 4)
            return bad(look, "base64 lines are not as we write them");
        guint8 bytes[60];
        int n = undo_base64(look, bytes);
        if (n < 0)
            return bad(look, "a character that is no base64");
        last = n < 57;
        g_byte_array_append(out, bytes, (guint)n);
    }
    return TRUE;
}

/* One line of quoted-printable without its end; what stands between escapes as a whole. */
static gboolean take_escapes(const char *line, gsize length, GByteArray *out)
{
    for (gsize i = 0; i < length;) {
        const char *mark = memchr(line + i, '=', length - i);
        gsize plain = mark ? (gsize)(mark - line) - i : length - i;
        g_byte_array_append(out, (const guint8 *)line + i, (guint)plain);
        i += plain;
        if (!mark)
            break;
        int high = length - i > 2 ? g_ascii_xdigit_value(mark[1]) : -1;
        int low = length - i > 2 ? g_ascii_xdigit_value(mark[2]) : -1;
        if (high < 0 || low < 0)
            return FALSE;
        guint8 byte = (guint8)(high << 4 | low);
        g_byte_array_append(out, &byte, 1);
        i += 3;
    }
    return TRUE;
}

static gboolean take_quoted(Look *look, const char *boundary, GByteArray *out)
{
    while (!stops_at(look, boundary)) {
        if (!next(look) || look->length > 76)
            return bad(look, "a quoted-printable line is too long");
        gboolean soft = look->length && look->line[look->length - 1] == '=';
        gsize length = look->length - soft;
        if (length && (look->line[length - 1] == ' ' || look->line[length - 1] == '\t') && !soft)
            return bad(look, "a blank at a line's end");
        if (!take_escapes(look->line, length, out))
            return bad(look, "a broken quoted-printable escape");
        if (!soft)
            g_byte_array_append(out, (const guint8 *)"\r\n", 2);
    }
    return TRUE;
}

static gboolean take_plain(Look *look, const char *boundary, GByteArray *out)
{
    while (!stops_at(look, boundary)) {
        if (!next(look))
            return bad(look, "the text does not end");
        g_byte_array_append(out, (const guint8 *)look->line, (guint)look->length);
        g_byte_array_append(out, (const guint8 *)"\r\n", 2);
    }
    return TRUE;
}

/* ---- content ---- */

/* Characters that show nothing or turn the reading direction. */
static gboolean is_unseen(gunichar c)
{
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || (c >= 0x7f && c <= 0x9f) || c == 0x200b ||
           c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x034f ||
           c == 0x00ad || c == 0x061c || (c >= 0xe0000 && c <= 0xe007f) || (c >= 0xe000 && c <= 0xf8ff);
}

static gboolean look_at_characters(Look *look, const GByteArray *text)
{
    const char *p = (const char *)text->data, *end = p + text->len;
    if (text->len == 0 || !g_utf8_validate_len(p, text->len, NULL))
        return bad(look, "the text is no UTF-8");
    for (; p < end; p = g_utf8_next_char(p)) {
        gboolean ascii = *p >= ' ' && *p <= '~'; /* nearly all */
        if (!ascii && is_unseen(g_utf8_get_char(p)))
            return bad(look, "the text holds characters that nobody sees");
    }
    return TRUE;
}

/* ASCII and JIS X 0208 (rows 1 to 8 and 16 to 84), shifted by ESC ( B and ESC $ B; lines end in ASCII. */
static gboolean look_at_jis(Look *look, const GByteArray *text)
{
    gboolean wide = FALSE;
    for (guint i = 0; i < text->len; i++) {
        const guint8 *p = text->data + i;
        guint left = text->len - i;
        if (left >= 3 && (memcmp(p, "\033$B", 3) == 0 || memcmp(p, "\033(B", 3) == 0)) {
            gboolean now = p[1] == '$';
            if (now == wide)
                return bad(look, "a shift that shifts nothing");
            wide = now;
            i += 2;
        } else if (wide) {
            guint row = left >= 2 ? p[0] - 0x20u : 0;
            if (!((row >= 1 && row <= 8) || (row >= 16 && row <= 84)) || p[1] < 0x21 || p[1] > 0x7e)
                return bad(look, "two bytes that are no JIS X 0208");
            i++;
        } else if ((*p < ' ' && *p != '\t' && *p != '\r' && *p != '\n') || *p > '~') {
            return bad(look, "a byte that is no ISO-2022-JP");
        }
    }
    return text->len && !wide ? TRUE : bad(look, "the text does not end in ASCII");
}

typedef gboolean (*Take)(Look *look, const char *boundary, GByteArray *out);

/* The line in hand is the text's type. */
static gboolean look_at_text(Look *look, const char *boundary)
{
    static const struct {
        const char *line;
        Take take;
    } table[] = {{"Content-Transfer-Encoding: 7bit", take_plain},
                 {"Content-Transfer-Encoding: quoted-printable", take_quoted},
                 {"Content-Transfer-Encoding: base64", take_base64}};
    g_autoptr(GByteArray) text = g_byte_array_new();
    gboolean jis = line_is(look, "Content-Type: text/plain; charset=ISO-2022-JP");
    if (!jis && !line_is(look, "Content-Type: text/plain; charset=UTF-8"))
        return bad(look, "neither a text nor a text with files");
    Take take = NULL;
    gboolean more = next(look);
    for (guint i = 0; more && i < G_N_ELEMENTS(table) && !take; i++)
        take = line_is(look, table[i].line) ? table[i].take : NULL;
    if (!take || (jis && take == take_quoted) || !expect(look, ""))
        return bad(look, "an encoding that is not ours");
    look->escapes = jis;
    gboolean taken = take(look, boundary, text);
    look->escapes = FALSE;
    return taken && (jis ? look_at_jis : look_at_characters)(look, text);
}

/* What no attachment of ours begins with: documents that are held. Programs and more: foreign.def. */
static gboolean starts_forbidden(const GByteArray *bytes)
{
    static const struct {
        const char *bytes;
        gsize size;
    } table[] = {
        {"L\0\0\0\1\x14\2\0", 8}, {"7z\xbc\xaf\x27\x1c", 6}, {"Rar!\x1a\7", 6}, {"MSCF\0\0\0\0", 8}, {"ITSF", 4},
        {"\xca\xfe\xba\xbe", 4}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (bytes->len >= table[i].size && memcmp(bytes->data, table[i].bytes, table[i].size) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Compound files cross as what old Office programs read, and under no other name. */
static gboolean is_misnamed_compound(const GByteArray *bytes, const char *name)
{
    static const char signature[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    static const char *const extensions[] = {".xls", ".xlt", ".ppt", ".pot", ".pps"};
    if (bytes->len < sizeof signature - 1 || memcmp(bytes->data, signature, sizeof signature - 1) != 0)
        return FALSE;
    g_autofree char *lower = g_ascii_strdown(name, -1);
    for (guint i = 0; i < G_N_ELEMENTS(extensions); i++) {
        if (g_str_has_suffix(lower, extensions[i]))
            return FALSE;
    }
    return TRUE;
}

/* Undoes name="…", name*=UTF-8''… and name*0*=…, over the lines of one field. Appends to name. */
static gboolean take_name_line(Look *look, const char *key, guint piece, GString *name)
{
    g_autofree char *plain = g_strdup_printf(" %s=\"", key), *single = g_strdup_printf(" %s*=UTF-8''", key);
    g_autofree char *first = g_strdup_printf(" %s*0*=UTF-8''", key);
    g_autofree char *later = g_strdup_printf(" %s*%u*=", key, piece);
    const char *head = piece ? later : line_starts(look, plain) ? plain : line_starts(look, single) ? single : first;
    if (!line_starts(look, head))
        return bad(look, "a file name is not as we write it");
    const char *p = look->line + strlen(head), *end = look->line + look->length;
    end -= end > p && end[-1] == ';';
    gboolean quoted = head == plain;
    if (quoted && (end == p || *--end != '"'))
        return bad(look, "a quoted file name does not end");
    for (; p < end; p++) {
        char c = *p;
        gboolean literal = g_ascii_isalnum(c) || strchr(quoted ? "._- ()+" : "._-", c);
        if (!literal &&
            (quoted || c != '%' || end - p < 3 || g_ascii_xdigit_value(p[1]) < 0 || g_ascii_xdigit_value(p[2]) < 0))
            return bad(look, "a character that file names of ours do not have");
        if (!literal) {
            c = (char)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]));
            p += 2;
        }
        g_string_append_c(name, c);
    }
    return TRUE;
}

/* After "Content-Type: …;" or "Content-Disposition: attachment;": the lines of the name. */
static gboolean take_name(Look *look, const char *key, GString *name)
{
    guint piece = 0;
    gboolean more;
    do {
        if (!next(look) || look->length == 0)
            return bad(look, "a file name is missing");
        more = look->line[look->length - 1] == ';';
        if (!take_name_line(look, key, piece++, name))
            return FALSE;
    } while (more);
    return g_utf8_validate_len(name->str, name->len, NULL) || bad(look, "a file name is no UTF-8");
}

/* Formats that no cleaning gives out. */
#define NO_OUTPUT (MGK_FORMAT_NEVER | MGK_FORMAT_HELD | MGK_FORMAT_INPUT)

static gboolean may_be_named(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (strchr(name, '/') || strchr(name, '\\') || strchr(name, ':') || *name == '.' || !dot || !dot[1])
        return FALSE;
    for (const char *p = name; *p; p = g_utf8_next_char(p)) {
        if (is_unseen(g_utf8_get_char(p)) || *p == '\t' || *p == '\n' || *p == '\r')
            return FALSE;
    }
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        guint flags = mgk_format_info((MgkFormatId)i)->flags;
        if (!(flags & NO_OUTPUT) && mgk_format_has_extension((MgkFormatId)i, dot + 1))
            return TRUE;
    }
    return FALSE;
}

static gboolean may_be_typed(const Look *look)
{
    static const char head[] = "Content-Type: ";
    g_autofree char *line = g_strndup(look->line, look->length);
    char *type = line + sizeof head - 1;
    if (!g_str_has_prefix(line, head) || line[look->length - 1] != ';')
        return FALSE;
    line[look->length - 1] = '\0';
    if (strcmp(type, "application/octet-stream") == 0)
        return TRUE;
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *info = mgk_format_info((MgkFormatId)i);
        gboolean family = g_str_has_prefix(type, "application/") || g_str_has_prefix(type, "image/");
        if (family && !(info->flags & NO_OUTPUT) && strcmp(info->media_type, type) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean look_at_file(Look *look, const char *boundary)
{
    g_autoptr(GString) name = g_string_new(NULL), again = g_string_new(NULL);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (!next(look) || !may_be_typed(look))
        return bad(look, "an attachment of a type that may not cross");
    if (!take_name(look, "name", name) || !expect(look, "Content-Transfer-Encoding: base64") ||
        !expect(look, "Content-Disposition: attachment;") || !take_name(look, "filename", again))
        return FALSE;
    if (strcmp(name->str, again->str) != 0 || strlen(name->str) != name->len || !may_be_named(name->str))
        return bad(look, "an attachment's name");
    if (!expect(look, "") || !take_base64(look, boundary, bytes))
        return FALSE;
    if (starts_forbidden(bytes) || is_misnamed_compound(bytes, name->str))
        return bad(look, "an attachment begins like what is held");
    return mgk_check_foreign(bytes->data, bytes->len, mgk_foreign_shape_of_name(name->str), look->error);
}

static gboolean look_at_parts(Look *look)
{
    static const char head[] = " boundary=\"";
    if (!next(look) || look->length < sizeof head + 20 || !line_starts(look, head) ||
        look->line[look->length - 1] != '"')
        return bad(look, "the boundary is not ours");
    g_autofree char *boundary = g_strndup(look->line + sizeof head - 1, look->length - sizeof head);
    g_autofree char *open = g_strdup_printf("--%s", boundary), *close = g_strdup_printf("--%s--", boundary);
    if (!g_str_has_prefix(boundary, "=_mgk_") || strspn(boundary + 6, "0123456789abcdef") != strlen(boundary + 6))
        return bad(look, "the boundary is not ours");
    if (!expect(look, "") || !expect(look, open))
        return FALSE;
    if (!next(look))
        return bad(look, "the text is missing");
    if (!look_at_text(look, boundary))
        return FALSE;
    while (next(look)) {
        if (line_is(look, close))
            return look->p == look->end || bad(look, "bytes after the last boundary");
        if (!line_is(look, open) || !look_at_file(look, boundary))
            return bad(look, "a part is not ours");
    }
    return bad(look, "the last boundary is missing");
}

gboolean mgk_check_eml(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    Look look = {.p = job->data, .end = job->data + job->size, .error = &local};
    gboolean ok = look_at_header(&look);
    if (ok && !next(&look))
        ok = bad(&look, "the content's type is missing");
    else if (ok)
        ok = line_is(&look, "Content-Type: multipart/mixed;") ? look_at_parts(&look) : look_at_text(&look, NULL);
    if (!ok && !local) /* it ended where a line was still expected */
        bad(&look, "it is cut short");
    if (local)
        g_propagate_error(error, g_steal_pointer(&local));
    return ok;
}
