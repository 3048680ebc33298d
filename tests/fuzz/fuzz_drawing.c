/* The encoder's side of a page of drawings: whatever a captured decoder sends ends as an error, or as a PDF for the
 * second look, which refuses one with shapes or pictures that were sent and never drawn. The input is a row of records:
 * type - PAGE, size (16 bits, little-endian), bytes. */
#include "checks/checks.h"
#include "engines/page_stream.h"
#include "formats/formats.h"
#include "fuzz.h"

#include <string.h>

typedef struct Feed {
    const uint8_t *at, *end;
    guint step;
    GByteArray *output;
} Feed;

static const MgkPageDocument document = {.pages = 1};
static const MgkPageHead page = {
    .width = 100000, .height = 100000, .px_width = 100, .px_height = 100, .millidpi_x = 72000, .millidpi_y = 72000};

/* The document and its page come first of themselves. */
static gboolean on_receive(MgkJob *job, gsize max, guint32 *ret_type, guint8 **ret_data, gsize *ret_size,
                           GError **error)
{
    Feed *feed = job->priv;
    (void)error;
    *ret_type = 0;
    *ret_data = NULL;
    *ret_size = 0;
    gconstpointer data = feed->step ? (gconstpointer)&page : (gconstpointer)&document;
    gsize size = feed->step ? sizeof page : sizeof document;
    *ret_type = feed->step ? MGK_PAGE_PAGE : MGK_PAGE_DOCUMENT;
    if (feed->step++ > 1) {
        if (feed->end - feed->at < 3) {
            *ret_type = feed->step == 3 || feed->at ? MGK_PAGE_PAGE_END : 0;
            feed->at = feed->end = NULL;
            return TRUE;
        }
        *ret_type = MGK_PAGE_PAGE + feed->at[0] % 8;
        size = MIN((gsize)feed->at[1] | (gsize)feed->at[2] << 8, (gsize)(feed->end - feed->at - 3));
        data = feed->at + 3;
        feed->at += 3 + size;
    }
    *ret_size = MIN(size, max);
    *ret_data = *ret_size ? g_memdup2(data, *ret_size) : NULL;
    return TRUE;
}

static gboolean on_write(MgkJob *job, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(((Feed *)job->priv)->output, data, (guint)size);
    return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    policy.pdf_outlines = TRUE;
    policy.limits.page_pixels = 1 << 20;
    g_autoptr(GByteArray) output = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    Feed feed = {.at = data, .end = data + size, .output = output};
    MgkJob job = {.receive = on_receive,
                  .write = on_write,
                  .policy = &policy,
                  .priv = &feed,
                  .name = "",
                  .format = MGK_FORMAT_ID_pdf};
    gboolean ok = mgk_format_pdf.encode(&job, &error);
    g_assert(ok == (error == NULL));
    if (!ok)
        return 0;
    job.data = output->data;
    job.size = output->len;
    ok = mgk_check_pdf(&job, &error);
    g_assert(ok == (error == NULL));
    return 0;
}
