#include "edit.h"

#include <string.h>

#define FIELDS_MAX 500
#define NAME_MAX_CHARS 76
#define VALUE_BYTES_MAX ((gsize)32 * 1024) /* libmilter and Postfix take 64 KiB in one piece */
#define LINE_MAX_BYTES 998
#define CHUNK_BYTES ((gsize)65535) /* MILTER_CHUNK_SIZE */

struct MgkEdit {
    GBytes *message;  /* owned */
    GArray *headers;  /* owned; of MgkEditHeader */
    gsize body_start; /* offset in message */
};

static void header_clear(gpointer data)
{
    MgkEditHeader *header = data;
    g_free(header->name);
    g_free(header->value);
}

void mgk_edit_free(MgkEdit *edit)
{
    if (!edit)
        return;
    g_bytes_unref(edit->message);
    g_array_unref(edit->headers);
    g_free(edit);
}

static gboolean malformed(GError **error, const char *what, gsize offset)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "not a mail of ours: %s at byte %" G_GSIZE_FORMAT, what, offset);
    return FALSE;
}

/* The length of the line at offset without its CRLF; FALSE when it is not ended by CRLF in time. */
static gboolean find_line(const guint8 *data, gsize size, gsize offset, gsize *ret_length)
{
    gsize rest = size - offset, bound = MIN(rest, LINE_MAX_BYTES + 2);
    for (gsize i = 0; i < bound; i++) {
        guint8 c = data[offset + i];
        if (c == '\r') {
            *ret_length = i;
            return i + 1 < bound && data[offset + i + 1] == '\n';
        }
        if (c == '\n' || c == '\0' || c >= 0x80)
            return FALSE;
    }
    return FALSE;
}

static gboolean printable(const guint8 *data, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if ((data[i] < 0x20 && data[i] != '\t') || data[i] >= 0x7F)
            return FALSE;
    }
    return TRUE;
}

static gsize name_length(const guint8 *line, gsize length)
{
    gsize n = 0;
    while (n < length && (g_ascii_isalnum(line[n]) || line[n] == '-'))
        n++;
    return n > 0 && n <= NAME_MAX_CHARS && n + 1 < length && line[n] == ':' && line[n + 1] == ' ' ? n : 0;
}

static guint count_named(const MgkEdit *edit, const char *name)
{
    guint n = 0;
    for (guint i = 0; i < edit->headers->len; i++)
        n += g_ascii_strcasecmp(g_array_index(edit->headers, MgkEditHeader, i).name, name) == 0;
    return n;
}

static gboolean begin_field(MgkEdit *edit, const guint8 *line, gsize length, gsize offset, GError **error)
{
    gsize n = name_length(line, length);
    if (n == 0)
        return malformed(error, "a line that is no field", offset);
    if (edit->headers->len >= FIELDS_MAX)
        return malformed(error, "one field too many", offset);
    MgkEditHeader header = {.name = g_strndup((const char *)line, n),
                            .value = g_strndup((const char *)line + n + 1, length - n - 1)};
    g_array_append_val(edit->headers, header);
    return TRUE;
}

static gboolean continue_field(MgkEdit *edit, const guint8 *line, gsize length, gsize offset, GError **error)
{
    if (edit->headers->len == 0 || length < 2)
        return malformed(error, "an empty or early fold", offset);
    MgkEditHeader *header = &g_array_index(edit->headers, MgkEditHeader, edit->headers->len - 1);
    if (strlen(header->value) + length > VALUE_BYTES_MAX)
        return malformed(error, "a field that is too long", offset);
    g_autofree char *before = header->value;
    g_autofree char *fold = g_strndup((const char *)line, length);
    header->value = g_strconcat(before, "\n", fold, NULL);
    return TRUE;
}

static gboolean parse_headers(MgkEdit *edit, const guint8 *data, gsize size, GError **error)
{
    for (gsize offset = 0, length = 0; offset < size; offset += length + 2) {
        if (!find_line(data, size, offset, &length))
            return malformed(error, "a line that is not ended by CRLF", offset);
        if (length == 0) {
            edit->body_start = offset + 2;
            return TRUE;
        }
        const guint8 *line = data + offset;
        if (!printable(line, length))
            return malformed(error, "a control character", offset);
        if (!(line[0] == ' ' ? continue_field : begin_field)(edit, line, length, offset, error))
            return FALSE;
    }
    return malformed(error, "no end of the header", size);
}

