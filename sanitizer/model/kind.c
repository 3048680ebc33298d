#include "model/kind.h"

#include <string.h>

#define N_(text) text

static const MgkKindInfo kinds[MGK_N_KINDS] = {
#define MGK_KIND(id, kind_name, kind_level, kind_default, kind_allowed, kind_label, kind_text) \
    [MGK_KIND_##id] = {.name = kind_name, \
                       .level = MGK_LEVEL_##kind_level, \
                       .def = MGK_ACTION_##kind_default, \
                       .allowed = (kind_allowed), \
                       .label = kind_label, \
                       .text = kind_text},
#include "model/kinds.def"
#undef MGK_KIND
};

/* A row whose default is not among its allowed actions does not compile. */
#define MGK_KIND(id, kind_name, kind_level, kind_default, kind_allowed, kind_label, kind_text) \
    G_STATIC_ASSERT(((kind_allowed) >> MGK_ACTION_##kind_default) & 1u);
#include "model/kinds.def"
#undef MGK_KIND

static const char *const action_names[MGK_N_ACTIONS] = {"keep", "remove", "replace", "hold", "block"};
static const char *const level_names[MGK_N_LEVELS] = {"none", "changed", "attention"};

const MgkKindInfo *mgk_kind_info(MgkKind kind)
{
    g_return_val_if_fail(kind < MGK_N_KINDS, &kinds[0]);
    return &kinds[kind];
}

gboolean mgk_kind_from_name(const char *name, MgkKind *ret_kind)
{
    for (guint i = 0; i < MGK_N_KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_kind = (MgkKind)i;
            return TRUE;
        }
    }
    return FALSE;
}

const char *mgk_action_name(MgkAction action)
{
    g_return_val_if_fail(action < MGK_N_ACTIONS, "hold");
    return action_names[action];
}

gboolean mgk_action_from_name(const char *name, MgkAction *ret_action)
{
    for (guint i = 0; i < MGK_N_ACTIONS; i++) {
        if (strcmp(action_names[i], name) == 0) {
            *ret_action = (MgkAction)i;
            return TRUE;
        }
    }
    return FALSE;
}

const char *mgk_level_name(MgkLevel level)
{
    g_return_val_if_fail(level < MGK_N_LEVELS, "attention");
    return level_names[level];
}
