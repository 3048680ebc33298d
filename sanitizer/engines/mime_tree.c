#include "engines/mime_tree.h"

#include <gmime/gmime.h>
#include <string.h>

#define FIELDS_MAX 2000

static void part_free(gpointer data)
{
    MgkMimePart *part = data;
    if (!part)
        return;
    g_free(part->type);
    mgk_mail_params_free(part->params);
    g_free(part->disposition);
    g_free(part->name);
    g_free(part->content_id);
    g_array_unref(part->fields);
    g_ptr_array_unref(part->children);
    g_free(part);
}

void mgk_mime_tree_free(MgkMimeTree *tree)
{
    if (!tree)
        return;
    part_free(tree->root);
    if (tree->message)
        g_object_unref(tree->message);
    if (tree->stream) {
        GByteArray *view = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(tree->stream));
        g_object_unref(tree->stream);
        g_byte_array_free(view, FALSE); /* the bytes are the job's */
    }
    g_free(tree);
}

static void on_warning(gint64 offset, GMimeParserWarning code, const char *item, gpointer data)
{
    MgkMimeTree *tree = data;
    (void)offset;
    (void)item;
    switch (code) {
    case GMIME_WARN_DUPLICATED_HEADER:
    case GMIME_WARN_DUPLICATED_PARAMETER:
    case GMIME_CRIT_CONFLICTING_HEADER:
    case GMIME_CRIT_CONFLICTING_PARAMETER:
        tree->defects |= MGK_MIME_DUPLICATE;
        break;
    case GMIME_WARN_TRUNCATED_MESSAGE:
        tree->defects |= MGK_MIME_TRUNCATED;
        break;
    case GMIME_CRIT_NESTING_OVERFLOW:
        tree->defects |= MGK_MIME_TOO_DEEP;
        break;
    case GMIME_WARN_MALFORMED_MULTIPART:
    case GMIME_WARN_MALFORMED_MESSAGE:
    case GMIME_CRIT_INVALID_HEADER_NAME:
    case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
    case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
        tree->defects |= MGK_MIME_BROKEN;
        break;
    case GMIME_WARN_UNENCODED_8BIT_HEADER:
    case GMIME_WARN_INVALID_CONTENT_TYPE:
    case GMIME_WARN_INVALID_RFC2047_HEADER_VALUE:
    case GMIME_WARN_INVALID_PARAMETER:
    case GMIME_WARN_INVALID_ADDRESS_LIST:
    case GMIME_WARN_PART_WITHOUT_CONTENT:
        break;
    }
}

/* The last field of a name, as GMime itself takes it. */
static const char *raw_field(GMimeObject *object, const char *name)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(object);
    int n = MIN(g_mime_header_list_get_count(list), FIELDS_MAX);
    for (int i = n - 1; i >= 0; i--) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        if (g_ascii_strcasecmp(g_mime_header_get_name(header), name) == 0)
            return g_mime_header_get_raw_value(header);
    }
    return NULL;
}

static void copy_fields(GMimeMessage *message, GArray *fields)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int n = MIN(g_mime_header_list_get_count(list), FIELDS_MAX);
    for (int i = 0; i < n; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        const char *raw = g_mime_header_get_raw_value(header);
        MgkMimeField field = {.name = g_mime_header_get_name(header), .raw = raw ? raw : ""};
        g_array_append_val(fields, field);
    }
}

static char *bare_id(const char *raw)
{
    const char *open = raw ? strchr(raw, '<') : NULL, *close = open ? strchr(open, '>') : NULL;
    return close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
}

static gboolean type_given(GMimeObject *object)
{
    return raw_field(object, "Content-Type") != NULL;
}

static void describe(MgkMimePart *part, GMimeObject *object)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    const char *media = type ? g_mime_content_type_get_media_type(type) : NULL;
    const char *subtype = type ? g_mime_content_type_get_media_subtype(type) : NULL;
    g_autofree char *full = g_strdup_printf("%s/%s", media ? media : "text", subtype ? subtype : "plain");
    part->type = g_ascii_strdown(full, -1);
    part->params = mgk_mail_params_parse(raw_field(object, "Content-Type"));
    if (!strchr(mgk_mail_params_value(part->params), '/') && GMIME_IS_PART(object) && type_given(object)) {
        g_free(part->type); /* "Content-Type: text": what is no type is text (RFC 2045 5.2) */
        part->type = g_strdup("text/plain");
    }
    g_autoptr(MgkMailParams) disposition = mgk_mail_params_parse(raw_field(object, "Content-Disposition"));
    part->disposition = g_strdup(mgk_mail_params_value(disposition));
    part->name = mgk_mail_params_get(disposition, "filename");
    if (!part->name || !*part->name) {
        g_free(part->name);
        part->name = mgk_mail_params_get(part->params, "name");
    }
    part->content_id = bare_id(raw_field(object, "Content-ID"));
}

static MgkMimePart *take(MgkMimeTree *tree, GMimeObject *object, guint depth);

static void add_child(MgkMimeTree *tree, MgkMimePart *part, GMimeObject *object, guint depth)
{
    MgkMimePart *child = object ? take(tree, object, depth) : NULL;
    if (child)
        g_ptr_array_add(part->children, child);
}

static void add_message(MgkMimeTree *tree, MgkMimePart *part, GMimeMessage *message, guint depth)
{
    GMimeObject *body = message ? g_mime_message_get_mime_part(message) : NULL;
    guint before = part->children->len;
    add_child(tree, part, body, depth);
    if (part->children->len == before)
        return;
    MgkMimePart *root = g_ptr_array_index(part->children, before);
    root->message = TRUE;
    copy_fields(message, root->fields);
}

