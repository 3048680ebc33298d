#include "engines/archive_out.h"

#include "engines/member_names.h"
#include "model/names.h"

#include <string.h>

struct MgkArchiveOut {
    MgkJob *job;           /* borrowed */
    MgkMemberNames *names; /* owned */
    GHashTable *folders;   /* owned; set of folders written */
    MgkZipWriter *writer;  /* owned */
    guint files, locked;   /* locked: no password, or the wrong one */
    MgkReason lock;        /* of the last locked file */
};

MgkArchiveOut *mgk_archive_out_new(MgkJob *job)
{
    MgkArchiveOut *out = g_new0(MgkArchiveOut, 1);
    out->job = job;
    out->names = mgk_member_names_new();
    out->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    out->writer = mgk_zip_writer_new_for_job(job);
    return out;
}

void mgk_archive_out_free(MgkArchiveOut *out)
{
    if (!out)
        return;
    mgk_member_names_free(out->names);
    g_hash_table_unref(out->folders);
    mgk_zip_writer_free(out->writer);
    g_free(out);
}

gboolean mgk_archive_refuse(MgkJob *job, MgkKind kind, MgkReason reason, const char *detail)
{
    if (mgk_job_find(job, kind, NULL, detail) == MGK_ACTION_BLOCK)
        return mgk_job_block(job, reason, detail);
    return mgk_job_hold(job, reason, detail);
}

gboolean mgk_archive_is_twin(MgkJob *job)
{
    enum { END_BYTES = 22, COMMENT_BYTES = G_MAXUINT16 };
    for (gsize comment = 0; comment <= COMMENT_BYTES && comment + END_BYTES <= job->size; comment++) {
        const guint8 *at = job->data + job->size - END_BYTES - comment;
        if (at[0] == 'P' && memcmp(at, "PK\5\6", 4) == 0 && (at[20] | (gsize)at[21] << 8) == comment)
            return mgk_archive_refuse(job, MGK_KIND_ARCHIVE_AMBIGUOUS, MGK_REASON_AMBIGUOUS, "also a ZIP archive");
    }
    return FALSE;
}

void mgk_archive_judge_rest(MgkJob *job, gsize end)
{
    while (end < job->size && job->data[end] == 0)
        end++;
    if (end < job->size)
        mgk_job_find(job, MGK_KIND_TRAILING_DATA, NULL, "after the end");
}

gboolean mgk_archive_out_goes_on(const MgkArchiveOut *out)
{
    return mgk_verdict_crosses(out->job->outcome.verdict);
}

/* A date that no calendar has confuses unpackers. */
static guint32 sound_time(guint32 dos_time)
{
    guint month = dos_time >> 21 & 15, day = dos_time >> 16 & 31, hour = dos_time >> 11 & 31;
    guint minute = dos_time >> 5 & 63, half_seconds = dos_time & 31;
    gboolean sound = month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && half_seconds < 30;
    return sound ? dos_time : MGK_ZIP_EPOCH;
}

guint32 mgk_archive_dos_time(gint64 seconds)
{
    static const gint64 first = 315532800, last = 4354819199; /* 1980-01-01 to 2107-12-31 */
    if (seconds < first || seconds > last)
        return MGK_ZIP_EPOCH;
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_julian(&date, (guint32)(seconds / 86400) + 719163u); /* GLib counts from the year 1 */
    guint32 clock = (guint32)(seconds % 86400);
    guint32 day =
        (guint32)(g_date_get_year(&date) - 1980) << 9 | (guint32)g_date_get_month(&date) << 5 | g_date_get_day(&date);
    return day << 16 | clock / 3600 << 11 | clock / 60 % 60 << 5 | clock % 60 / 2;
}

static void report_names(MgkJob *job, const char *name, guint flags)
{
    if (flags & MGK_MEMBER_ESCAPES)
        mgk_job_find(job, MGK_KIND_ARCHIVE_PATH, name, NULL);
    if (flags & (MGK_MEMBER_RENAMED | MGK_MEMBER_TOO_DEEP))
        mgk_job_find(job, MGK_KIND_ARCHIVE_NAME, name, flags & MGK_MEMBER_TOO_DEEP ? "too many folders" : NULL);
    if (flags & MGK_MEMBER_COLLIDES)
        mgk_job_find(job, MGK_KIND_ARCHIVE_DUPLICATE, name, NULL);
}

gboolean mgk_archive_out_folder(MgkArchiveOut *out, const char *name, guint32 dos_time, GError **error)
{
    guint flags = 0;
    const char *folder = mgk_member_names_folder(out->names, name, TRUE, &flags);
    report_names(out->job, name, flags);
    if (*folder == '\0' || !g_hash_table_add(out->folders, g_strdup(folder)))
        return TRUE;
    return mgk_zip_writer_add(out->writer, folder, MGK_ZIP_STORE, sound_time(dos_time), NULL, 0, error);
}

void mgk_archive_out_link(MgkArchiveOut *out, const char *name)
{
    mgk_job_find(out->job, MGK_KIND_ARCHIVE_LINK, name, NULL);
}

static MgkReason reason_of_limit(const char *message)
{
    if (g_str_has_prefix(message, "ratio") || g_str_has_prefix(message, "total_bytes"))
        return MGK_REASON_BOMB;
    return g_str_has_prefix(message, "size") ? MGK_REASON_TOO_LARGE : MGK_REASON_MEMORY;
}

