/* mail_uu.c - uuencoded files in the middle of a text (POSIX uuencode), as mailers before MIME sent them. */
#include "engines/mail_render.h"

#include <string.h>

#define FILES_MAX 50

void mgk_mail_file_free(gpointer file)
{
    MgkMailFile *f = file;
    g_free(f->name);
    g_bytes_unref(f->data);
    g_free(f);
}

/* "begin 644 name" → where the name begins; NULL when the line is none. */
static const char *begin_line(const char *line, gsize length)
{
    if (length < 11 || strncmp(line, "begin ", 6) != 0)
        return NULL;
    gsize digits = strspn(line + 6, "01234567");
    const char *name = line + 6 + digits + 1;
    return digits >= 3 && digits <= 4 && line[6 + digits] == ' ' && name < line + length ? name : NULL;
}

static guint digit(char c)
{
    return ((guint)(guint8)c - 32) & 63;
}

/* One data line; FALSE when it is none. */
static gboolean undo_line(const char *line, gsize length, GByteArray *out)
{
    while (length > 1 && line[length - 1] == '\r')
        length--;
    if (length < 1 || line[0] < 32 || line[0] > 96)
        return FALSE;
    guint bytes = digit(line[0]);
    gsize need = (gsize)(bytes + 2) / 3 * 4;
    if (length - 1 > need + 2 || (length - 1) + 3 < need) /* one digit more is a checksum; blanks at the end get lost */
        return FALSE;
    for (gsize i = 0; i < length - 1; i++) {
        if (line[1 + i] < 32 || line[1 + i] > 96)
            return FALSE;
    }
    for (gsize i = 0; bytes > 0; i += 4) {
        guint v[4];
        for (guint k = 0; k < 4; k++)
            v[k] = 1 + i + k < length ? digit(line[1 + i + k]) : 0;
        const guint8 three[3] = {(guint8)(v[0] << 2 | v[1] >> 4), (guint8)(v[1] << 4 | v[2] >> 2),
                                 (guint8)(v[2] << 6 | v[3])};
        guint n = MIN(bytes, 3);
        g_byte_array_append(out, three, n);
        bytes -= n;
    }
    return TRUE;
}

/* A whole block from p, which stands at its begin line. Returns where the text goes on, NULL when it is no block. */
static const char *take_block(const char *p, const char *name, GPtrArray *files)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *as = g_strndup(name, strcspn(name, "\r\n"));
    p += strcspn(p, "\n");
    while (*p == '\n') {
        const char *line = p + 1;
        gsize length = strcspn(line, "\n");
        p = line + length;
        if (length >= 3 && strncmp(line, "end", 3) == 0 && (length == 3 || line[3] == '\r' || line[3] == ' ')) {
            MgkMailFile *file = g_new0(MgkMailFile, 1);
            file->name = g_steal_pointer(&as);
            file->data = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
            g_ptr_array_add(files, file);
            return *p ? p + 1 : p;
        }
        gboolean blank = length == 0 || (length == 1 && (*line == '`' || *line == '\r' || *line == ' '));
        if (!blank && !undo_line(line, length, bytes))
            return NULL;
    }
    return NULL;
}

char *mgk_mail_take_uuencoded(const char *text, GPtrArray *files)
{
    GString *out = g_string_sized_new(strlen(text));
    guint tries = 0;
    for (const char *p = text; *p;) {
        gsize length = strcspn(p, "\n");
        const char *name = begin_line(p, length);
        const char *after =
            name && files->len < FILES_MAX && tries++ < 2 * FILES_MAX ? take_block(p, name, files) : NULL;
        if (after) {
            const MgkMailFile *file = g_ptr_array_index(files, files->len - 1);
            g_string_append_printf(out, "[%s]\n", file->name);
            p = after;
            continue;
        }
        g_string_append_len(out, p, (gssize)(length + (p[length] == '\n')));
        p += length + (p[length] == '\n');
    }
    return g_string_free(out, FALSE);
}
