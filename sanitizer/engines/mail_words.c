#include "engines/mail_words.h"

static const struct {
    const char *ja, *en;
} words[MGK_N_MAIL_WORDS] = {
#define MGK_MAIL_WORD(id, japanese, english) [MGK_MAIL_WORD_##id] = {.ja = japanese, .en = english},
#include "rules/mail_words.def"
#undef MGK_MAIL_WORD
};

static const char *const reasons[MGK_N_REASONS] = {
#define MGK_MAIL_REASON(id, ja) [MGK_REASON_##id] = ja,
#include "rules/mail_reasons.def"
#undef MGK_MAIL_REASON
};

const char *mgk_mail_word(const MgkPolicy *policy, MgkMailWord word)
{
    return policy->mail.language ? words[word].en : words[word].ja;
}

const char *mgk_mail_reason(const MgkPolicy *policy, MgkReason reason)
{
    if (policy->mail.language)
        return mgk_reason_text(reason);
    return reason < MGK_N_REASONS && reasons[reason] ? reasons[reason] : "処理できませんでした。";
}
