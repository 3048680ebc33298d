/* tnef.h - winmail.dat: Outlook's envelope (MS-OXTNEF) opened by an own bounded reader. */
#pragma once

#include <glib.h>

/* Reads an envelope: its files go to files (of MgkMailFile*, mail_render.h), its plain body to *ret_body (UTF-8, owned
 * by the caller, NULL when it has none). FALSE when the bytes are no sound envelope; files may then hold some. */
gboolean mgk_tnef_read(GBytes *bytes, GPtrArray *files, char **ret_body);
