#include "engines/text_tidy.h"

#include <string.h>

void mgk_text_tidy_append(GString *out, const char *text, gsize size, MgkTextTally *tally)
{
    gunichar before = 0;
    const char *end = text + size;
    while (text < end) {
        const char *next = g_utf8_next_char(text);
        gunichar code = g_utf8_get_char(text);
        MgkTextClass class = mgk_text_class(before, code, next < end ? g_utf8_get_char(next) : 0);
        if (class == MGK_TEXT_KEPT) {
            g_string_append_len(out, text, next - text);
            before = code;
        } else if (tally) {
            tally->dropped[class]++;
        }
        text = next;
    }
}

void mgk_text_tidy_report(MgkJob *job, const MgkTextTally *tally)
{
    static const MgkKind kinds[MGK_N_TEXT_CLASSES] = {[MGK_TEXT_CONTROL] = MGK_KIND_TEXT_CONTROL,
                                                      [MGK_TEXT_ESCAPE] = MGK_KIND_TEXT_ESCAPE,
                                                      [MGK_TEXT_BIDI] = MGK_KIND_TEXT_BIDI,
                                                      [MGK_TEXT_INVISIBLE] = MGK_KIND_TEXT_INVISIBLE,
                                                      [MGK_TEXT_TAG] = MGK_KIND_TEXT_TAG};
    for (guint i = MGK_TEXT_CONTROL; i < MGK_N_TEXT_CLASSES; i++) {
        g_autofree char *detail = g_strdup_printf("%" G_GUINT64_FORMAT " in all", tally->dropped[i]);
        if (tally->dropped[i])
            mgk_job_find(job, kinds[i], NULL, detail);
    }
}

static MgkCharset charset_of_mark(const guint8 *data, gsize size)
{
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        return MGK_CHARSET_UTF8;
    if (size >= 2 && data[0] == 0xff && data[1] == 0xfe)
        return MGK_CHARSET_UTF16LE;
    return size >= 2 && data[0] == 0xfe && data[1] == 0xff ? MGK_CHARSET_UTF16BE : MGK_CHARSET_NONE;
}

GString *mgk_text_tidy_decode(MgkJob *job, const char *label)
{
    const MgkCharset opinions[] = {charset_of_mark(job->data, job->size), mgk_charset_from_label(label ? label : ""),
                                   mgk_charset_detect(job->data, job->size)};
    guint first = opinions[0] == MGK_CHARSET_NONE ? 1 : 0, last = first ? 2 : 0; /* a mark leaves no choice */
    for (guint i = first; i <= last; i++) {
        gsize size = 0;
        g_autofree char *text = opinions[i] == MGK_CHARSET_NONE
                                    ? NULL
                                    : mgk_charset_to_utf8(opinions[i], job->data, job->size, &size, NULL);
        if (text && !memchr(text, 0, size))
            return g_string_new_len(text, (gssize)size);
    }
    mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "the text's encoding is not known for sure");
    return NULL;
}
