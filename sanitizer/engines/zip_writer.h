/* zip_writer.h - the one way this program writes ZIP: canonical, deterministic, streaming.
 *
 * The same calls give the same bytes on one kind of processor (igzip has code for each). An entry is local header, data
 * and, only when it was streamed, a data descriptor; no extra fields but zip64 where a size needs it; the UTF-8 bit
 * only for non-ASCII names. Up to MGK_ZIP_BUFFER bytes of an entry are held and packed by libdeflate in one go; longer
 * ones are streamed through igzip in constant memory. */
#pragma once

#include "model/job.h"

#define MGK_ZIP_BUFFER (1u << 20)
/* 1980-01-01 00:00:00, for parts that have no date of their own */
#define MGK_ZIP_EPOCH 0x00210000u

typedef gboolean (*MgkZipSink)(gpointer user, const void *data, gsize size, GError **error);

typedef enum {
    MGK_ZIP_PACK,  /* deflate, or stored when that is not smaller */
    MGK_ZIP_STORE, /* already compressed: images, archives */
} MgkZipMethod;

typedef struct MgkZipWriter MgkZipWriter;

MgkZipWriter *mgk_zip_writer_new(MgkZipSink sink, gpointer user);
MgkZipWriter *mgk_zip_writer_new_for_job(MgkJob *job); /* writes by job->write */
void mgk_zip_writer_free(MgkZipWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkZipWriter, mgk_zip_writer_free)

/* One entry in one call. name: UTF-8, '/' between folders, at most 65535 bytes, ending in '/' for a folder (then size
 * must be 0); unique and safe by the caller's care. dos_time: date << 16 | time as in MgkZipEntry, or MGK_ZIP_EPOCH.
 * Errors: of the sink; MGK_ERROR_FAILED for a misuse. */
gboolean mgk_zip_writer_add(MgkZipWriter *writer, const char *name, MgkZipMethod method, guint32 dos_time,
                            const void *data, gsize size, GError **error);

/* The same in pieces; the pieces' sizes do not change the bytes written. A streamed entry may hold up to 4 GiB - 1. */
gboolean mgk_zip_writer_begin(MgkZipWriter *writer, const char *name, MgkZipMethod method, guint32 dos_time,
                              GError **error);
gboolean mgk_zip_writer_append(MgkZipWriter *writer, const void *data, gsize size, GError **error);
gboolean mgk_zip_writer_end(MgkZipWriter *writer, GError **error);

/* Writes directory and end record. Nothing may follow. */
gboolean mgk_zip_writer_finish(MgkZipWriter *writer, GError **error);
guint64 mgk_zip_writer_offset(const MgkZipWriter *writer); /* bytes written so far */
