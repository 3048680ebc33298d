#include "store/record.h"

#include <string.h>

static const char *const origins[] = {
    [MGK_ORIGIN_MAIL] = "mail", [MGK_ORIGIN_IMPORT] = "import", [MGK_ORIGIN_BATCH] = "batch"};

static const char *const states[] = {
#define MGK_STATE(id, name, live) [MGK_STATE_##id] = name,
#include "store/states.def"
#undef MGK_STATE
};

const char *mgk_origin_name(MgkOrigin origin)
{
    return origins[origin];
}

gboolean mgk_origin_from_name(const char *name, MgkOrigin *ret_origin)
{
    for (guint i = 0; i < MGK_N_ORIGINS; i++) {
        if (strcmp(origins[i], name) == 0) {
            *ret_origin = (MgkOrigin)i;
            return TRUE;
        }
    }
    return FALSE;
}

const char *mgk_state_name(MgkState state)
{
    return states[state];
}

gboolean mgk_state_from_name(const char *name, MgkState *ret_state)
{
    for (guint i = 0; i < MGK_N_STATES; i++) {
        if (strcmp(states[i], name) == 0) {
            *ret_state = (MgkState)i;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean mgk_state_may_become(MgkState from, MgkState to)
{
    static const struct {
        MgkState from, to;
    } steps[] = {
#define MGK_STEP(from, to) {MGK_STATE_##from, MGK_STATE_##to},
#include "store/states.def"
#undef MGK_STEP
    };
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (steps[i].from == from && steps[i].to == to)
            return TRUE;
    }
    return FALSE;
}

void mgk_records_free(MgkRecords *records)
{
    if (!records)
        return;
    g_array_unref(records->records);
    g_string_chunk_free(records->text);
    g_ptr_array_unref(records->memory);
    g_free(records);
}

const MgkRecord *mgk_records_get(const MgkRecords *records, guint index)
{
    return &g_array_index(records->records, MgkRecord, index);
}
