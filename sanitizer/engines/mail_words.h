/* mail_words.h - the phrases of a converted mail (rules/mail_words.def), in the language of the policy. */
#pragma once

#include "model/policy.h"
#include "model/verdict.h"

typedef enum {
#define MGK_MAIL_WORD(id, ja, en) MGK_MAIL_WORD_##id,
#include "rules/mail_words.def"
#undef MGK_MAIL_WORD
    MGK_N_MAIL_WORDS
} MgkMailWord;

/* Static. */
const char *mgk_mail_word(const MgkPolicy *policy, MgkMailWord word);
/* Why something was held, as a sentence; static. */
const char *mgk_mail_reason(const MgkPolicy *policy, MgkReason reason);
