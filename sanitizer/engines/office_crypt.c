#include "engines/office_crypt.h"

#include "engines/office_rc4.h"
#include "engines/recognise.h"

#include <string.h>

#define BLOCK 1024
#define HEADER 4

enum { RECORD_EOF = 0x0a, RECORD_FILEPASS = 0x2f, RECORD_BOUNDSHEET = 0x85 };

typedef struct Pass {
    gboolean by_xor;
    guint8 array[MGK_OFFICE_XOR];
    MgkOfficeRc4 rc4;
} Pass;

typedef struct Record {
    guint id;
    gsize at, size; /* of its data */
} Record;

/* The record at *at, which moves behind it; FALSE at the end, or where there is no whole record. */
static gboolean next_record(const guint8 *stream, gsize size, gsize *at, Record *ret_record)
{
    if (size - *at < HEADER)
        return FALSE;
    *ret_record = (Record){
        .id = mgk_recognise_u16le(stream + *at), .at = *at + HEADER, .size = mgk_recognise_u16le(stream + *at + 2)};
    if (ret_record->size > size - *at - HEADER)
        return FALSE;
    *at = ret_record->at + ret_record->size;
    return TRUE;
}

/* It stands in the globals; behind their end nothing is looked for. */
static gboolean find_filepass(const guint8 *stream, gsize size, Record *ret_record)
{
    for (gsize at = 0; next_record(stream, size, &at, ret_record) && ret_record->id != RECORD_EOF;) {
        if (ret_record->id == RECORD_FILEPASS)
            return TRUE;
    }
    return FALSE;
}

static gboolean open_xor(const guint8 *p, const char *password, Pass *pass, GError **error)
{
    pass->by_xor = TRUE;
    if (mgk_office_xor_open(mgk_recognise_u16le(p), mgk_recognise_u16le(p + 2), password, pass->array))
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_ENCRYPTED, "wrong password");
    return FALSE;
}

static gboolean open_filepass(const guint8 *p, gsize size, const char *password, Pass *pass, GError **error)
{
    pass->by_xor = FALSE;
    if (size == 4) /* BIFF5 has the two numbers of the XOR scheme alone */
        return open_xor(p, password, pass, error);
    if (size >= 6 && mgk_recognise_u16le(p) == 0)
        return open_xor(p + 2, password, pass, error);
    if (size >= 6 && mgk_recognise_u16le(p) == 1)
        return mgk_office_rc4_open(p + 2, size - 2, password, &pass->rc4, error);
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "FilePass");
    return FALSE;
}

gboolean mgk_office_crypt_is_locked(const guint8 *stream, gsize size)
{
    Record record;
    return find_filepass(stream, size, &record);
}

/* How many bytes of a record's data are never encrypted ([MS-XLS] 2.2.10). */
static gsize plain_bytes(const Record *record)
{
    static const guint16 plain[] = {0x809 /* BOF */,
                                    RECORD_FILEPASS,
                                    0xe1 /* InterfaceHdr */,
                                    0x138 /* RRDHead */,
                                    0x194 /* UsrExcl */,
                                    0x195 /* FileLock */,
                                    0x196 /* RRDInfo */};
    for (guint i = 0; i < G_N_ELEMENTS(plain); i++) {
        if (record->id == plain[i])
            return record->size;
    }
    return record->id == RECORD_BOUNDSHEET ? MIN(record->size, 4) : 0; /* where the sheet starts */
}

guint8 *mgk_office_crypt_open_workbook(const guint8 *stream, gsize size, const char *password, GError **error)
{
    Record record;
    Pass pass;
    if (!find_filepass(stream, size, &record)) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no FilePass");
        return NULL;
    }
    if (!open_filepass(stream + record.at, record.size, password, &pass, error))
        return NULL;
    guint8 *out = g_memdup2(stream, size);
    if (!pass.by_xor) /* the key stream runs on under what is not encrypted, which is put back */
        mgk_office_rc4_apply(&pass.rc4, 0, BLOCK, out, size);
    gsize at = 0;
    while (next_record(stream, size, &at, &record)) {
        gsize plain = plain_bytes(&record);
        if (pass.by_xor)
            mgk_office_xor_apply(pass.array, record.at, out + record.at, record.size);
        memcpy(out + record.at - HEADER, stream + record.at - HEADER, HEADER + plain);
    }
    memcpy(out + at, stream + at, size - at); /* no record */
    return out;
}

gboolean mgk_office_crypt_hold(MgkJob *job, const GError *why)
{
    MgkReason reason = MGK_REASON_MALFORMED;
    if (g_error_matches(why, MGK_ERROR, MGK_ERROR_ENCRYPTED))
        reason = job->password ? MGK_REASON_WRONG_PASSWORD : MGK_REASON_ENCRYPTED;
    else if (g_error_matches(why, MGK_ERROR, MGK_ERROR_UNSUPPORTED))
        reason = MGK_REASON_ENCRYPTED_UNSUPPORTED;
    return mgk_job_hold(job, reason, why->message);
}
