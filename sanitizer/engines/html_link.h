/* html_link.h - where a link truly leads, the way a browser reads it (WHATWG URL, 4.4), and which host a text shows. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_LINK_NONE,      /* empty, or a place on the same page */
    MGK_LINK_DANGEROUS, /* a scheme that runs or opens something, or a Windows share */
    MGK_LINK_RELATIVE,  /* without base: a path of nobody knows which host */
    MGK_LINK_WEB,       /* http, https, ftp */
    MGK_LINK_MAIL,
    MGK_LINK_PLAIN, /* telephone and the like */
} MgkLinkKind;

typedef struct MgkLink {
    MgkLinkKind kind;
    char *url;   /* owned: ASCII without spaces, controls or <>, except letters of a host safe to show; may be NULL */
    char *host;  /* owned: WEB, MAIL: ASCII (punycode); else NULL */
    char *shown; /* owned: host as url shows it */
    char *user;  /* owned: what stood before @ in a WEB link and is left out of url; NULL when nothing did */
    gboolean mixed; /* host mixes scripts, or its letters look like others: shown as punycode */
} MgkLink;

/* Reads href the way a browser would. base: URL that relative ones start from, or NULL. */
void mgk_link_read(const char *href, const char *base, MgkLink *ret);
void mgk_link_clear(MgkLink *link);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkLink, mgk_link_clear)

/* The host that text names: after ://, of a www. name, of a mail address, of a bare domain, in this order; ASCII,
 * owned; NULL when it names none. Reads the first 512 bytes. */
char *mgk_link_named_host(const char *text);
/* Whether two ASCII hosts belong to one owner, as far as rules/domains.def tells. */
gboolean mgk_link_same_owner(const char *a, const char *b);
/* url as hxxps://host[.]example/…; owned. */
char *mgk_link_defang(const char *url);
/* A copy of text (UTF-8) in which addresses (http://…, www.…) are defanged, or replaced by word when it is not NULL;
 * owned; *ret_length without the NUL. */
char *mgk_link_defang_text(const char *text, gsize length, const char *word, gsize *ret_length);