static MgkReason reason_of_lock(const char *message)
{
    if (strcmp(message, "wrong password") == 0)
        return MGK_REASON_WRONG_PASSWORD;
    return strcmp(message, "unsupported") == 0 ? MGK_REASON_ENCRYPTED_UNSUPPORTED : MGK_REASON_ENCRYPTED;
}

MgkReason mgk_archive_reason(const GError *error)
{
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT))
        return reason_of_limit(error->message);
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_ENCRYPTED))
        return reason_of_lock(error->message);
    return g_error_matches(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED) ? MGK_REASON_UNSUPPORTED_FEATURE
                                                                    : MGK_REASON_MALFORMED;
}

/* Reports why a file has no bytes. A bomb concerns the whole archive. */
static MgkReason report_unread(MgkArchiveOut *out, const MgkArchiveFile *file)
{
    MgkReason reason = mgk_archive_reason(file->why);
    if (g_error_matches(file->why, MGK_ERROR, MGK_ERROR_ENCRYPTED)) {
        out->locked++;
        out->lock = reason;
        mgk_job_find(out->job, MGK_KIND_ARCHIVE_ENCRYPTED, file->name, NULL);
    } else if (reason == MGK_REASON_BOMB) {
        mgk_archive_refuse(out->job, MGK_KIND_ARCHIVE_BOMB, reason, file->why->message);
    } else {
        mgk_job_find(out->job, MGK_KIND_ARCHIVE_DAMAGED, file->name, file->why->message);
    }
    return reason;
}

static gboolean is_packed_already(MgkFormatId format)
{
    const MgkFormatInfo *info = mgk_format_info(format);
    return info && (info->flags & (MGK_FORMAT_CONTAINER | MGK_FORMAT_PIXELS));
}

static gboolean place(MgkArchiveOut *out, const MgkArchiveFile *file, const char *name, MgkZipMethod method,
                      GBytes *bytes, GError **error)
{
    guint flags = 0;
    gsize size = 0;
    const guint8 *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    const char *folder = mgk_member_names_folder(out->names, file->name, FALSE, &flags);
    g_autofree char *path = mgk_member_names_take(out->names, folder, name, &flags);
    report_names(out->job, file->name, flags);
    return mgk_zip_writer_add(out->writer, path, method, sound_time(file->dos_time), data, size, error);
}

/* Writes what the answer holds: the cleaned member, or its notice. */
static gboolean place_answer(MgkArchiveOut *out, const MgkArchiveFile *file, const MgkAnswer *answer, GError **error)
{
    MgkJob *job = out->job;
    gboolean safe = mgk_verdict_crosses(answer->verdict);
    if (!safe) {
        mgk_job_find(job, MGK_KIND_MEMBER_NOT_CROSSED, file->name, mgk_reason_name(answer->reason));
        if (job->policy->hold_on_member || !answer->output)
            mgk_job_hold(job, answer->reason, "a member does not cross");
        if (!mgk_archive_out_goes_on(out))
            return TRUE;
    }
    MgkZipMethod method = safe && is_packed_already(answer->format) ? MGK_ZIP_STORE : MGK_ZIP_PACK;
    return place(out, file, answer->name, method, answer->output, error);
}

/* An empty file of a kind that may cross says nothing and harms nobody; names that are obeyed go the usual way. */
static gboolean is_empty_document(const char *name)
{
    g_autofree char *extension = mgk_names_extension(name);
    gboolean known = FALSE;
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        if (!mgk_format_has_extension((MgkFormatId)i, extension))
            continue;
        if (mgk_format_info((MgkFormatId)i)->flags & MGK_FORMAT_NEVER)
            return FALSE;
        known = TRUE;
    }
    return known;
}

gboolean mgk_archive_out_file(MgkArchiveOut *out, const MgkArchiveFile *file, GError **error)
{
    MgkJob *job = out->job;
    out->files++;
    MgkReason reason = file->bytes ? MGK_REASON_NONE : report_unread(out, file);
    if (!mgk_archive_out_goes_on(out))
        return TRUE;
    const char *base = mgk_member_names_base(file->name);
    if (file->bytes && g_bytes_get_size(file->bytes) == 0 && is_empty_document(file->name))
        return place(out, file, base, MGK_ZIP_STORE, file->bytes, error);
    MgkAsk ask = {.name = base,
                  .declared = "",
                  .role = MGK_ROLE_MEMBER,
                  .want = MGK_FORMAT_ID_NONE,
                  .data = file->packed,
                  .size = file->packed_size,
                  .refuse = reason};
    if (file->bytes)
        ask.data = g_bytes_get_data(file->bytes, &ask.size);
    g_auto(MgkAnswer) answer = {0};
    return job->ask_child(job, &ask, &answer, error) && place_answer(out, file, &answer, error);
}

gboolean mgk_archive_out_finish(MgkArchiveOut *out, GError **error)
{
    if (out->files && out->locked == out->files) /* asks for the next password */
        return mgk_job_hold(out->job, out->lock == MGK_REASON_WRONG_PASSWORD ? MGK_REASON_ENCRYPTED : out->lock,
                            "all files are encrypted");
    if (mgk_zip_writer_offset(out->writer) == 0)
        return mgk_job_hold(out->job, MGK_REASON_NOTHING_LEFT, "nothing but links");
    return mgk_zip_writer_finish(out->writer, error);
}
