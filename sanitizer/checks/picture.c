#include "checks/picture.h"

#include "checks/checks.h"
#include "checks/data.h"

gboolean mgk_check_picture(const MgkJob *outer, const char *name, MgkFormatId format, const guint8 *data, gsize size,
                           GError **error)
{
    MgkJob job = {.data = data,
                  .size = size,
                  .name = name,
                  .policy = outer->policy,
                  .format = format,
                  .find = outer->find,
                  .priv = outer->priv};
    switch ((int)format) {
    case MGK_FORMAT_ID_png:
        return mgk_check_png(&job, error);
    case MGK_FORMAT_ID_jpeg:
        return mgk_check_jpeg(&job, error);
    case MGK_FORMAT_ID_gif:
        return mgk_check_gif(&job, error);
    case MGK_FORMAT_ID_svg:
        return mgk_check_svg(&job, error);
    case MGK_FORMAT_ID_emf:
        return mgk_check_emf(&job, error);
    case MGK_FORMAT_ID_wmf:
        return mgk_check_wmf(&job, error);
    default:
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "a picture of a kind that we never write");
        return FALSE;
    }
}
