/* mail_draft.h - a converted mail while it grows: text, attachments, and what people must be told. */
#pragma once

#include "engines/mail_tidy.h"
#include "engines/mail_words.h"
#include "model/job.h"

#define MGK_MAIL_DETAILS_NAME "無害化結果.txt"

/* One attachment of the original, whatever became of it. */
typedef struct MgkMailItem {
    char *name; /* owned; as the sender named it, untrusted */
    gsize size;
    char sha256[65];
    MgkVerdict verdict;
    MgkReason reason;
    MgkFormatId format;
    char *output_name; /* owned; NULL when it does not cross */
    GBytes *output;    /* owned; likewise */
} MgkMailItem;

typedef struct MgkMailNote {
    guint count;
    GString *detail; /* owned; untrusted, tidy, "; " between; NULL for none */
} MgkMailNote;

typedef struct MgkMailDraft {
    MgkJob *job;       /* borrowed */
    GString *body;     /* owned */
    GPtrArray *items;  /* owned; of MgkMailItem* */
    GHashTable *names; /* owned; set of output names, case folded */
    MgkMailTally tally;
    MgkMailNote notes[MGK_N_MAIL_WORDS];
} MgkMailDraft;

MgkMailDraft *mgk_mail_draft_new(MgkJob *job);
void mgk_mail_draft_free(MgkMailDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkMailDraft, mgk_mail_draft_free)

/* Remembers a caution or remark for the notice and records the finding that belongs to it. detail: untrusted, may be
 * NULL. */
void mgk_mail_note(MgkMailDraft *draft, MgkMailWord word, const char *detail);
/* Has an attachment cleaned and adds it, or what became of it. name may be NULL; declared is a media type. refuse:
 * NONE, or why it is not even tried. FALSE when the whole job must end. */
gboolean mgk_mail_attach(MgkMailDraft *draft, const char *name, const char *declared, GBytes *bytes, MgkReason refuse,
                         GError **error);
/* Turns the tally into notes. */
void mgk_mail_draft_settle(MgkMailDraft *draft);
/* The lines beside the body, at most four, each beginning with our frame. Owned by the caller. */
char *mgk_mail_notice(const MgkMailDraft *draft);
/* The text of 無害化結果.txt (byte order mark, CRLF), NULL when there is nothing to tell. Owned by the caller. */
char *mgk_mail_details(const MgkMailDraft *draft);
