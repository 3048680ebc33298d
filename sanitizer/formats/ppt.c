/* ppt.c - PowerPoint's binary presentations ([MS-PPT], versions 97 to 2003, in a compound file).
 *
 * Kept: slides, masters, notes and handouts with their texts, shapes, tables, pictures, effects, comments (policy), the
 * order of the show, jumps between slides, links to web and mail addresses, headers and footers, titles and labels.
 * Gone: VBA, OLE objects and controls (their pictures stay), actions that run macros, programs or objects, sounds and
 * films, links to files, earlier states that were left behind when it was saved, tags of other programs, embedded
 * fonts, copies for newer versions (themes as packages of XML), pictures that nothing shows, every other stream.
 *
 * Output: a compound file written afresh; its records are judged one by one (rules/ppt.def, rules/ppt_text.def,
 * rules/odraw.def), its pictures rebuilt by jobs of their own. ppt, pps and pot stay what they were. With a password
 * (RC4 by CryptoAPI), or the one that PowerPoint uses by itself, it is opened; the result is not protected.
 * Limits: pictures of Macintoshes (PICT) become gray boxes, recoloured metafiles show their own colours, tips of links
 * go. Held: PowerPoint 95 and before, other ways of encrypting, presentations whose slides cannot be found. */
#include "checks/ppt.h"
#include "engines/cfb_extras.h"
#include "engines/cfb_peek.h"
#include "engines/ppt.h"
#include "engines/ppt_reading.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "PowerPoint Document") || mgk_cfb_peek_has(peek, "PP40") ||
                    mgk_cfb_peek_has(peek, "PP97_DUALSTORAGE"))
               ? 92
               : 0;
}

static gboolean write_file(MgkJob *job, const MgkPptFile *file, const GByteArray *document, const GByteArray *pictures,
                           const GByteArray *user, GError **error)
{
    static const guint8 class_id[16] = {0x10, 0x8d, 0x81, 0x64, 0x9b, 0x4f, 0xcf, 0x11,
                                        0x86, 0xea, 0x00, 0xaa, 0x00, 0xb9, 0x29, 0xe8};
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    mgk_cfb_writer_add(writer, "PowerPoint Document", document->data, document->len);
    mgk_cfb_writer_add(writer, "Current User", user->data, user->len);
    if (pictures)
        mgk_cfb_writer_add(writer, "Pictures", pictures->data, pictures->len);
    GPtrArray *properties = mgk_cfb_add_properties(job, file->cfb, writer);
    g_autoptr(GByteArray) bytes = mgk_cfb_writer_finish(writer, error);
    g_ptr_array_unref(properties);
    return bytes && job->write(job, bytes->data, bytes->len, error);
}

/* What the file says against itself is an orderly end; anything else ends the job. */
static gboolean hold_for(MgkJob *job, GError *why, GError **error)
{
    if (g_error_matches(why, MGK_ERROR, MGK_ERROR_ENCRYPTED))
        return mgk_job_hold(job, job->password ? MGK_REASON_WRONG_PASSWORD : MGK_REASON_ENCRYPTED, "CryptSession10");
    if (g_error_matches(why, MGK_ERROR, MGK_ERROR_UNSUPPORTED))
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, why->message);
    if (g_error_matches(why, MGK_ERROR, MGK_ERROR_MALFORMED))
        return mgk_job_hold(job, MGK_REASON_MALFORMED, why->message);
    g_propagate_error(error, g_error_copy(why));
    return FALSE;
}

static gboolean clean(MgkJob *job, GError **error)
{
    static const char *const own[] = {"PowerPoint Document", "Current User", "Pictures", "PP40", "PP97_DUALSTORAGE"};
    g_autoptr(GError) why = NULL;
    g_autoptr(MgkPptFile) file = mgk_ppt_file_open(job->data, job->size, job->password, &why);
    if (!file)
        return hold_for(job, why, error);
    g_autoptr(GByteArray) document = NULL, pictures = NULL, user = NULL;
    if (file->unlocked)
        mgk_job_find(job, MGK_KIND_DOCUMENT_UNLOCKED, NULL, job->password ? NULL : "built-in password of PowerPoint");
    mgk_cfb_report_extras(job, file->cfb, own, G_N_ELEMENTS(own));
    if (!mgk_ppt_rebuild(job, file, &document, &pictures, &user, &why))
        return hold_for(job, why, error);
    return write_file(job, file, document, pictures, user, error);
}

const MgkHandler mgk_format_ppt = {.probe = probe, .clean = clean, .check = mgk_check_ppt, .text = mgk_ppt_reading};
