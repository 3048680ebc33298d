/* mime_tree.h - a mail's structure as plain data: GMime finds the parts, everything said about them is read by
 * mail_header.h from the raw header lines. Nothing is decrypted, verified or fetched, and nothing of the input is ever
 * written back by GMime (its encoder of parameters can loop for ever). */
#pragma once

#include "engines/mail_header.h"
#include "model/error.h"

#define MGK_MIME_PARTS 200 /* in one mail, at all depths */
#define MGK_MIME_DEPTH 20

typedef struct MgkMimeField {
    const char *name, *raw; /* borrowed; raw: as it came, folds included */
} MgkMimeField;

typedef struct MgkMimePart MgkMimePart;
struct MgkMimePart {
    char *type;            /* owned; "text/plain", lower case; never empty */
    MgkMailParams *params; /* owned; of Content-Type */
    char *disposition;     /* owned; "attachment", "inline", "" … */
    char *name;            /* owned; file name, UTF-8, untrusted; NULL when it has none */
    char *content_id;      /* owned; without <>, or NULL */
    GArray *fields;        /* owned; of MgkMimeField: a message's header; empty for parts */
    GPtrArray *children;   /* owned; of MgkMimePart*; a message/rfc822 has its message's root as its only child */
    gpointer object;       /* borrowed; GMimeObject */
    gboolean message;      /* root of a message: fields are its header */
};

typedef enum {
    MGK_MIME_DUPLICATE = 1 << 0, /* a header field or parameter that must be unique is there twice */
    MGK_MIME_BROKEN = 1 << 1,    /* boundaries missing, header fields that are none, nothing where a part should be */
    MGK_MIME_TRUNCATED = 1 << 2, /* ends before its last boundary */
    MGK_MIME_TOO_DEEP = 1 << 3,
    MGK_MIME_TOO_MANY = 1 << 4,
} MgkMimeDefect;

typedef struct MgkMimeTree {
    MgkMimePart *root; /* owned */
    guint defects;     /* MgkMimeDefect */
    guint parts;
    gpointer message; /* owned; GMimeMessage */
    gpointer stream;  /* owned; GMimeStream over data */
} MgkMimeTree;

/* What GMime opens and registers at first use: reads a mail of our own. Called in the zygote. */
void mgk_mime_warm(void);
/* data must outlive the tree. Errors: MGK_ERROR_MALFORMED when there is no message, MGK_ERROR_LIMIT from 4 GiB. */
MgkMimeTree *mgk_mime_parse(const guint8 *data, gsize size, GError **error);
void mgk_mime_tree_free(MgkMimeTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkMimeTree, mgk_mime_tree_free)
/* The part's body, transfer encoding undone; empty for multiparts. Owned by the caller. */
GBytes *mgk_mime_part_bytes(const MgkMimePart *part);
/* What stands before the first (or after the last) boundary of a multipart; borrowed, may be NULL. */
const char *mgk_mime_part_outside(const MgkMimePart *part, gboolean after);
/* The first field of that name in a message's header, raw; NULL when there is none. *ret_count may be NULL. */
const char *mgk_mime_field(const MgkMimePart *part, const char *name, guint *ret_count);
