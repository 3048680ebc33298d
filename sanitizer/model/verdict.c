#include "model/verdict.h"

#define N_(text) text

static const char *const verdict_names[MGK_N_VERDICTS] = {
    [MGK_VERDICT_CONFIRMED] = "confirmed", [MGK_VERDICT_CLEANED] = "cleaned", [MGK_VERDICT_CONVERTED] = "converted",
    [MGK_VERDICT_HELD] = "held",           [MGK_VERDICT_BLOCKED] = "blocked",
};

static const struct {
    const char *name, *text;
} reasons[MGK_N_REASONS] = {
#define MGK_REASON(id, reason_name, reason_text) [MGK_REASON_##id] = {reason_name, reason_text},
#include "model/reasons.def"
#undef MGK_REASON
};

const char *mgk_verdict_name(MgkVerdict verdict)
{
    g_return_val_if_fail(verdict < MGK_N_VERDICTS, "held");
    return verdict_names[verdict];
}

const char *mgk_reason_name(MgkReason reason)
{
    g_return_val_if_fail(reason < MGK_N_REASONS, "internal");
    return reasons[reason].name;
}

const char *mgk_reason_text(MgkReason reason)
{
    g_return_val_if_fail(reason < MGK_N_REASONS, "");
    return reasons[reason].text;
}

gboolean mgk_verdict_crosses(MgkVerdict verdict)
{
    return verdict <= MGK_VERDICT_CONVERTED;
}

MgkVerdict mgk_verdict_worse(MgkVerdict a, MgkVerdict b)
{
    return a > b ? a : b; /* the enum is ordered by strictness */
}
