/* member_names.h - where an archive's members go in the rebuilt archive: inside it, creatable anywhere, each once. */
#pragma once

#include <glib.h>

enum {
    MGK_MEMBER_ESCAPES = 1 << 0,  /* absolute, drive, network path, or .. */
    MGK_MEMBER_RENAMED = 1 << 1,  /* a component could not stay: reserved, stream, control or bidi characters … */
    MGK_MEMBER_COLLIDES = 1 << 2, /* the name was taken, perhaps in another case */
    MGK_MEMBER_TOO_DEEP = 1 << 3, /* more folders than any program unpacks */
};

typedef struct MgkMemberNames MgkMemberNames;

MgkMemberNames *mgk_member_names_new(void);
void mgk_member_names_free(MgkMemberNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkMemberNames, mgk_member_names_free)

/* The last component of a path as the archive has it (separators '/' and '\'), "" for none. Borrowed from path. */
const char *mgk_member_names_base(const char *path);
/* The output folder ("a/b/", "" for the top) of the member at path (UTF-8, untrusted); all of path when whole. One
 * input folder always gives one output folder; spellings that differ in case share it. Flags are or-ed into *flags.
 * Borrowed from names. */
const char *mgk_member_names_folder(MgkMemberNames *names, const char *path, gboolean whole, guint *flags);
/* A free path in an output folder for a file that wants this name (UTF-8, untrusted, no path); " (2)" and so on goes
 * before the extension. Owned by the caller. */
char *mgk_member_names_take(MgkMemberNames *names, const char *folder, const char *name, guint *flags);