static gboolean check_fields(const MgkEdit *edit, GError **error)
{
    static const struct {
        const char *name;
        guint least, most;
    } table[] = {{MGK_EDIT_MARK, 1, 1},
                 {MGK_EDIT_ID, 0, 0},
                 {"MIME-Version", 1, 1},
                 {"Content-Type", 1, 1},
                 {"Content-Transfer-Encoding", 0, 1},
                 {"From", 0, 1},
                 {"Sender", 0, 1},
                 {"Reply-To", 0, 1},
                 {"To", 0, 1},
                 {"Cc", 0, 1},
                 {"Subject", 0, 1},
                 {"Date", 0, 1},
                 {"Message-ID", 0, 1},
                 {"In-Reply-To", 0, 1},
                 {"References", 0, 1},
                 {"Bcc", 0, 0},
                 {"Return-Path", 0, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        guint n = count_named(edit, table[i].name);
        if (n < table[i].least || n > table[i].most) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "not a mail of ours: %u fields %s", n, table[i].name);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_body(const guint8 *data, gsize size, gsize start, GError **error)
{
    for (gsize offset = start, length = 0; offset < size; offset += length + 2) {
        if (!find_line(data, size, offset, &length))
            return malformed(error, "a body line that is not 7-bit and ended by CRLF", offset);
    }
    return TRUE;
}

MgkEdit *mgk_edit_parse(GBytes *message, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(message, &size);
    g_autoptr(MgkEdit) edit = g_new0(MgkEdit, 1);
    edit->message = g_bytes_ref(message);
    edit->headers = g_array_new(FALSE, FALSE, sizeof(MgkEditHeader));
    g_array_set_clear_func(edit->headers, header_clear);
    if (!parse_headers(edit, data, size, error) || !check_fields(edit, error) ||
        !check_body(data, size, edit->body_start, error))
        return NULL;
    return g_steal_pointer(&edit);
}

/* indices[i]: the place of old field i among those of its name, from 1. */
static void number_fields(const GPtrArray *old, guint *indices)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < old->len; i++) {
        char *key = g_ascii_strdown(g_ptr_array_index(old, i), -1);
        indices[i] = GPOINTER_TO_UINT(g_hash_table_lookup(seen, key)) + 1;
        g_hash_table_replace(seen, key, GUINT_TO_POINTER(indices[i]));
    }
}

static gboolean remove_all(const GPtrArray *old, const MgkEditSink *sink)
{
    g_autofree guint *indices = g_new(guint, old->len + 1);
    number_fields(old, indices);
    for (guint i = old->len; i > 0; i--) {
        if (!sink->remove(sink->data, g_ptr_array_index(old, i - 1), indices[i - 1]))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_edit_apply(const MgkEdit *edit, const GPtrArray *old, const char *id, const MgkEditSink *sink)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(edit->message, &size);
    if (!sink->progress(sink->data) || !remove_all(old, sink))
        return FALSE;
    for (guint i = 0; i < edit->headers->len; i++) {
        const MgkEditHeader *header = &g_array_index(edit->headers, MgkEditHeader, i);
        if (!sink->add(sink->data, header->name, header->value))
            return FALSE;
    }
    g_autofree char *value = g_strconcat(" ", id, NULL);
    if (!sink->add(sink->data, MGK_EDIT_ID, value))
        return FALSE;
    /* An empty body is replaced as well: no chunk at all would leave the old one. */
    const guint8 *body = data + edit->body_start;
    gsize rest = size - edit->body_start;
    if (rest == 0)
        return sink->body(sink->data, (const guint8 *)"\r\n", 2);
    for (gsize at = 0; at < rest; at += CHUNK_BYTES) {
        if (!sink->body(sink->data, body + at, MIN(CHUNK_BYTES, rest - at)))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_edit_mark(const GPtrArray *old, const char *value, const MgkEditSink *sink)
{
    g_autofree guint *indices = g_new(guint, old->len + 1);
    number_fields(old, indices);
    for (guint i = old->len; i > 0; i--) {
        const char *name = g_ptr_array_index(old, i - 1);
        if (g_ascii_strncasecmp(name, MGK_EDIT_MARK, strlen(MGK_EDIT_MARK)) == 0 &&
            !sink->remove(sink->data, name, indices[i - 1]))
            return FALSE;
    }
    return sink->add(sink->data, MGK_EDIT_MARK, value);
}
