/* edit.h - a mail of our own making turned into edits of the one that Postfix holds.
 *
 * What may cross is not what looks like a mail but what has the exact grammar that our writers produce
 * (mgk_edit_parse()): anything else is refused, whatever verdict came with it. */
#pragma once

#include "model/error.h"

/* The field that every mail of ours carries exactly once, and the one that is added with the original's id. */
#define MGK_EDIT_MARK "X-Mugaika"
#define MGK_EDIT_ID "X-Mugaika-Id"

typedef struct MgkEditHeader {
    char *name;  /* owned */
    char *value; /* owned; with its leading space, folds as "\n" and a space */
} MgkEditHeader;

typedef struct MgkEdit MgkEdit;

/* Grammar: fields "Name: value" (printable ASCII, folded by CRLF and a space, no empty fold line, no field twice that
 * may stand once, MIME-Version, Content-Type and the mark among them), an empty line, body lines of 7-bit bytes without
 * NUL, bare CR or bare LF, none longer than 998; the last one ended. Keeps a reference to message.
 * Errors: MGK_ERROR_MALFORMED. */
MgkEdit *mgk_edit_parse(GBytes *message, GError **error);
void mgk_edit_free(MgkEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkEdit, mgk_edit_free)

/* Who carries the edits out; each returns FALSE when the other side did not take it. */
typedef struct MgkEditSink {
    void *data; /* borrowed */
    gboolean (*progress)(void *data);
    gboolean (*remove)(void *data, const char *name, guint index); /* index from 1 among fields of this name */
    gboolean (*add)(void *data, const char *name, const char *value);
    gboolean (*body)(void *data, const guint8 *bytes, gsize size);
} MgkEditSink;

/* Progress; every old field removed, last to first (removing renumbers); ours added in order; then the body's chunks,
 * back to back. old: names as they came, in order. id: of the original. FALSE at the first refusal. */
gboolean mgk_edit_apply(const MgkEdit *edit, const GPtrArray *old, const char *id, const MgkEditSink *sink);
/* Only puts our mark, with this value (leading space included), in the place of whatever looks like it. For mails that
 * pass as they came. */
gboolean mgk_edit_mark(const GPtrArray *old, const char *value, const MgkEditSink *sink);
