/* text.c - plain text.
 *
 * What it is: characters in one of the encodings of engines/charset.h, known for sure; what could be read in two ways
 * is held. Kept: encoding, byte order mark, line ends, every visible character, TAB, CR, LF, FF, private use
 * characters, variation selectors, joiners that words and emoji need. A text without findings comes out byte for byte.
 * Goes: control characters, escape sequences, bidi controls, zero-width and tag characters (engines/text_filter.h);
 * they are counted, one finding a kind. Output: the same encoding, extension txt. Known limits: in Shift_JIS, EUC-JP
 * and ISO-2022-JP the characters are decoded as Windows does; other East-Asian and Cyrillic encodings are held, or
 * cross unchanged when their bytes happen to be valid Japanese. Formulas in a .txt are data (see csv.c). Arabic and
 * Hebrew texts lose their direction marks. */
#include "engines/charset.h"
#include "engines/plain_text.h"
#include "engines/text_filter.h"
#include "formats/formats.h"

#include "checks/text.h"

#define PROBE_MOST 50

static guint probe(const MgkProbe *probe)
{
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension);
    return mgk_text_probe(probe, named ? PROBE_MOST : 40);
}

/* The handler's own index of the extension in use, so that notes.md stays notes.md. */
static guint own_extension(const char *name)
{
    for (guint i = 1;; i++) {
        g_autofree char *extension = mgk_format_extension(MGK_FORMAT_ID_text, i);
        if (!extension)
            return 0;
        g_autofree char *dotted = g_strdup_printf(".%s", extension);
        g_autofree char *lower = g_ascii_strdown(name, -1);
        if (g_str_has_suffix(lower, dotted))
            return i;
    }
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->size == 0)
        return mgk_job_hold(job, MGK_REASON_EMPTY, "no bytes");
    MgkCharset charset = mgk_charset_detect(job->data, job->size);
    if (charset == MGK_CHARSET_NONE)
        return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "the text's encoding is not known for sure");
    job->outcome.extension = own_extension(job->name);
    return mgk_text_filter(job, charset, NULL, NULL, error);
}

const MgkHandler mgk_format_text = {.probe = probe,
                                    .probe_most = PROBE_MOST,
                                    .clean = clean,
                                    .check = mgk_check_text,
                                    .confirm = mgk_check_text,
                                    .text = mgk_plain_text};
