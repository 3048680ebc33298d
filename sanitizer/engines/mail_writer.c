#include "engines/mail_writer.h"

#include "engines/mail_jis.h"

#include <string.h>

#define COLUMNS 76
#define WORD_BYTES 39 /* UTF-8 bytes in one encoded word: 12 + 52 columns, so that "Reply-To: " fits in front */
#define JIS_BYTES 36  /* ISO-2022-JP bytes in one encoded word: 18 + 48 columns */
#define JIS_LINE 900  /* of a text in ISO-2022-JP, which has no soft line break */
#define SEGMENT 54    /* columns of one RFC 2231 piece */

typedef struct Attachment {
    const char *media_type;
    char *name;   /* owned */
    GBytes *data; /* owned */
} Attachment;

struct MgkMailWriter {
    gboolean jis;           /* ISO-2022-JP where it fits */
    GString *header;        /* owned */
    char *text;             /* owned */
    GPtrArray *attachments; /* owned; of Attachment* */
};

static void attachment_free(gpointer data)
{
    Attachment *attachment = data;
    g_free(attachment->name);
    g_bytes_unref(attachment->data);
    g_free(attachment);
}

MgkMailWriter *mgk_mail_writer_new(gboolean jis)
{
    MgkMailWriter *writer = g_new0(MgkMailWriter, 1);
    writer->jis = jis;
    writer->header = g_string_new(NULL);
    writer->attachments = g_ptr_array_new_with_free_func(attachment_free);
    return writer;
}

void mgk_mail_writer_free(MgkMailWriter *writer)
{
    if (!writer)
        return;
    g_string_free(writer->header, TRUE);
    g_free(writer->text);
    g_ptr_array_unref(writer->attachments);
    g_free(writer);
}

/* ---- header ---- */

static gboolean is_plain(const char *text)
{
    gsize run = 0;
    for (const char *p = text; *p; p++) {
        if (*p < ' ' || *p > '~' || (p[0] == '=' && p[1] == '?'))
            return FALSE;
        run = *p == ' ' ? 0 : run + 1;
        if (run > COLUMNS - 20)
            return FALSE; /* cannot be folded as it is */
    }
    return text[0] != ' ' && !g_str_has_suffix(text, " ") && !strstr(text, "  ");
}

static void append_jis_word(GString *out, const GString *bytes)
{
    g_autofree char *base64 = g_base64_encode((const guint8 *)bytes->str, bytes->len);
    g_string_append_printf(out, "=?ISO-2022-JP?B?%s?=", base64);
}

/* Encoded words in ISO-2022-JP, each beginning and ending in ASCII (RFC 2047 6.2); FALSE when a character does not fit:
 * out is then as it was. */
static gboolean append_jis_words(GString *out, const char *text)
{
    gsize before = out->len;
    g_autoptr(GString) bytes = g_string_new(NULL);
    MgkJisWriter word = {.out = bytes};
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        if (bytes->len > JIS_BYTES - 8) { /* room for shift, character and shift back */
            mgk_jis_end(&word);
            append_jis_word(out, bytes);
            g_string_append_c(out, ' ');
            g_string_truncate(bytes, 0);
        }
        if (!mgk_jis_put(&word, g_utf8_get_char(p))) {
            g_string_truncate(out, before);
            return FALSE;
        }
    }
    mgk_jis_end(&word);
    append_jis_word(out, bytes);
    return TRUE;
}

/* Encoded words separated by spaces, each a whole number of characters. */
static void append_words(const MgkMailWriter *writer, GString *out, const char *text)
{
    if (writer && writer->jis && append_jis_words(out, text))
        return;
    gsize left = strlen(text);
    while (left > 0) {
        gsize n = MIN(left, WORD_BYTES);
        while (n < left && ((guint8)text[n] & 0xc0) == 0x80)
            n--;
        g_autofree char *word = g_base64_encode((const guint8 *)text, n);
        g_string_append_printf(out, "=?UTF-8?B?%s?=", word);
        text += n;
        left -= n;
        if (left)
            g_string_append_c(out, ' ');
    }
}

