/* ppt_file.h - a PowerPoint 97-2003 presentation ([MS-PPT] 2.1) as its last edit left it: the streams, and where each
 * live object is. Opened with a password when it is encrypted. */
#pragma once

#include "engines/cfb_read.h"
#include "model/job.h"

typedef struct MgkPptFile {
    MgkCfb *cfb;  /* owned */
    guint8 *data; /* owned; the stream "PowerPoint Document", decrypted */
    gsize size;
    guint8 *pictures; /* owned; the stream "Pictures", decrypted; NULL when there is none */
    gsize pictures_size;
    GHashTable *objects; /* owned; number of an object to its place in data, as pointers */
    guint32 document;    /* the number of the Document */
    guint edits;         /* how often it was saved by adding at the end, at least 1 */
    gboolean unlocked;   /* it was encrypted */
} MgkPptFile;

/* One record ([MS-PPT] 2.3.1). */
typedef struct MgkPptRecord {
    guint type, instance, version;
    const guint8 *data; /* borrowed; behind the header */
    gsize size;
} MgkPptRecord;

/* data is borrowed and must outlive the file. password: UTF-8 or NULL, then PowerPoint's own is tried. NULL with
 * MGK_ERROR_MALFORMED, UNSUPPORTED (PowerPoint 95, another way of encrypting), ENCRYPTED (the password does not fit),
 * or LIMIT. */
MgkPptFile *mgk_ppt_file_open(const guint8 *data, gsize size, const char *password, GError **error);
void mgk_ppt_file_free(MgkPptFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPptFile, mgk_ppt_file_free)

/* The record at *at, which moves behind it with *left; FALSE where there is no whole one. */
gboolean mgk_ppt_next(const guint8 **at, gsize *left, MgkPptRecord *ret_record);
/* The first child of this type, or FALSE. */
gboolean mgk_ppt_child(const MgkPptRecord *parent, guint type, MgkPptRecord *ret_record);
/* The object of this number; FALSE when there is none or it is cut off. */
gboolean mgk_ppt_object(const MgkPptFile *file, guint32 number, MgkPptRecord *ret_record);

/* ppt_crypt.c: decrypts in place all objects but `header`, which says how, and the pictures. FALSE with
 * MGK_ERROR_ENCRYPTED, MALFORMED or UNSUPPORTED. */
gboolean mgk_ppt_decrypt(MgkPptFile *file, guint32 header, const char *password, GError **error);
