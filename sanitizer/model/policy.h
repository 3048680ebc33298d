/* policy.h - what the operator decided: actions by kind, limits, and a few choices. Plain data; policy_file.h reads
 * INI. */
#pragma once

#include "model/kind.h"
#include "model/limits.h"

typedef enum {
    MGK_PROFILE_STANDARD,
    MGK_PROFILE_TEXT,
    MGK_PROFILE_IMAGE,
    MGK_PROFILE_CONFIRM,
    MGK_N_PROFILES
} MgkProfile;

/* From lenient to strict: where several hold, the largest wins. */
typedef enum { MGK_MAIL_STANDARD, MGK_MAIL_TEXT_ONLY } MgkMailProfile;

/* A line of [mail.rules]: mails from and to such addresses get this profile. "*" stands for any characters; "": all. */
typedef struct MgkMailRule {
    char name[32], from[96], to[96];
    MgkMailProfile profile;
} MgkMailRule;

#define MGK_MAIL_RULES 48

/* How mails are converted. The strings are lists separated by spaces where the name is a plural. */
typedef struct MgkMailPolicy {
    MgkMailProfile profile;   /* STANDARD: text and cleaned attachments; TEXT_ONLY: attachments are listed and held */
    guint language;           /* of the notice: 0 Japanese, 1 English */
    guint links;              /* 0 keep, 1 defang, 2 remove */
    guint notice;             /* 0 in front of the text, 1 behind it */
    guint charset;            /* 0 UTF-8, 1 ISO-2022-JP where every character fits */
    guint width;              /* columns of text made from HTML */
    char subject_tag[64];     /* put before the subject, "" for none */
    char daily_word[64];      /* stands in the notice, unknown to senders; "" for none */
    char own_domains[1024];   /* domains of this organisation, for look-alike checks */
    char trusted_peers[1024]; /* addresses and networks of the hosts whose marks are believed */
    /* Believed although senders could write them: mgk_mail_policy_resolve() empties both unless the peer is trusted. */
    char trusted_headers[512];
    char authserv_ids[512]; /* whose Authentication-Results are kept */
    /* Of the mail in hand; not in the file. */
    char id[64];             /* under which its original is kept, "" for none */
    gboolean mixed_profiles; /* its recipients have different profiles */
} MgkMailPolicy;

/* How the mail filter behaves; section [milter]. 32-bit fields, bounds and meanings in policy_file.c. */
typedef struct MgkMilterPolicy {
    gboolean unclean_tempfail;  /* a mail that cannot be made safe: FALSE, a notice takes its place; TRUE, 451 */
    guint message_bytes;        /* largest mail, in and out; equal to Postfix's message_size_limit */
    guint sessions;             /* mails taken in at the same time */
    guint waiting;              /* mails waiting for a worker at the same time */
    guint queue_seconds;        /* how long one waits before 451 */
    guint clean_seconds;        /* how long one is worked on */
    guint attempts;             /* after so many failed tries a mail is held */
    guint cache_bytes;          /* results remembered for mails sent again */
    guint spool_free_megabytes; /* less free space than this: 451 */
    guint drain_seconds;        /* how long a stop waits for work to end */
    guint keep_days;            /* then originals go of which everything was delivered; 0: never */
    guint held_days;            /* then the others go as well; 0: never */
} MgkMilterPolicy;

/* Whether a virus scanner sees every object before its handler does. */
typedef enum { MGK_SCAN_OFF, MGK_SCAN_WHEN_AVAILABLE, MGK_SCAN_REQUIRED } MgkScan;

typedef struct MgkPolicy {
    guint8 actions[MGK_N_KINDS]; /* MgkAction by MgkKind */
    MgkLimits limits;
    MgkProfile profile;
    gboolean hold_on_member;        /* member_held = hold: a member that does not cross holds its container */
    guint pdf_dpi_min, pdf_dpi_max; /* resolution of rendered pages, dots per inch */
    gboolean pdf_outlines;          /* pages become drawings where they can, not pixels */
    gboolean html_image;            /* web pages leave as pictures of pages of their text */
    gboolean landlock_optional;     /* accept a kernel without Landlock (seccomp is never optional) */
    MgkScan scan;
    char clamd[104]; /* path of the ClamAV daemon's UNIX socket */
    MgkMailPolicy mail;
    guint n_mail_rules;
    MgkMailRule mail_rules[MGK_MAIL_RULES]; /* the first that fits counts */
    MgkMilterPolicy milter;
} MgkPolicy;

void mgk_policy_init(MgkPolicy *policy); /* the built-in safe defaults */
const char *mgk_profile_name(MgkProfile profile);
gboolean mgk_profile_from_name(const char *name, MgkProfile *ret_profile);