static gboolean is_atoms(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (!g_ascii_isalnum(*p) && !strchr("!#$%&'*+-/=?^_`{|}~ ", *p))
            return FALSE;
    }
    return *text != '\0';
}

char *mgk_mail_writer_phrase(const MgkMailWriter *writer, const char *text)
{
    GString *out = g_string_new(NULL);
    if (!is_plain(text)) {
        append_words(writer, out, text);
    } else if (is_atoms(text)) {
        g_string_append(out, text);
    } else {
        g_string_append_c(out, '"');
        for (const char *p = text; *p; p++)
            g_string_append_printf(out, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
        g_string_append_c(out, '"');
    }
    return g_string_free(out, FALSE);
}

static void append_folded(GString *out, const char *name, const char *value)
{
    gsize column = strlen(name) + 1;
    gboolean first = TRUE;
    g_string_append_printf(out, "%s:", name);
    g_auto(GStrv) words = g_strsplit(value, " ", -1);
    for (guint i = 0; words[i]; i++) {
        gsize length = strlen(words[i]);
        if (length == 0)
            continue;
        gboolean fold = !first && column + 1 + length > COLUMNS;
        g_string_append_printf(out, "%s %s", fold ? "\r\n" : "", words[i]);
        column = fold ? 1 + length : column + 1 + length;
        first = FALSE;
    }
    g_string_append(out, first ? " \r\n" : "\r\n");
}

void mgk_mail_writer_field(MgkMailWriter *writer, const char *name, const char *text)
{
    g_autoptr(GString) value = g_string_new(NULL);
    if (is_plain(text))
        g_string_append(value, text);
    else
        append_words(writer, value, text);
    append_folded(writer->header, name, value->str);
}

void mgk_mail_writer_field_ascii(MgkMailWriter *writer, const char *name, const char *value)
{
    gsize run = 0;
    for (const char *p = value; *p; p++) {
        run = *p == ' ' ? 0 : run + 1;
        if (*p < ' ' || *p > '~' || run > 900)
            return;
    }
    append_folded(writer->header, name, value);
}

/* ---- bodies ---- */

/* Lines of 76 digits (RFC 2045 6.8). */
static void append_base64(GByteArray *out, const guint8 *data, gsize size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    guint start = out->len;
    gsize groups = (size + 2) / 3, lines = (groups + COLUMNS / 4 - 1) / (COLUMNS / 4);
    g_byte_array_set_size(out, start + (guint)(groups * 4 + lines * 2));
    guint8 *to = out->data + start;
    for (gsize at = 0, column = 0; at < size; at += 3) {
        gsize left = size - at;
        guint32 bits = (guint32)data[at] << 16 | (left > 1 ? (guint32)data[at + 1] << 8 : 0) |
                       (left > 2 ? (guint32)data[at + 2] : 0);
        *to++ = (guint8)digits[bits >> 18];
        *to++ = (guint8)digits[bits >> 12 & 63];
        *to++ = (guint8)(left > 1 ? digits[bits >> 6 & 63] : '=');
        *to++ = (guint8)(left > 2 ? digits[bits & 63] : '=');
        column += 4;
        if (column == COLUMNS || left <= 3) {
            *to++ = '\r';
            *to++ = '\n';
            column = 0;
        }
    }
}

/* How many characters pass as they are in the middle of a line of quoted-printable that has this much room. */
static gsize literal_run(const char *line, gsize length, gsize room)
{
    gsize n = 0, most = MIN(length, room);
    while (n < most && line[n] > ' ' && line[n] <= '~' && line[n] != '=')
        n++;
    return n;
}

/* One line, without its end, as quoted-printable (RFC 2045 6.7). */
static void append_qp_line(GString *out, const char *line, gsize length)
{
    static const char digits[] = "0123456789ABCDEF";
    gsize column = 0;
    for (gsize i = 0; i < length; i++) {
        gsize run = column ? literal_run(line + i, length - i, COLUMNS - 1 - column) : 0;
        g_string_append_len(out, line + i, (gssize)run);
        column += run;
        i += run;
        if (i == length)
            return;
        guint8 c = (guint8)line[i];
        gboolean last = i + 1 == length, blank = c == ' ' || c == '\t';
        gboolean mark = column == 0 && (c == '.' || c == 'F' || c == '-'); /* dots, From and boundaries of others */
        gboolean literal = blank ? !last : c > ' ' && c <= '~' && c != '=' && !mark;
        gsize need = literal ? 1 : 3;
        if (column + need > COLUMNS - 1) {
            g_string_append(out, "=\r\n");
            column = 0;
        }
        if (literal) {
            g_string_append_c(out, (char)c);
        } else {
            const char escape[] = {'=', digits[c >> 4], digits[c & 15], 0};
            g_string_append(out, escape);
        }
        column += need;
    }
}

static GString *quoted_printable(const char *text)
{
    GString *out = g_string_sized_new(strlen(text) * 2);
    while (*text) {
        gsize length = strcspn(text, "\n");
        append_qp_line(out, text, length);
        g_string_append(out, "\r\n");
        text += length + (text[length] == '\n');
    }
    return out;
}

/* 7bit as it is: ASCII, short lines, nothing that gateways touch. */
static gboolean is_seven_bit(const char *text)
{
    gsize column = 0;
    for (const char *p = text; *p; p++) {
        if (column == 0 && (*p == '.' || *p == '-' || strncmp(p, "From ", 5) == 0))
            return FALSE;
        column = *p == '\n' ? 0 : column + 1;
        if ((*p != '\n' && *p != '\t' && *p < ' ') || *p > '~' || *p < 0 || column > COLUMNS)
            return FALSE;
        if ((*p == ' ' || *p == '\t') && (p[1] == '\n' || p[1] == '\0'))
            return FALSE;
    }
    return TRUE;
}

/* Quoted-printable while most of it is ASCII: readable in any tool. */
static gboolean mostly_ascii(const char *text)
{
    gsize high = 0, size = strlen(text);
    for (gsize i = 0; i < size; i++)
        high += (guint8)text[i] >= 0x80;
    return high * 6 <= size;
}

static void append_crlf(GString *out, const char *text)
{
    while (*text) {
        gsize length = strcspn(text, "\n");
        g_string_append_len(out, text, (gssize)length);
        text += length;
        if (*text) {
            g_string_append_len(out, "\r\n", 2);
            text++;
        }
    }
}

static void append(GByteArray *out, const char *text)
{
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

/* Lines that pass as they are, one ESC or another aside. */
static gboolean is_jis_seven_bit(const char *jis)
{
    gsize length = 0;
    for (const char *p = jis; *p; p += length + (p[length] == '\n')) {
        length = strcspn(p, "\n");
        if (length > JIS_LINE || *p == '.' || strncmp(p, "From ", 5) == 0)
            return FALSE;
    }
    return TRUE;
}

/* text ends in a line end. FALSE when a character of it does not fit. */
static gboolean append_jis_entity(GByteArray *out, const char *text)
{
    g_autofree char *jis = mgk_jis_from_utf8(text);
    if (!jis)
        return FALSE;
    gboolean seven = is_jis_seven_bit(jis);
    append(out, "Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: ");
    append(out, seven ? "7bit\r\n\r\n" : "base64\r\n\r\n");
    g_autoptr(GString) lines = g_string_sized_new(strlen(jis) + 64);
    append_crlf(lines, jis);
    if (seven)
        append(out, lines->str);
    else
        append_base64(out, (const guint8 *)lines->str, lines->len);
    return TRUE;
}

/* The fields of the text and the text itself. */
static void append_text_entity(const MgkMailWriter *writer, GByteArray *out)
{
    const char *text = writer->text;
    g_autofree char *whole = g_str_has_suffix(text, "\n") ? g_strdup(text) : g_strconcat(text, "\n", NULL);
    if (writer->jis && append_jis_entity(out, whole))
        return;
    gboolean seven = is_seven_bit(whole), quoted = !seven && mostly_ascii(whole);
    append(out, "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: ");
    append(out, seven ? "7bit\r\n\r\n" : quoted ? "quoted-printable\r\n\r\n" : "base64\r\n\r\n");
    if (quoted) {
        g_autoptr(GString) encoded = quoted_printable(whole);
        append(out, encoded->str);
        return;
    }
    g_autoptr(GString) lines = g_string_sized_new(strlen(whole) + 64);
    append_crlf(lines, whole);
    if (seven)
        append(out, lines->str);
    else
        append_base64(out, (const guint8 *)lines->str, lines->len);
}

/* name="…" of ASCII, or RFC 2231 pieces. */
static void append_name(GByteArray *out, const char *key, const char *name)
{
    gboolean plain = strlen(name) <= SEGMENT;
    for (const char *p = name; *p; p++)
        plain = plain && (g_ascii_isalnum(*p) || strchr("._- ()+", *p));
    if (plain) {
        g_autofree char *text = g_strdup_printf(";\r\n %s=\"%s\"", key, name);
        append(out, text);
        return;
    }
    g_autoptr(GString) piece = g_string_new("UTF-8''");
    guint index = 0;
    for (const char *p = name;; p++) {
        if (*p == '\0' || (piece->len > SEGMENT - 12 && ((guint8)*p & 0xc0) != 0x80)) {
            gboolean only = *p == '\0' && index == 0;
            g_autofree char *number = only ? g_strdup("") : g_strdup_printf("*%u", index++);
            g_autofree char *text = g_strdup_printf(";\r\n %s%s*=%s", key, number, piece->str);
            append(out, text);
            g_string_truncate(piece, 0);
        }
        if (*p == '\0')
            return;
        if (g_ascii_isalnum(*p) || *p == '.' || *p == '_' || *p == '-')
            g_string_append_c(piece, *p);
        else
            g_string_append_printf(piece, "%%%02X", (guint8)*p);
    }
}

static void append_attachment(GByteArray *out, const Attachment *attachment)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(attachment->data, &size);
    append(out, "Content-Type: ");
    append(out, attachment->media_type);
    append_name(out, "name", attachment->name);
    append(out, "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment");
    append_name(out, "filename", attachment->name);
    append(out, "\r\n\r\n");
    append_base64(out, data, size);
}

void mgk_mail_writer_text(MgkMailWriter *writer, const char *text)
{
    writer->text = g_strdup(text);
}

void mgk_mail_writer_attach(MgkMailWriter *writer, const char *media_type, const char *name, GBytes *bytes)
{
    Attachment *attachment = g_new0(Attachment, 1);
    *attachment = (Attachment){.media_type = media_type, .name = g_strdup(name), .data = g_bytes_ref(bytes)};
    g_ptr_array_add(writer->attachments, attachment);
}

static char *make_boundary(const MgkMailWriter *writer)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)writer->header->str, (gssize)writer->header->len);
    g_checksum_update(sum, (const guchar *)writer->text, (gssize)strlen(writer->text));
    for (guint i = 0; i < writer->attachments->len; i++) {
        const Attachment *attachment = g_ptr_array_index(writer->attachments, i);
        gsize size;
        const guint8 *data = g_bytes_get_data(attachment->data, &size);
        g_checksum_update(sum, data, (gssize)size);
    }
    return g_strdup_printf("=_mgk_%.40s", g_checksum_get_string(sum)); /* "=_" is in no base64 and no QP */
}

GByteArray *mgk_mail_writer_finish(MgkMailWriter *writer)
{
    GByteArray *out = g_byte_array_new();
    if (!writer->text)
        writer->text = g_strdup("");
    append(out, writer->header->str);
    append(out, "MIME-Version: 1.0\r\n");
    if (writer->attachments->len == 0) {
        append_text_entity(writer, out);
        return out;
    }
    g_autofree char *boundary = make_boundary(writer);
    g_autofree char *type = g_strdup_printf("Content-Type: multipart/mixed;\r\n boundary=\"%s\"\r\n\r\n", boundary);
    g_autofree char *open = g_strdup_printf("--%s\r\n", boundary), *close = g_strdup_printf("--%s--\r\n", boundary);
    append(out, type);
    append(out, open);
    append_text_entity(writer, out);
    for (guint i = 0; i < writer->attachments->len; i++) {
        append(out, open);
        append_attachment(out, g_ptr_array_index(writer->attachments, i));
    }
    append(out, close);
    return out;
}
