/* detect.h - what libmagic says of bytes, and what a name claims: the parts of detection that no format owns.
 *
 * mgk_detect() itself asks every handler's probe and therefore sits above the formats: formats/formats.h.
 * Flow of a worker: mgk_detect() → mgk_detect_apply_name() → the handler, if the outcome still crosses. */
#pragma once

#include "model/job.h"

/* Loads libmagic's default database and runs it once; in the zygote, before any hostile byte. Without it the first
 * mgk_detect_media_type() does the same (tests). FALSE with MGK_ERROR_FAILED when the database cannot be read. */
gboolean mgk_detect_warm(GError **error);
/* libmagic's MIME type of the first bytes ("text/plain"), "" when it has no opinion. Owned by the caller. Opens no
 * files after mgk_detect_warm(). */
char *mgk_detect_media_type(const guint8 *data, gsize size);
/* The extension by which Windows would open the name: of the last path component, trailing dots and spaces removed, an
 * alternate stream cut off, case folded, without the dot; "" when none. Owned by the caller. */
char *mgk_detect_extension(const char *name);

typedef struct MgkNameVerdict {
    MgkVerdict verdict; /* CLEANED when the name is no obstacle, else HELD or BLOCKED */
    MgkReason reason;
    gboolean mismatch;  /* extension or declared media type claims another kind of file than the content is */
    gboolean deceptive; /* the name is built to be misread: bidi control, padded or double extension */
    char detail[96];    /* English, bounded, without text of the name */
} MgkNameVerdict;

/* Judges a file's name (UTF-8, untrusted, may be "") and the media type that somebody declared for it (NULL or "" when
 * nobody did) against the detected format (may be MGK_FORMAT_ID_NONE). Rules: rules/dangerous_names.def. */
MgkNameVerdict mgk_detect_name_verdict(const char *name, const char *declared, MgkFormatId format);
/* The same for a job (job->name, role, format): records NAME_MISMATCH and NAME_DECEPTIVE by policy and sets
 * job->outcome to held or blocked where the name demands it. Parts of documents (MGK_ROLE_PART) have no names that
 * anybody opens and are left alone. Returns TRUE while the outcome still crosses. */
gboolean mgk_detect_apply_name(MgkJob *job, const char *declared);
