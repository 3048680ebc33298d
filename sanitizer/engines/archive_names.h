/* archive_names.h - the names of archives that do not say in which encoding they are. One archive has one maker, so all
 * names are looked at before the first is decoded: UTF-8 when all are, EUC-JP when they read better so, CP932 when all
 * can be, else CP437. */
#pragma once

#include <glib.h>

typedef struct MgkArchiveNames MgkArchiveNames;

MgkArchiveNames *mgk_archive_names_new(void);
void mgk_archive_names_free(MgkArchiveNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkArchiveNames, mgk_archive_names_free)

void mgk_archive_names_learn(MgkArchiveNames *names, const char *bytes, gsize size);
/* The name in UTF-8. Readers that took the second byte of a CP932 character (表, ソ …) for a backslash and made it a
 * slash are set right: a slash is no second byte. Owned by the caller. */
char *mgk_archive_names_decode(MgkArchiveNames *names, const char *bytes, gsize size);
