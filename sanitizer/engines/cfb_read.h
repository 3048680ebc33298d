/* cfb_read.h - the strict reader of compound files ([MS-CFB]): storages and streams as every program must see them.
 *
 * A file is refused (MGK_ERROR_MALFORMED) when programs could read it in different ways or never end: a sector that
 * belongs to two chains, a chain with a loop or shorter than its stream, a directory entry reached twice, two entries
 * of one name in a storage. Free sectors, slack and entries that the tree does not reach are no part of what is read.
 */
#pragma once

#include <glib.h>

typedef struct MgkCfb MgkCfb;

typedef struct MgkCfbItem {
    char *path;      /* from the root, UTF-8, levels separated by "/" (a "/" in a name becomes U+FFFD), untrusted */
    gboolean stream; /* else a storage */
    gsize size;
    guint8 class_id[16]; /* as the file says; untrusted */
} MgkCfbItem;

/* data is borrowed and must outlive the reader. NULL with MGK_ERROR_MALFORMED, or MGK_ERROR_LIMIT (entries, depth). */
MgkCfb *mgk_cfb_open(const guint8 *data, gsize size, GError **error);
void mgk_cfb_free(MgkCfb *cfb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkCfb, mgk_cfb_free)

/* The items in the tree's order, the root storage not among them; borrowed. */
guint mgk_cfb_count(const MgkCfb *cfb);
const MgkCfbItem *mgk_cfb_item(const MgkCfb *cfb, guint index);
const guint8 *mgk_cfb_root_class(const MgkCfb *cfb); /* 16 bytes, borrowed */
/* The index of a stream by its path (any ASCII case), or -1. */
gint mgk_cfb_find(const MgkCfb *cfb, const char *path);
/* A stream's bytes; *ret_size of them. Owned by the caller (g_free); NULL when empty. Cannot fail: mgk_cfb_open() has
 * walked every chain. */
guint8 *mgk_cfb_read(const MgkCfb *cfb, guint index, gsize *ret_size);
