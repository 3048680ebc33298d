#include "engines/pdf_output.h"

#include "engines/signature.h"

#include <libdeflate.h>
#include <math.h>
#include <string.h>

#define FLUSH_BYTES (256 * 1024)

struct MgkPdfOutput {
    MgkJob *job;                                /* borrowed */
    GByteArray *buffer;                         /* owned: not yet written */
    guint64 written;                            /* before the buffer */
    GArray *offsets;                            /* of guint64, by object number - 1; 0 = not written */
    struct libdeflate_compressor *fast, *other; /* owned; other: for bytes that spell a signature */
    GByteArray *packed;                         /* owned: scratch */
};

static gboolean flush(MgkPdfOutput *output, GError **error)
{
    guint size = output->buffer->len;
    if (size && !output->job->write(output->job, output->buffer->data, size, error))
        return FALSE;
    output->written += size;
    g_byte_array_set_size(output->buffer, 0);
    return TRUE;
}

static gboolean put(MgkPdfOutput *output, gconstpointer data, gsize size, GError **error)
{
    if (size >= FLUSH_BYTES) {
        if (!flush(output, error) || !output->job->write(output->job, data, size, error))
            return FALSE;
        output->written += size;
        return TRUE;
    }
    g_byte_array_append(output->buffer, data, (guint)size);
    return output->buffer->len < FLUSH_BYTES || flush(output, error);
}

static gboolean put_text(MgkPdfOutput *output, const char *text, GError **error)
{
    return put(output, text, strlen(text), error);
}

MgkPdfOutput *mgk_pdf_output_new(MgkJob *job, guint reserved, GError **error)
{
    g_autoptr(MgkPdfOutput) output = g_new0(MgkPdfOutput, 1);
    output->job = job;
    output->buffer = g_byte_array_new();
    output->packed = g_byte_array_new();
    output->offsets = g_array_new(FALSE, TRUE, sizeof(guint64));
    g_array_set_size(output->offsets, reserved);
    output->fast = libdeflate_alloc_compressor(4);
    output->other = libdeflate_alloc_compressor(2);
    if (!output->fast || !output->other) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "PDF: no memory for compression");
        return NULL;
    }
    if (!put_text(output, "%PDF-1.5\n%\xE2\xE3\xCF\xD3\n", error))
        return NULL;
    return g_steal_pointer(&output);
}

void mgk_pdf_output_free(MgkPdfOutput *output)
{
    if (!output)
        return;
    g_byte_array_unref(output->buffer);
    g_byte_array_unref(output->packed);
    g_array_unref(output->offsets);
    libdeflate_free_compressor(output->fast);
    libdeflate_free_compressor(output->other);
    g_free(output);
}

guint mgk_pdf_output_number(MgkPdfOutput *output)
{
    g_array_set_size(output->offsets, output->offsets->len + 1);
    return output->offsets->len;
}

static gboolean begin(MgkPdfOutput *output, guint number, GError **error)
{
    g_array_index(output->offsets, guint64, number - 1) = output->written + output->buffer->len;
    g_autofree char *head = g_strdup_printf("%u 0 obj\n", number);
    return put_text(output, head, error);
}

gboolean mgk_pdf_output_object(MgkPdfOutput *output, guint number, const char *body, GError **error)
{
    return begin(output, number, error) && put_text(output, body, error) && put_text(output, "\nendobj\n", error);
}

static gboolean put_stream(MgkPdfOutput *output, guint number, const char *entries, const char *filter,
                           const guint8 *data, gsize size, GError **error)
{
    g_autofree char *head =
        g_strdup_printf("<<%s/Filter/%s/Length %" G_GSIZE_FORMAT ">>stream\n", entries, filter, size);
    return begin(output, number, error) && put_text(output, head, error) && put(output, data, size, error) &&
           put_text(output, "\nendstream\nendobj\n", error);
}

static gsize pack(MgkPdfOutput *output, struct libdeflate_compressor *with, const guint8 *data, gsize size)
{
    g_byte_array_set_size(output->packed, (guint)libdeflate_zlib_compress_bound(with, size));
    return libdeflate_zlib_compress(with, data, size, output->packed->data, output->packed->len);
}

gboolean mgk_pdf_output_deflated(MgkPdfOutput *output, guint number, const char *entries, const guint8 *data,
                                 gsize size, GError **error)
{
    gsize packed = pack(output, output->fast, data, size);
    if (packed && mgk_signature_foreign(output->packed->data, packed))
        packed = pack(output, output->other, data, size);
    if (!packed || mgk_signature_foreign(output->packed->data, packed)) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "PDF: a stream keeps spelling a foreign signature");
        return FALSE;
    }
    return put_stream(output, number, entries, "FlateDecode", output->packed->data, packed, error);
}

gboolean mgk_pdf_output_jpeg(MgkPdfOutput *output, guint number, const char *entries, const guint8 *data, gsize size,
                             GError **error)
{
    return put_stream(output, number, entries, "DCTDecode", data, size, error);
}

gboolean mgk_pdf_output_finish(MgkPdfOutput *output, guint catalog, guint info, GError **error)
{
    guint64 start = output->written + output->buffer->len;
    guint n = output->offsets->len;
    g_autoptr(GString) tail = g_string_new("xref\n");
    g_string_append_printf(tail, "0 %u\n0000000000 65535 f \n", n + 1);
    for (guint i = 0; i < n; i++) {
        guint64 offset = g_array_index(output->offsets, guint64, i);
        g_return_val_if_fail(offset, FALSE);
        if (offset > G_GUINT64_CONSTANT(9999999999)) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes: beyond what a PDF can address");
            return FALSE;
        }
        g_string_append_printf(tail, "%010" G_GUINT64_FORMAT " 00000 n \n", offset);
    }
    g_string_append_printf(tail, "trailer\n<</Size %u/Root %u 0 R", n + 1, catalog);
    if (info)
        g_string_append_printf(tail, "/Info %u 0 R", info);
    g_string_append_printf(tail, ">>\nstartxref\n%" G_GUINT64_FORMAT "\n%%%%EOF\n", start);
    return put(output, tail->str, tail->len, error) && flush(output, error);
}

void mgk_pdf_append_number(GString *out, double value)
{
    gint64 scaled = llround(CLAMP(value, -1e9, 1e9) * 10000);
    guint64 size = (guint64)ABS(scaled);
    char fraction[8];
    g_snprintf(fraction, sizeof fraction, "%04u", (guint)(size % 10000));
    for (gsize end = 4; end > 0 && fraction[end - 1] == '0'; end--)
        fraction[end - 1] = '\0';
    g_string_append_printf(out, "%s%" G_GUINT64_FORMAT, scaled < 0 ? "-" : "", size / 10000);
    if (fraction[0])
        g_string_append_printf(out, ".%s", fraction);
}

void mgk_pdf_append_text(GString *out, const char *utf8)
{
    g_string_append(out, "<FEFF");
    for (const char *at = utf8; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c < 0x10000)
            g_string_append_printf(out, "%04X", c);
        else
            g_string_append_printf(out, "%04X%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
    g_string_append_c(out, '>');
}
