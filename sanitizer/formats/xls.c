/* xls.c - Excel's binary workbooks ([MS-XLS], BIFF8 in a compound file).
 *
 * Kept: cells, formulas of worksheet functions, formats, sizes, print settings, filters, validation, conditional
 * formats, merged cells, links to web and mail addresses and into the workbook, titles and labels. Gone: VBA, macro and
 * dialog sheets (empty sheets of their names stay), names that start macros, DDE, references to other workbooks and
 * calls of add-ins (the values shown stay), queries and connections, OLE objects, controls, pivot tables (their cells
 * stay), printer settings, the user's name, every stream but the workbook and its properties.
 *
 * Output: a compound file written afresh (engines/cfb_write.h) with records by rules/biff.def; xls.
 * A workbook behind a password (XOR, RC4, RC4 of CryptoAPI) is opened with the given one, or with Excel's built-in
 * one, and crosses without.
 * Limits: drawn objects (pictures, charts, shapes, comments) go with a finding. Held: BIFF2 to BIFF5, other schemes of
 * encryption. */
#include <string.h>

#include "checks/xls.h"
#include "engines/biff.h"
#include "engines/biff_text.h"
#include "engines/cfb_extras.h"
#include "engines/cfb_peek.h"
#include "engines/office_crypt.h"
#include "engines/office_hash.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic bare[] = {MGK_MAGIC(0, "\x09\0\x04\0"), MGK_MAGIC(0, "\x09\2\x06\0"),
                                    MGK_MAGIC(0, "\x09\4\x06\0"), MGK_MAGIC(0, "\x09\x08\x08\0\0\5"),
                                    MGK_MAGIC(0, "\x09\x08\x10\0\0\6")};
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    if (peek && (mgk_cfb_peek_has(peek, "Workbook") || mgk_cfb_peek_has(peek, "Book")))
        return 92;
    return MGK_MAGIC_ANY(probe, bare) ? 90 : 0;
}

static gboolean write_file(MgkJob *job, const MgkCfb *cfb, const GByteArray *workbook, GError **error)
{
    static const guint8 class_id[16] = {0x20, 0x08, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    mgk_cfb_writer_add(writer, "Workbook", workbook->data, workbook->len);
    GPtrArray *properties = mgk_cfb_add_properties(job, cfb, writer);
    g_autoptr(GByteArray) file = mgk_cfb_writer_finish(writer, error);
    g_ptr_array_unref(properties);
    return file && job->write(job, file->data, file->len, error);
}

/* Puts a stream in clear in the place of one behind a password, the given one or Excel's own; FALSE: the job is held.
 */
static gboolean unlock(MgkJob *job, guint8 **stream, gsize size)
{
    g_autoptr(GError) why = NULL;
    const char *password = job->password ? job->password : MGK_OFFICE_DEFAULT;
    guint8 *plain = mgk_office_crypt_open_workbook(*stream, size, password, &why);
    if (!plain) {
        mgk_office_crypt_hold(job, why);
        return FALSE;
    }
    g_free(*stream);
    *stream = plain;
    mgk_job_find(job, MGK_KIND_DOCUMENT_UNLOCKED, NULL, job->password ? NULL : "built-in password of Excel");
    return mgk_verdict_crosses(job->outcome.verdict);
}

static gboolean clean(MgkJob *job, GError **error)
{
    static const char *const own[] = {"Workbook"};
    if (!mgk_cfb_peek_is(job->data, job->size))
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, "BIFF without a container");
    g_autoptr(GError) why = NULL;
    g_autoptr(MgkCfb) cfb = mgk_cfb_open(job->data, job->size, &why);
    if (!cfb)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, why->message);
    gint index = mgk_cfb_find(cfb, "Workbook");
    if (index < 0)
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, "a workbook of Excel 5 or before");
    if (mgk_cfb_find(cfb, "Book") >= 0)
        mgk_job_find(job, MGK_KIND_UNKNOWN_PART, "Book", "the same for older programs");
    gsize size = 0;
    g_autofree guint8 *data = mgk_cfb_read(cfb, (guint)index, &size);
    gboolean locked = mgk_office_crypt_is_locked(data, size);
    if (locked && !unlock(job, &data, size))
        return TRUE;
    mgk_cfb_report_extras(job, cfb, own, G_N_ELEMENTS(own));
    g_autoptr(GByteArray) workbook = mgk_biff_rebuild(job, data, size, locked, &why);
    if (workbook)
        return write_file(job, cfb, workbook, error);
    gboolean unsupported = g_error_matches(why, MGK_ERROR, MGK_ERROR_UNSUPPORTED);
    return mgk_job_hold(job, unsupported ? MGK_REASON_UNSUPPORTED_FORMAT : MGK_REASON_MALFORMED, why->message);
}

const MgkHandler mgk_format_xls = {.probe = probe, .clean = clean, .check = mgk_check_xls, .text = mgk_biff_text};
