#include "model/error.h"

GQuark mgk_error_quark(void)
{
    return g_quark_from_static_string("mgk-error");
}
