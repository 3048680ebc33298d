/* ppt_look.h - shared by checks/ppt*.c; not for others. */
#pragma once

#include "model/job.h"

typedef struct MgkPptLook {
    MgkJob *job;
    const guint8 *pictures; /* the stream, NULL when there is none */
    gsize pictures_size;
    guint entries;      /* of the store, so far */
    guint32 highest;    /* number of a picture that a shape shows */
    GHashTable *starts; /* where pictures begin; to their sizes */
    GHashTable *links;  /* numbers of links that exist */
    GHashTable *named;  /* numbers of objects that the document names, 0 */
    GHashTable *used;   /* numbers of links that actions name */
} MgkPptLook;

guint mgk_ppt_look_u16(const guint8 *p);
guint32 mgk_ppt_look_u32(const guint8 *p);
gboolean mgk_ppt_look_refuse(GError **error, const char *what);

/* checks/ppt_art.c: properties of a shape (count of them as the header says), an entry of the store, one picture's
 * record, the stream of pictures. FALSE with MGK_ERROR_MALFORMED. */
gboolean mgk_ppt_look_at_options(MgkPptLook *look, guint count, const guint8 *p, gsize size, GError **error);
gboolean mgk_ppt_look_at_entry(MgkPptLook *look, const guint8 *p, GError **error);
gboolean mgk_ppt_look_at_picture(MgkPptLook *look, const guint8 *p, gsize size, GError **error);
gboolean mgk_ppt_look_at_pictures(MgkPptLook *look, GError **error);