/* NULL beyond the bounds, which are noted. */
static MgkMimePart *take(MgkMimeTree *tree, GMimeObject *object, guint depth)
{
    if (depth > MGK_MIME_DEPTH || tree->parts >= MGK_MIME_PARTS) {
        tree->defects |= depth > MGK_MIME_DEPTH ? MGK_MIME_TOO_DEEP : MGK_MIME_TOO_MANY;
        return NULL;
    }
    tree->parts++;
    MgkMimePart *part = g_new0(MgkMimePart, 1);
    part->fields = g_array_new(FALSE, FALSE, sizeof(MgkMimeField));
    part->children = g_ptr_array_new_with_free_func(part_free);
    part->object = object;
    describe(part, object);
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *multipart = GMIME_MULTIPART(object);
        int n = g_mime_multipart_get_count(multipart);
        for (int i = 0; i < n && tree->parts < MGK_MIME_PARTS; i++)
            add_child(tree, part, g_mime_multipart_get_part(multipart, i), depth + 1);
        if (n > 0 && part->children->len < (guint)n)
            tree->defects |= tree->parts >= MGK_MIME_PARTS ? MGK_MIME_TOO_MANY : MGK_MIME_TOO_DEEP;
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        add_message(tree, part, g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)), depth + 1);
    }
    return part;
}

/* "From someone …" in front of a message out of a mailbox file. */
static gsize skip_envelope(const guint8 *data, gsize size)
{
    const guint8 *end = size > 5 && memcmp(data, "From ", 5) == 0 ? memchr(data, '\n', size) : NULL;
    return end ? (gsize)(end - data) + 1 : 0;
}

MgkMimeTree *mgk_mime_parse(const guint8 *data, gsize size, GError **error)
{
    gsize skip = skip_envelope(data, size);
    if (size > G_MAXUINT) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "mail of 4 GiB or more");
        return NULL;
    }
    g_mime_init();
    g_autoptr(MgkMimeTree) tree = g_new0(MgkMimeTree, 1);
    /* a view: the stream neither owns nor writes it, and only the wrapper is freed */
    GByteArray *view = g_byte_array_new_take((guint8 *)(gsize)(data + skip), size - skip);
    tree->stream = g_mime_stream_mem_new_with_byte_array(view);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(tree->stream), FALSE);
    GMimeParser *parser = g_mime_parser_new_with_stream(tree->stream);
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    g_mime_parser_set_persist_stream(parser, TRUE);
    g_mime_parser_options_set_warning_callback(options, on_warning, tree);
    tree->message = g_mime_parser_construct_message(parser, options);
    g_mime_parser_options_free(options);
    g_object_unref(parser);
    GMimeObject *body = tree->message ? g_mime_message_get_mime_part(tree->message) : NULL;
    if (!body) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no message found");
        return NULL;
    }
    tree->root = take(tree, body, 0);
    tree->root->message = TRUE;
    copy_fields(tree->message, tree->root->fields);
    return g_steal_pointer(&tree);
}

GBytes *mgk_mime_part_bytes(const MgkMimePart *part)
{
    GMimeDataWrapper *content = GMIME_IS_PART(part->object) ? g_mime_part_get_content(part->object) : NULL;
    if (!content)
        return g_bytes_new(NULL, 0);
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_data_wrapper_write_to_stream(content, stream);
    g_object_unref(stream);
    return g_byte_array_free_to_bytes(bytes);
}

const char *mgk_mime_part_outside(const MgkMimePart *part, gboolean after)
{
    if (!GMIME_IS_MULTIPART(part->object))
        return NULL;
    return after ? g_mime_multipart_get_epilogue(part->object) : g_mime_multipart_get_prologue(part->object);
}

const char *mgk_mime_field(const MgkMimePart *part, const char *name, guint *ret_count)
{
    const char *raw = NULL;
    guint count = 0;
    for (guint i = 0; i < part->fields->len; i++) {
        const MgkMimeField *field = &g_array_index(part->fields, MgkMimeField, i);
        if (g_ascii_strcasecmp(field->name, name) != 0)
            continue;
        raw = raw ? raw : field->raw;
        count++;
    }
    if (ret_count)
        *ret_count = count;
    return raw;
}

/* Of everything that GMime makes an object for, one. */
static const char specimen[] =
    "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: \"A\" <a@example.com>\r\n"
    "To: =?UTF-8?B?5a6b?= <b@example.com>, g: c@example.com;\r\nSubject: s\r\nMessage-ID: <1@example.com>\r\n"
    "References: <0@example.com>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n"
    "--x\r\nContent-Type: text/html; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    "Content-Disposition: attachment; filename=\"a\"\r\nContent-ID: <2@example.com>\r\n\r\n=20\r\n"
    "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nt\r\n"
    "--x--\r\n";

static void open_all(const MgkMimePart *part)
{
    g_bytes_unref(mgk_mime_part_bytes(part)); /* decoded once is what counts */
    for (guint i = 0; i < part->children->len; i++)
        open_all(g_ptr_array_index(part->children, i));
}

void mgk_mime_warm(void)
{
    g_mime_init();
    g_autoptr(MgkMimeTree) tree = mgk_mime_parse((const guint8 *)specimen, sizeof specimen - 1, NULL);
    if (tree)
        open_all(tree->root);
}
